//! Files written whole or not at all.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

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
    builder.prefix(PREFIX);
    readable_by_others(&mut builder);
    // The temporary file's name, which these errors tell, is nobody's business and another one each time.
    let nameless = |error: std::io::Error| std::io::Error::from(error.kind());
    let mut temporary = builder.tempfile_in(folder).map_err(nameless)?;
    temporary.write_all(bytes).map_err(nameless)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|e| e.error)?;
    Ok(())
}

/// What names of temporary files begin with.
const PREFIX: &str = ".pg32-";
/// Writing a file takes moments; what is older than this was left by a run that was killed.
const STALE: Duration = Duration::from_secs(600);

/// Whether a file is one that a killed run left unfinished.
pub(crate) fn is_leftover(entry: &std::fs::DirEntry) -> bool {
    let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
    entry.file_name().to_string_lossy().starts_with(PREFIX) && age().is_some_and(|age| age > STALE)
}

/// Temporary files are their owner's alone; these become ordinary ones, as the umask has it.
#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_: &mut tempfile::Builder<'_, '_>) {}
