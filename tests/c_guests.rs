//! The runtime for C programs and the environment of riscv-tests, as their own files say they are built, on every
//! engine and under every monitor. Without the cross compiler these tests skip.

mod tool;

use std::process::Command;
use tool::cross::{Expected, available, build, everywhere, path, preprocess};
use tool::folder;

const FREESTANDING: &[&str] = &["-O2", "-ffreestanding", "-nostdlib", "-T", "kernel.ld"];

#[test]
fn a_kernel_in_c() {
    if !available(&[]) {
        return;
    }
    let out = folder(&[]);
    let sources = ["start.S", "runtime.c", "hello.c", "-lgcc"];
    let args = [FREESTANDING, &sources].concat();
    build(&path("samples/c"), &args, &out.path().join("hello.elf")).unwrap();
    let output = "Hello from C\nand back";
    let expected = Expected { a0: 8, output, input: Some("and back") };
    everywhere(out.path(), "hello.elf", expected).unwrap();
}

#[test]
fn an_application_in_c_and_its_kernel() {
    if !available(&[]) {
        return;
    }
    let out = folder(&[]);
    let here = path("samples/c");
    let elf = out.path().join("app.elf");
    let app = ["-O2", "-ffreestanding", "-nostdlib", "-T", "app.ld"];
    let sources = ["app_start.S", "runtime.c", "app.c", "-lgcc"];
    build(&here, &[&app[..], &sources].concat(), &elf).unwrap();
    let mut objcopy = Command::new("riscv64-unknown-elf-objcopy");
    objcopy.args(["-O", "binary", "app.elf", "app.bin"]).current_dir(out.path());
    assert!(objcopy.status().unwrap().success());
    let folder_of_app = format!("-Wa,-I{}", out.path().display());
    let sources = [&*folder_of_app, "start.S", "os_trap.S", "runtime.c", "os.c", "-lgcc"];
    build(&here, &[FREESTANDING, &sources].concat(), &out.path().join("os.elf")).unwrap();
    let expected = Expected { a0: 45, output: "123456789\n", input: None };
    everywhere(out.path(), "os.elf", expected).unwrap();
}

/// Every function of the runtime against a loop that says what it is to do, at every alignment, for lengths
/// around everything that it does in larger steps; what lies beside must not change.
const MEMORY_FUNCTIONS: &str = r#"
#include <stddef.h>
void *memcpy(void *, const void *, size_t); void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t); int memcmp(const void *, const void *, size_t); size_t strlen(const char *);
typedef unsigned char byte;
static byte a[80], b[80], c[80];
static void fill(byte *p) { for (int i = 0; i < 80; i++) p[i] = 37 * i + 11; }
static int differ(void) { for (int i = 0; i < 80; i++) if (a[i] != b[i]) return 1; return 0; }
int main(void)
{
    for (int to = 0; to < 5; to++) for (int from = 0; from < 5; from++) for (int n = 0; n < 40; n++) {
        fill(a), fill(b), fill(c);
        for (volatile int i = 0; i < n; i++) b[20 + to + i] = c[from + i];
        if (memcpy(a + 20 + to, c + from, n) != a + 20 + to || differ()) return 1;
        fill(a), fill(b);
        for (volatile int i = 0; i < n; i++) b[20 + to + i] = c[20 + from + i];
        if (memmove(a + 20 + to, a + 20 + from, n) != a + 20 + to || differ()) return 2;
        fill(a), fill(b);
        for (volatile int i = 0; i < n; i++) b[to + i] = from;
        if (memset(a + to, from + 0x100, n) != a + to || differ()) return 3;
        fill(a), fill(b);
        for (int i = 0; i < n; i++) b[from + i] = a[to + i];
        if (memcmp(a + to, b + from, n) != 0) return 4;
        if (n > from) {
            a[to + n - 1] = 200, b[from + n - 1] = 100, a[to + n] = 1, b[from + n] = 2;
            if (memcmp(a + to, b + from, n) <= 0 || memcmp(b + from, a + to, n) >= 0) return 5;
        }
        for (volatile int i = 0; i < n; i++) a[to + i] = 1 + i;
        a[to + n] = 0;
        if (strlen((char *)a + to) != (size_t)n) return 6;
    }
    return 0;
}
"#;

