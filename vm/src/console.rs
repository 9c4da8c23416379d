//! The console: an input tape with a position, and an output log (principles, section 6).

use std::sync::Arc;

/// The word that port 0 yields at the end of the tape.
const END_OF_TAPE: u32 = 0xffff_ffff;
const PORT_DATA: u32 = 0;
const PORT_STATUS: u32 = 1;

/// A console. Cloning one shares the tape and copies the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Console {
    input: Arc<[u8]>,
    position: usize,
    output: Vec<u8>,
    /// Bytes of output beyond which a run pauses.
    output_limit: u64,
}

impl Default for Console {
    fn default() -> Self {
        Console::new(Arc::from([]))
    }
}

impl Console {
    /// A console with `input` on its tape, at the start of it, and no limit to its output.
    #[must_use]
    pub fn new(input: Arc<[u8]>) -> Self {
        Console { input, position: 0, output: Vec::new(), output_limit: u64::MAX }
    }

    /// This console with a limit in bytes: the run pauses behind the step that exceeds it.
    #[must_use]
    pub fn with_output_limit(mut self, bytes: u64) -> Self {
        self.output_limit = bytes;
        self
    }

    /// What `in` reads from `port`; a read of port 0 consumes a byte of the tape.
    pub fn read(&mut self, port: u32) -> u32 {
        match port {
            PORT_DATA => match self.input.get(self.position) {
                Some(byte) => {
                    self.position += 1;
                    u32::from(*byte)
                }
                None => END_OF_TAPE,
            },
            PORT_STATUS => u32::try_from(self.input.len() - self.position).unwrap_or(u32::MAX),
            _ => 0,
        }
    }

    /// What `out` does with `value` at `port`.
    pub fn write(&mut self, port: u32, value: u32) {
        if port == PORT_DATA {
            self.output.push(value as u8);
        }
    }

    /// Whether more has been written than the limit allows.
    #[must_use]
    pub fn over_limit(&self) -> bool {
        self.output.len() as u64 > self.output_limit
    }

    /// Everything written so far.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// The whole tape.
    #[must_use]
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// Bytes of the tape that have been consumed.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}
