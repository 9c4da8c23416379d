//! `pg32 debug` as gdb sees it: forwards and backwards, by lines, registers and storage.

mod tool;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use tool::{command, folder, pg32};

const GUEST: &str = "\
        .include \"pg32.inc\"
        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0x10000, trap, 0

        .text
        .globl  _start
_start: la      t0, user_psw
        lpsw    0(t0)
trap:   li      a2, 1
        la      t1, seen
        sw      a2, 0(t1)
        li      a0, 'k'
        out     a0, PORT_CONSOLE(zero)
        li      a0, 0
        halt

        .data
        .balign 4
user_psw: .word MODE_U, user_base, 0x100, 0, 0
seen:   .word   0
        .balign 4
user_base:
user:   li      a0, 42
        ecall
";

/// What gdb prints when it runs these commands against the guest, and the guest's console; none where there is no gdb.
fn gdb(args: &[&str], commands: &[&str]) -> Option<(String, String)> {
    let Ok(version) = Command::new("gdb-multiarch").arg("--version").output() else {
        println!("skipped: there is no gdb-multiarch here");
        return None;
    };
    assert!(version.status.success());
    let folder = folder(&[("guest.s", GUEST)]);
    let all: Vec<&str> =
        ["debug", "guest.s", "--gdb", "0", "--memory", "64K"].iter().chain(args).copied().collect();
    let mut server = command(folder.path(), &all);
    let mut server = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(server.stderr.take().expect("it is piped")).lines();
    let mut line = || lines.next().expect("a line").expect("it is text");
    let address = line().split_whitespace().nth(4).expect("an address").trim_end_matches(';').to_owned();
    // The command that is suggested is one that works.
    let suggested = line();
    assert!(suggested.contains(&format!("-ex 'target remote {address}' ")), "{suggested}");
    let symbols = suggested.split_whitespace().last().expect("a file");
    let mut gdb = Command::new("sh");
    gdb.args(["-c", "exec gdb-multiarch \"$@\" 2>&1", "sh"]);
    gdb.args(["-q", "-batch", "-nx", "-ex", "set confirm off", "-ex", &format!("target remote {address}")]);
    commands.iter().for_each(|command| {
        gdb.args(["-ex", command]);
    });
    let output = gdb.args(["-ex", "kill", symbols]).current_dir(folder.path()).stdin(Stdio::null()).output();
    let output = output.expect("gdb runs");
    let ended = server.wait_with_output().expect("it ends with gdb");
    assert!(ended.status.success());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&output.stdout), text(&ended.stdout)))
}

/// That these appear in this order.
#[track_caller]
fn in_order(told: &str, expected: &[&str]) {
    let mut rest = told;
    for piece in expected {
        match rest.split_once(piece) {
            Some((_, behind)) => rest = behind,
            None => panic!("`{piece}` does not follow in:\n{told}"),
        }
    }
}

#[test]
fn forwards_and_backwards() {
    for machine in [&[][..], &["--monitor", "trap-and-emulate", "--depth", "2"]] {
        let commands = [
            "break trap",
            "break *&user",
            "continue",
            "p $psw_m",
            "p $psw_pc",
            "p $psw_b == (unsigned)&user_base",
            "continue",
            "monitor trap",
            "monitor steps",
            "reverse-stepi",
            "p $a0",
            "monitor steps",
            "delete",
            "continue",
            "p $a0",
            "x/wx &seen",
            "reverse-continue",
            "monitor steps",
            "x/wx &seen",
            "info registers system",
        ];
        let Some((told, console)) = gdb(machine, &commands) else { return };
        let expected = [
            "_start () at guest.s:8",
            "Breakpoint 2, 0x000000c4 in user_base ()",
            "$1 = 1",
            "$2 = 0",
            "$3 = 1",
            "Breakpoint 1, trap () at guest.s:10",
            "supervisor call in u, PC=0x4, info=0x73",
            "5",
            "0x000000c8 in user_base ()",
            "$4 = 42",
            "4",
            "No more reverse-execution history",
            "halt",
            "$5 = 0",
            "0xc0:\t0x00000001",
            "No more reverse-execution history",
            "_start () at guest.s:8",
            "0",
            "0xc0:\t0x00000000",
            "psw_l          0x10000",
        ];
        in_order(&told, &expected);
        assert_eq!(console, "k", "what is run twice is shown once");
    }
}

#[test]
fn watchpoints_and_changes_by_hand() {
    let commands = [
        "watch *(int *)&seen",
        "continue",
        "monitor steps",
        "continue",
        "reverse-continue",
        "delete",
        "reverse-continue",
        "tbreak trap",
        "continue",
        "set var $pc = 0x84",
        "p $psw_pc",
        "set var *(int *)0x5000 = 77",
        "p *(int *)0x5000",
        "p *(int *)0x10000",
        "set var $psw_l = 0x100",
        "p $psw_l",
        "monitor state",
    ];
    let Some((told, _)) = gdb(&[], &commands) else { return };
    let expected = [
        "Hardware watchpoint 1",
        "Old value = 0",
        "New value = 1",
        "No more reverse-execution history",
        "Hardware watchpoint 1",
        "Old value = 1",
        "New value = 0",
        "No more reverse-execution history",
        "Temporary breakpoint 2, trap",
        "$1 = 132",
        "$2 = 77",
        "Cannot access memory at address 0x10000",
        "$3 = 256",
        "psw:     M=s B=0x0 L=0x100",
        "0x00005000  4d000000",
    ];
    in_order(&told, &expected);
}

#[test]
fn what_cannot_be_debugged_is_said() {
    let folder = folder(&[("guest.s", GUEST), ("bad.s", "_start: frob\n")]);
    let run = |args: &[&str]| pg32(folder.path(), &[&["debug"], args].concat());
    assert_eq!(run(&["bad.s"]).status, 3);
    assert_eq!(run(&["nowhere.s"]).status, 2);
    assert_eq!(run(&["guest.s", "--gdb", "nowhere at all"]).status, 2);
    assert_eq!(run(&["guest.s", "--gdb", "0", "--memory", "128"]).status, 2);
    assert_eq!(run(&["guest.s", "--gdb", "0", "--depth", "2"]).status, 2);
}
