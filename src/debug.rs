//! `pg32 debug`: a guest under gdb, forwards and backwards.

mod description;
mod gdb;

use crate::args::DebugArgs;
use crate::failure::{Failure, Status};
use crate::{guests, output};
use gdb::{Events, Target};
use gdbstub::stub::GdbStub;
use pg32_harness::Debugger;
use pg32_image::Image;
use pg32_vm::EngineKind;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;

/// Bytes of a file that are looked at to tell an ELF image.
const MAGIC: &[u8] = b"\x7fELF";

pub(crate) fn command(args: &DebugArgs) -> Result<Status, Failure> {
    let loaded = guests::load(&args.file, &args.source)?;
    let mut setup = guests::setup(&loaded, &args.machine)?;
    // Between stops it is single steps that count, and there compiled code is no help.
    setup.engine = args.machine.engine.unwrap_or(EngineKind::Fast);
    let monitors = args.monitor.map_or(Vec::new(), |kind| vec![kind; args.depth as usize]);
    let machine = setup.tower(&monitors).map_err(Failure::usage)?;
    let mut target = Target::new(Debugger::new(machine, setup.profile.clone(), args.machine.steps), setup);

    let address = address(&args.gdb);
    let fail = |e: std::io::Error| Failure::usage(format!("{address}: {e}"));
    let listener = TcpListener::bind(&address).map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    // Kept until gdb is gone.
    let symbols = symbols(&args.file, &loaded.image)?;
    let file = symbols.as_ref().map_or(args.file.as_path(), |file| file.path());
    output::talk(&format!(
        "waiting for gdb on {address}; next:\n  gdb-multiarch -q -ex 'target remote {address}' {}",
        file.display()
    ));
    let (connection, _) = listener.accept().map_err(fail)?;
    GdbStub::new(connection)
        .run_blocking::<Events>(&mut target)
        .map_err(|e| Failure::usage(format!("gdb: {e}")))?;
    Ok(Status::Holds)
}

/// `HOST:PORT`, or a port of this machine alone.
fn address(text: &str) -> String {
    match text.trim_start_matches(':').parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => text.to_owned(),
    }
}

/// A file with the guest's symbols and lines for gdb, unless the guest's own is one.
fn symbols(file: &Path, image: &Image) -> Result<Option<tempfile::NamedTempFile>, Failure> {
    let own = std::fs::File::open(file).ok().filter(|_| file.is_file());
    let starts_as_elf = own.is_some_and(|mut file| {
        let mut start = [0; 4];
        std::io::Read::read_exact(&mut file, &mut start).is_ok() && start == MAGIC
    });
    if starts_as_elf {
        return Ok(None);
    }
    let elf = image.to_elf().map_err(Failure::usage)?;
    let mut copy =
        tempfile::Builder::new().prefix("pg32-").suffix(".elf").tempfile().map_err(Failure::usage)?;
    copy.write_all(&elf).map_err(Failure::usage)?;
    Ok(Some(copy))
}
