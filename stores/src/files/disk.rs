//! Reads, writes and replaces a single file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hardtack::{Error as SessionError, SessionKey, StoreError, Timestamp};

use super::Result;
use crate::error::{Error, ErrorKind};

/// Maximum length of a file, in bytes, when writing and reading: 8 MiB. In a folder that other users can write to, a
/// file may have any length.
pub(super) const MAX_FILE_LENGTH: usize = 8 * 1024 * 1024;

/// In the name of a file that is being written, it separates the session's file name from eight random characters. It
/// is Django's, so that each side recognizes files that the other has left behind.
pub(super) const WRITING: &str = "_out_";

/// The content of a file.
pub(super) struct Record {
    pub(super) text: String,
    pub(super) modified: Timestamp,
}

pub(super) fn read(path: &Path) -> Result<Option<Record>> {
    let unreadable = |reason| SessionError::UnreadableRecord { reason };
    let mut options = OpenOptions::new();
    options.read(true);
    // In a folder that other users can write to, the file may be one of their pipes, and reading it would never end.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = match options.open(path) {
        Err(error) if error.kind() == Io::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        Err(unreadable("not a regular file"))?;
    }
    let mut bytes = Vec::new();
    let most = MAX_FILE_LENGTH as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_FILE_LENGTH {
        Err(unreadable("larger than any session"))?;
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("not text"))?;
    let modified = metadata.modified().map_err(failed)?.into();
    Ok(Some(Record { text, modified }))
}

/// Writes a new file, which only its owner can read.
pub(super) fn write(path: &Path, text: &str, now: Timestamp) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes());
    written
        .and_then(|()| set_modified(&file, now))
        .inspect_err(|_| {
            // The first error matters more than this one. `clear_expired` deletes what is left.
            let _ = fs::remove_file(path);
        })
}

/// Sets the time of modification to the time of the save, which is not always the system's clock.
fn set_modified(file: &File, now: Timestamp) -> io::Result<()> {
    let since_epoch = u64::try_from(now.as_unix_nanos()).map(Duration::from_nanos);
    let modified = since_epoch
        .ok()
        .and_then(|time| SystemTime::UNIX_EPOCH.checked_add(time));
    file.set_modified(modified.ok_or(Io::InvalidInput)?)
}

/// Replaces a file. Returns `false` if there is none.
pub(super) fn update(path: &Path, text: &str, now: Timestamp) -> io::Result<bool> {
    // Without this check, each update of a session that has ended would write a file for nothing.
    if !fs::exists(path)? {
        return Ok(false);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("no random bytes"))?;
    let random: String = SessionKey::from_random(bytes)
        .as_str()
        .chars()
        .take(8)
        .collect();
    let mut writing = path.as_os_str().to_owned();
    writing.push(format!("{WRITING}{random}"));
    let writing = PathBuf::from(writing);
    write(&writing, text, now)?;
    let replaced = replace(&writing, path);
    // It may now hold the previous session. If it cannot be deleted, `clear_expired` deletes it later.
    let _ = fs::remove_file(&writing);
    match replaced {
        Err(error) if error.kind() == Io::NotFound => Ok(false),
        replaced => replaced.map(|()| true),
    }
}

/// Puts the new file in the place of the old one. Fails with `NotFound` if there is no old one, because it was just
/// deleted: a plain rename would bring the session back.
#[cfg(target_os = "linux")]
fn replace(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => replace_if_there(new, old),
        replaced => Ok(replaced?),
    }
}

#[cfg(not(target_os = "linux"))]
use replace_if_there as replace;

/// Replaces the file as Django does: one that is deleted between the two steps comes back.
fn replace_if_there(new: &Path, old: &Path) -> io::Result<()> {
    fs::metadata(old)?;
    fs::rename(new, old)
}

/// Converts an error of the file system. Its texts contain no path, so no key.
pub(super) fn failed(error: io::Error) -> StoreError<Error> {
    let code = error.raw_os_error().map(|code| code.to_string());
    let failed = Error::new("files", ErrorKind::FileSystem).with_source(error);
    StoreError::Store(match code {
        Some(code) => failed.with_code(code),
        None => failed,
    })
}
