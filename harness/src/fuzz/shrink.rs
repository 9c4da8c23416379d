//! A guest made small: lines taken away, operands made plain, as long as the guest still tells.

use super::guest::{Guest, Line, Word};
use pg32_isa::{Insn, Reg};

/// Guests that are tried at most.
const TRIES: usize = 6000;

/// The smallest guest found that `fails`, as `guest` does.
pub(super) fn shrink(guest: Guest, fails: &dyn Fn(&Guest) -> bool) -> Guest {
    let mut shrinker = Shrinker { best: guest, fails, tries: TRIES };
    loop {
        let before = shrinker.best.clone();
        shrinker.take_lines_away();
        shrinker.simplify_surroundings();
        shrinker.simplify_lines();
        if shrinker.best == before || shrinker.tries == 0 {
            return shrinker.best;
        }
    }
}

struct Shrinker<'a> {
    best: Guest,
    fails: &'a dyn Fn(&Guest) -> bool,
    tries: usize,
}

impl Shrinker<'_> {
    /// Keeps the guest if it still tells.
    fn offer(&mut self, guest: Guest) -> bool {
        if self.tries == 0 || guest == self.best {
            return false;
        }
        self.tries -= 1;
        let kept = (self.fails)(&guest);
        if kept {
            self.best = guest;
        }
        kept
    }

    /// Halves, quarters, … single lines, from the end: what comes last matters least.
    fn take_lines_away(&mut self) {
        let mut size = self.best.lines.len().div_ceil(2);
        while size > 0 {
            let mut end = self.best.lines.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut guest = self.best.clone();
                guest.lines.drain(start..end);
                self.offer(guest);
                end = start.min(self.best.lines.len());
            }
            size /= 2;
        }
    }

    fn simplify_surroundings(&mut self) {
        let changes: [fn(&mut Guest); 6] = [
            |guest| guest.input.clear(),
            |guest| guest.new.timer = 0,
            |guest| guest.new.status = 0,
            |guest| guest.new.base = 0,
            |guest| guest.new.limit = guest.memory,
            |guest| guest.memory = 1024,
        ];
        for change in changes {
            let mut guest = self.best.clone();
            change(&mut guest);
            self.offer(guest);
        }
    }

    fn simplify_lines(&mut self) {
        let mut at = 0;
        while at < self.best.lines.len() {
            for word in plainer(&self.best.lines[at].word) {
                let mut guest = self.best.clone();
                let label = guest.lines[at].label;
                guest.lines[at] = Line { label, word };
                if self.offer(guest) {
                    break;
                }
            }
            at += 1;
        }
    }
}

/// What a word may be instead, the plainest first.
fn plainer(word: &Word) -> Vec<Word> {
    match word {
        Word::Number(number) => [0, 1, number / 2, number - number % 4].map(Word::Number).to_vec(),
        Word::Address(label, base) if *base > 0 => vec![Word::Address(*label, 0)],
        Word::Address(..) => Vec::new(),
        Word::To(insn, label) => {
            let registers = [Insn { rs1: Reg::ZERO, ..*insn }, Insn { rs2: Reg::ZERO, ..*insn }];
            registers.into_iter().map(|insn| Word::To(insn, *label)).collect()
        }
        Word::Insn(insn) => {
            let changed = [
                Insn { rs1: Reg::ZERO, rs2: Reg::ZERO, imm: 0, ..*insn },
                Insn { imm: 0, ..*insn },
                Insn { imm: insn.imm / 2, ..*insn },
                Insn { rs1: Reg::ZERO, ..*insn },
                Insn { rs2: Reg::ZERO, ..*insn },
                Insn { rd: Reg::ZERO, ..*insn },
            ];
            changed
                .into_iter()
                .filter(|new| Insn::decode(new.encode()) == Some(*new))
                .map(Word::Insn)
                .collect()
        }
    }
}