#[test]
fn the_memory_functions_do_what_c_says() {
    if !available(&[]) {
        return;
    }
    let out = folder(&[("test.c", MEMORY_FUNCTIONS)]);
    let source = out.path().join("test.c");
    let source = source.to_string_lossy();
    let sources = ["-fno-builtin", "start.S", "runtime.c", &source, "-lgcc"];
    let args = [FREESTANDING, &sources].concat();
    build(&path("samples/c"), &args, &out.path().join("test.elf")).unwrap();
    everywhere(out.path(), "test.elf", Expected::PASS).unwrap();
}

const WITH_A_LIBRARY: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
    char *text = malloc(100), *never = malloc(64 << 20);
    int c, n = 0;
    while ((c = getchar()) != EOF) text[n++] = c;
    printf("%s %d %.2f\n", strrev(text) ? text : "", n, n / 3.0);
    if (never || strchr(text, 'x')) abort();
    exit(n);
}
"#;

#[test]
fn a_whole_c_library() {
    if !available(&["-specs=picolibc.specs"]) {
        return;
    }
    // No strrev in standard C: the program brings its own.
    let reverse = "#include <string.h>\nchar *strrev(char *s) { for (char *a = s, *b = s + strlen(s); a < b; a++) { char c = *a; *a = *--b; *b = c; } return s; }";
    let program = format!("char *strrev(char *);\n{WITH_A_LIBRARY}");
    let out = folder(&[("program.c", &program), ("reverse.c", reverse)]);
    let [program, reverse] = ["program.c", "reverse.c"].map(|file| out.path().join(file));
    let sources = ["start.S", "picolibc.c", &program.to_string_lossy(), &reverse.to_string_lossy(), "-lm"];
    let flags = ["-O2", "-specs=picolibc.specs", "-nostartfiles", "-T", "kernel.ld"];
    build(&path("samples/c"), &[&flags[..], &sources].concat(), &out.path().join("program.elf")).unwrap();
    let expected = Expected { a0: 5, output: "edcba 5 1.67\n", input: Some("abcde") };
    everywhere(out.path(), "program.elf", expected).unwrap();
}

/// A test as riscv-tests writes them, whose test 3 is `$body`.
fn environment(body: &str) -> String {
    format!(
        r#"
#include "riscv_test.h"

RVTEST_RV32U
RVTEST_CODE_BEGIN
#define TEST(n, code...) test_ ## n: li TESTNUM, n; code

  TEST(2, li x14, 5; bne x14, x14, fail;)
  TEST(3, {body};)
  bne x0, TESTNUM, pass;
fail: RVTEST_FAIL;
pass: RVTEST_PASS

RVTEST_CODE_END

  .data
RVTEST_DATA_BEGIN
  .word 1
RVTEST_DATA_END
"#
    )
}

#[test]
fn the_environment_of_riscv_tests_tells_how_a_test_ended() {
    if !available(&[]) {
        return;
    }
    let cases = [
        ("la x1, begin_signature; lw x1, 0(x1); li x2, 1; bne x1, x2, fail", 0),
        ("li x1, 1; beqz x1, fail; bnez x1, fail", 3),
        ("li x1, -8; lw x1, 0(x1)", 256 * 5 + 3),
        ("ebreak", 256 * 2 + 3),
        ("rdcycle x1", 256 * 3 + 3),
        (".insn r CUSTOM_0, 2, 1, x1, x0, x0", 256 * 4 + 3),
    ];
    for (body, a0) in cases {
        let out = folder(&[("test.S", &environment(body))]);
        let environment = format!("-I{}", path("samples/riscv-tests").display());
        let script = path("samples/c/kernel.ld");
        let gnu = ["-nostdlib", "-T", &script.to_string_lossy(), &environment, "test.S"];
        build(out.path(), &gnu, &out.path().join("gnu.elf")).unwrap();
        everywhere(out.path(), "gnu.elf", Expected { a0, ..Expected::PASS }).unwrap();
        if body.contains("rdcycle") {
            continue; // An instruction that our assembler rightly does not know.
        }
        preprocess(out.path(), &[&environment], "test.S", &out.path().join("ours.s")).unwrap();
        everywhere(out.path(), "ours.s", Expected { a0, ..Expected::PASS }).unwrap();
    }
}
