//! Files written whole or not at all.

use std::io::Write;
use std::path::Path;

/// Writes `bytes` to `file`: into a temporary neighbour, which then takes the file's name, so that a full disk, a
/// run that is killed, and two runs at once leave either the old file or the new one. What is no regular file (a
/// pipe, a terminal) is written to as it is.
///
/// # Errors
/// If the folder or the file cannot be written to; the old file is then as it was.
pub fn write_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        let mut open = std::fs::OpenOptions::new().write(true).open(file)?;
        return open.write_all(bytes);
    }
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pg32-");
    readable_by_others(&mut builder);
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|e| e.error)?;
    Ok(())
}

/// Temporary files are their owner's alone; these become ordinary ones, as the umask has it.
#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_: &mut tempfile::Builder<'_, '_>) {}
