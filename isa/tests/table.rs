//! What must hold of the whole table, whatever rows it has.

use pg32_isa::{Action, BUILTIN_PROFILES, Extension, Insn, Op, Profile, Reg};

#[test]
fn fixed_bits_lie_within_the_mask() {
    for op in Op::ALL {
        assert_eq!(op.bits() & !op.format().mask(), 0, "{}", op.mnemonic());
    }
}

#[test]
fn no_word_is_two_instructions() {
    for a in Op::ALL {
        for b in Op::ALL {
            let common = a.format().mask() & b.format().mask();
            assert!(
                a == b || a.bits() & common != b.bits() & common,
                "{} and {} overlap",
                a.mnemonic(),
                b.mnemonic()
            );
        }
    }
}

#[test]
fn mnemonics_are_unique_and_found() {
    for op in Op::ALL {
        assert_eq!(Op::parse(op.mnemonic()), Some(op));
    }
    assert_eq!(Op::parse("mret"), None);
}

/// Decoding is compared with a search through all rows, encoding with the word it came from.
#[test]
fn decode_agrees_with_the_rows_and_encode_inverts_it() {
    let mut word = 0x9e37_79b9_u32;
    for round in 0..3_000_000_u32 {
        word = word.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        // Every second word is near a row, so that each instruction is met often.
        let near = Op::ALL[round as usize % Op::ALL.len()];
        let candidate = if round % 2 == 0 {
            word.rotate_left(round % 32)
        } else {
            near.bits() | word & !near.format().mask()
        };
        let by_rows = Op::ALL.into_iter().find(|op| candidate & op.format().mask() == op.bits());
        assert_eq!(Op::decode(candidate), by_rows, "{candidate:#010x}");
        if let Some(insn) = Insn::decode(candidate) {
            assert_eq!(insn.encode(), candidate, "{insn}");
        }
    }
}

#[test]
fn every_immediate_survives_its_encoding() {
    for op in Op::ALL {
        let Some(range) = op.format().immediate() else { continue };
        let shift = if op.format() == pg32_isa::Format::Upper { 12 } else { 0 };
        let step = usize::try_from(range.step).unwrap() * if range.max > 100_000 { 97 } else { 1 };
        for value in (range.min..=range.max).step_by(step).chain([range.max]) {
            let insn = Insn { imm: value << shift, ..Insn::new(op) };
            assert_eq!(Insn::decode(insn.encode()), Some(insn));
        }
    }
}

#[test]
fn registers_have_all_their_names() {
    for reg in Reg::all() {
        assert_eq!(Reg::parse(reg.name()), Some(reg));
        assert_eq!(Reg::parse(&format!("x{}", reg.number())), Some(reg));
    }
    assert_eq!(Reg::parse("fp"), Reg::parse("s0"));
    for wrong in ["x32", "x00", "x01", "x", "a8", "", "x+1", "pc"] {
        assert_eq!(Reg::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn profiles_are_about_system_instructions_only() {
    for row in BUILTIN_PROFILES {
        let profile = Profile::builtin(row.name).unwrap();
        for op in Op::ALL {
            let listed = row.exceptions.iter().find(|(o, _)| *o == op).map(|(_, action)| *action);
            let expected = match op.extension() {
                Extension::System => listed.unwrap_or(Action::Trap),
                Extension::Rv32i | Extension::M => Action::Execute,
            };
            assert_eq!(profile.action(op), expected, "{} {}", row.name, op.mnemonic());
        }
    }
}

#[test]
fn the_table_has_everything() {
    let count = |extension| Op::ALL.into_iter().filter(|op| op.extension() == extension).count();
    assert_eq!((count(Extension::Rv32i), count(Extension::M), count(Extension::System)), (41, 8, 13));
}
