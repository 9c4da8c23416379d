//! GNU objdump reads the words that the table encodes, and reads in them what we print.

mod tools;

use pg32_isa::{Extension, Insn, Op, Reg};
use tools::{Random, available, output, scratch};

const OBJDUMP: &str = "riscv64-unknown-elf-objdump";

/// Random operands within the ranges of the format; the bounds of the immediate come first.
fn operands(r: &mut Random, op: Op, round: u32) -> Insn {
    let imm = op.format().immediate().map_or(0, |range| {
        let values = (range.max - range.min) / range.step + 1;
        let value = match round {
            0 => range.min,
            1 => range.max,
            _ => range.min + range.step * r.below(values as u32) as i32,
        };
        if matches!(op, Op::Lui | Op::Auipc) { value << 12 } else { value }
    });
    let mut reg = || Reg::new(r.below(32) as u8);
    // Only what the format has is encoded.
    let insn = Insn { op, rd: reg(), rs1: reg(), rs2: reg(), imm };
    match op {
        // objdump knows the ordinary forms only.
        Op::Fence => Insn { imm: (1 + r.below(255) as i32) | 0x11, ..Insn::new(op) },
        Op::FenceI => Insn::new(op),
        _ => Insn::decode(insn.encode()).expect("what was encoded decodes"),
    }
}

/// The text of an instruction as words and values: spaces and bases of numbers do not matter.
fn tokens(text: &str) -> Vec<String> {
    let code = text.split(" #").next().unwrap_or("");
    code.split([' ', '\t', ',', '(', ')'])
        .filter(|token| !token.is_empty())
        .map(|token| {
            let number = match token.strip_prefix("0x") {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => token.parse::<i32>().ok().map(|n| n as u32),
            };
            number.map_or_else(|| token.to_owned(), |n| n.to_string())
        })
        .collect()
}

#[test]
fn every_row_reads_alike() {
    if !available(&[OBJDUMP]) {
        return;
    }
    let mut r = Random(1);
    let insns: Vec<Insn> = (0..40)
        .flat_map(|round| Op::ALL.map(|op| (op, round)))
        .map(|(op, round)| operands(&mut r, op, round))
        .collect();
    let file = scratch("objdump", "words.bin");
    let bytes: Vec<u8> = insns.iter().flat_map(|insn| insn.encode().to_le_bytes()).collect();
    std::fs::write(&file, bytes).unwrap();
    let file = file.to_str().unwrap();
    // The file lies where no target wraps around zero.
    let start = 0x20_0000;
    let adjust = format!("--adjust-vma={start:#x}");
    let listing = output(OBJDUMP, &["-D", "-bbinary", "-mriscv:rv32", "-Mno-aliases", &adjust, "-z", file]);
    let listing = String::from_utf8(listing).unwrap();
    let lines: Vec<&str> = listing.lines().filter_map(|line| line.splitn(3, '\t').nth(2)).collect();
    assert_eq!(lines.len(), insns.len(), "one line per word");
    for (index, (insn, line)) in insns.into_iter().zip(lines).enumerate() {
        if insn.op.extension() == Extension::System {
            // custom-0 is nobody's: objdump must not take it for a standard instruction.
            let word = insn.encode().to_string();
            assert_eq!(tokens(line).last(), Some(&word), "{insn} is {line}");
            continue;
        }
        let ours = insn.display_at(start + 4 * index as u32).to_string();
        assert_eq!(tokens(&ours), tokens(line), "{ours} is {line}");
    }
}
