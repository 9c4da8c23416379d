//! Running the program in a folder of its own.

// Each test program uses what it needs of it.
#![allow(dead_code)]

pub(crate) mod cross;

use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pg32"));
    command.args(args).current_dir(folder).env("INSTA_UPDATE", "no").env_remove("CI");
    command.stdin(Stdio::null());
    command
}

pub(crate) fn answer(command: &mut Command) -> Answer {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let status = status.code().expect("the program is not killed");
    Answer { status, stdout: text(stdout), stderr: text(stderr) }
}

pub(crate) fn pg32(folder: &Path, args: &[&str]) -> Answer {
    answer(&mut command(folder, args))
}

/// A folder with these files in it.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}
