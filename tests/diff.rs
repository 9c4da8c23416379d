//! `pg32 diff`: states, snapshots, folders of them.

mod tool;

use tool::{folder, pg32};

const KERNEL: &str = "\
        .section .trap
        .space 32
        .word 0, 0, 0x1000, handler, 0
        .text
_start: la s0, buffer
        li s1, 0x11
        li s2, 40
fill:   sb s1, 0(s0)
        addi s0, s0, 1
        addi s2, s2, -1
        bnez s2, fill
        lw t0, other
        la t1, patched
        sw t0, 0(t1)
        ecall
patched: nop
        li a0, 0
        halt
handler: li a1, 'A'
        out a1, 0(zero)
        lw t0, 12(zero)
        addi t0, t0, 4
        sw t0, 12(zero)
        lpsw 0(zero)
other:  addi s3, s3, 5
        .bss
buffer: .space 64
";

/// The same with a second system call, another letter, other bytes, and another patch.
fn changed() -> String {
    let text = KERNEL.replace("'A'", "'B'").replace("        ecall\n", "        ebreak\n        ecall\n");
    text.replace("0x11", "0x22").replace("s3, s3, 5", "s3, s3, 6")
}

#[test]
fn snapshots_are_compared_part_by_part() {
    let folder =
        folder(&[("a/k.s", KERNEL), ("b/k.s", &changed()), ("b/extra.s", "_start: li a0, 0\n halt\n")]);
    let path = folder.path();
    let config = "memory = \"4K\"\n";
    for suite in ["a", "b"] {
        std::fs::write(path.join(suite).join("pg32.toml"), config).expect("a file");
        assert_eq!(pg32(path, &["test", suite, "--accept"]).status, 0);
    }
    let (a, b) = ("a/snapshots/k.snap", "b/snapshots/k.snap");
    let answer = pg32(path, &["diff", a, b]);
    assert_eq!(answer.status, 1);
    insta::assert_snapshot!("diff_snapshots", answer.stdout);
    assert_eq!(pg32(path, &["diff", a, a]).status, 0);
    let folders = pg32(path, &["diff", "a/snapshots", "b/snapshots"]);
    assert_eq!(folders.status, 1);
    assert!(
        folders.stdout.starts_with("extra.snap: only in B\nk.snap: differs\n  steps: "),
        "{}",
        folders.stdout
    );
    assert_eq!(pg32(path, &["diff", "a/snapshots", "a/snapshots"]).status, 0);
    let json = pg32(path, &["diff", "a/snapshots", "b/snapshots", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!((&json[0]["file"], &json[0]["result"]), (&"extra.snap".into(), &"only in B".into()));
    // One that cannot be read keeps nobody from seeing the others.
    std::fs::write(path.join("b/snapshots/broken.snap"), "no snapshot").expect("a file");
    std::fs::write(path.join("a/snapshots/broken.snap"), "no snapshot").expect("a file");
    let trouble = pg32(path, &["diff", "a/snapshots", "b/snapshots"]);
    assert_eq!((trouble.status, &trouble.stdout), (2, &folders.stdout));
    assert!(trouble.stderr.contains("broken.snap: neither a snapshot nor a state"), "{}", trouble.stderr);
    std::fs::remove_file(path.join("a/snapshots/broken.snap")).expect("it was there");
    std::fs::remove_file(path.join("b/snapshots/broken.snap")).expect("it was there");
    let page = pg32(path, &["diff", "a/snapshots", "b/snapshots", "--format", "html"]).stdout;
    assert!(page.contains("k.snap: differs") && page.trim_end().ends_with("</html>"));
    for (args, status) in [(["diff", "a", a], 2), (["diff", "a", "nowhere"], 2), (["diff", a, "a/k.s"], 2)] {
        assert_eq!(pg32(path, &args).status, status, "{args:?}");
    }
}

#[test]
fn states_are_named_by_an_image() {
    let folder = folder(&[("k.s", KERNEL)]);
    let path = folder.path();
    for (name, steps) in [("a.json", "5"), ("b.json", "500")] {
        let state = pg32(path, &["run", "k.s", "--memory", "4K", "--state", "json", "--steps", steps]).stdout;
        std::fs::write(path.join(name), state).expect("a file");
    }
    let answer = pg32(path, &["diff", "a.json", "b.json", "--image", "k.s"]);
    assert_eq!(answer.status, 1);
    insta::assert_snapshot!("diff_states", answer.stdout);
}

/// Storage filled beyond what a snapshot shows row by row still tells how far it was filled.
#[test]
fn how_far_equal_rows_go_is_part_of_a_snapshot() {
    let fill = |end: &str| {
        format!(
            "#: memory = \"16K\"\n_start: li s0, 0x1000\n li s1, {end}\n li a1, -1\nn: sw a1, 0(s0)\n addi s0, s0, 4\n bne s0, s1, n\n li s0, 0\n li s1, 0\n li a0, 0\n halt\n"
        )
    };
    let folder = folder(&[("s/fill.s", &fill("0x2000"))]);
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0);
    let text = std::fs::read_to_string(folder.path().join("s/snapshots/fill.snap")).expect("it was written");
    assert!(text.contains("\n  * as far as 0x00002000\n"), "{text}");
}
