//! Sessions in files (`django/contrib/sessions/backends/file.py`).

mod disk;

use std::fs::{self, DirEntry, ReadDir};
use std::io::{self, ErrorKind as Io};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hardtack::{
    Clear, Error as SessionError, Found, Load, RecordCodec, SESSION_COOKIE_NAME, Save, Session,
    SessionKey, SessionStore, StoreError, Timestamp,
};
use tokio::task::spawn_blocking;

use crate::error::Error;
use disk::{MAX_FILE_LENGTH, Record, WRITING, failed, read, update, write};

type Result<T> = std::result::Result<T, StoreError<Error>>;

/// A session with less time left counts as ended. Django counts whole seconds here (`get_expiry_age`).
const MIN_TIME_LEFT: Duration = Duration::from_secs(1);

/// Keeps each session in a file, as Django's engine `file` does, in Django's folder (`SESSION_FILE_PATH`).
///
/// A file's name is the name of the cookie and the session key. Its text is a record ([`RecordCodec`]), and its time of
/// modification is the time of the save. A session ends at its own expiry, or otherwise when it has not been saved for
/// the age in the settings ([`Load::default_age`]); [`Save::expires_at`] is not kept. If a session's own expiry is a
/// number of seconds, it counts from the last save; in Django's engine, such a session never ends. The folder must
/// exist, and this process and Django must run as the same user, because only the owner can read the files.
///
/// - A session's file is replaced in one step, so a reader sees the old session or the new one.
/// - An update does not bring back a session that another request, or Django, deletes at the same time. This needs
///   Linux's `renameat2`. On other systems, and on file systems without it (NFS), the store checks that the file exists
///   before it replaces it, as Django does, and a session that is deleted between these two steps comes back.
/// - [`clear_expired`](SessionStore::clear_expired) deletes expired sessions, and the files that an interrupted save
///   has left behind: empty ones, and those that were never renamed, if they are older than the age. It leaves other
///   files alone, and also sessions that it cannot read, so that a wrong key does not delete a site's sessions. If there
///   are only files left that it may not delete, it fails.
///
/// All methods must be called in a tokio runtime. They run on its threads for blocking work.
///
/// ```
/// use hardtack::{KeyRing, RecordCodec, SecretKey};
/// use hardtack_stores::Files;
///
/// # let secret_key = "an-example-of-50-characters-or-so-made-by-a-generator";
/// let keys = KeyRing::new(SecretKey::new(secret_key)?);
/// let store = Files::new("/var/lib/site/sessions", RecordCodec::new(keys)); // SESSION_FILE_PATH
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "SESSION_FILE_PATH")]
pub struct Files {
    folder: PathBuf,
    prefix: String,
    codec: RecordCodec,
    /// Where the last batch of `clear_expired` stopped, so that the next one does not read the same files again.
    scan: Arc<Mutex<Option<ReadDir>>>,
}

impl Files {
    /// Creates a store that keeps its sessions in a folder.
    pub fn new(folder: impl Into<PathBuf>, codec: RecordCodec) -> Self {
        Self {
            folder: folder.into(),
            prefix: SESSION_COOKIE_NAME.to_owned(),
            codec,
            scan: Arc::default(),
        }
    }

    /// Sets the prefix of the files' names, which is the name of the site's cookie (`SESSION_COOKIE_NAME`). Defaults to
    /// [`SESSION_COOKIE_NAME`].
    ///
    /// As in Django, nothing separates it from the key. If two cookies share a folder and one name begins with the other,
    /// such as `session` and `sessionsite`, a user can send the key of one as a longer key of the other, and clearing one
    /// deletes sessions of the other. Use two folders, or give each a salt of its own ([`RecordCodec::with_salt`]), which in
    /// Django needs a subclass of the engine.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            ..self
        }
    }

    /// Counts the files that [`clear_expired`](SessionStore::clear_expired) would delete. `default_age` is the age at
    /// which a session without its own expiry ends.
    ///
    /// # Errors
    ///
    /// [`StoreError::Store`]: the folder cannot be read.
    pub async fn count_expired(
        &self,
        now: impl Into<Timestamp>,
        default_age: Duration,
    ) -> Result<u64> {
        let (store, now) = (self.clone(), now.into());
        let count = move || {
            let mut count = 0;
            for entry in fs::read_dir(&store.folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                count += u64::from(store.is_over(&entry, now, default_age));
            }
            Ok(count)
        };
        blocking(count).await
    }

    fn path(&self, key: &SessionKey) -> PathBuf {
        self.folder.join(format!("{}{}", self.prefix, key.as_str()))
    }

    fn encode(&self, save: Save<'_>) -> Result<String> {
        let text = self.codec.encode(save.session, save.now)?;
        if text.len() > MAX_FILE_LENGTH {
            Err(SessionError::TooLong {
                length: text.len(),
                limit: MAX_FILE_LENGTH,
            })?;
        }
        Ok(text)
    }

    /// Returns the session of a file, or `None` if it has ended.
    fn session(
        &self,
        file: &Record,
        default_age: Duration,
        now: Timestamp,
    ) -> Result<Option<Found>> {
        let session = match file.text.as_str() {
            // Django is creating this session, or was interrupted.
            "" => self.codec.new_session(),
            text => self.codec.decode(text)?,
        };
        let expires_at = session.expiry_date(file.modified, default_age)?;
        let is_over = expires_at < later(now, MIN_TIME_LEFT);
        let expires_at = Some(expires_at);
        Ok((!is_over).then_some(Found {
            session,
            expires_at,
        }))
    }

    /// Deletes up to `at_most` expired files. Returns 0 only if none in the whole folder can be deleted.
    fn clear(&self, clear: Clear) -> io::Result<u32> {
        let mut scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cleared = 0;
        let mut failure = None;
        let mut is_from_start = scan.is_none();
        let mut entries = scan.take().map_or_else(|| fs::read_dir(&self.folder), Ok)?;
        while cleared < clear.at_most {
            match entries.next() {
                Some(entry) => {
                    let entry = entry?;
                    if self.is_over(&entry, clear.now, clear.default_age) {
                        match fs::remove_file(entry.path()) {
                            Ok(()) => cleared += 1,
                            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                            Err(error) => failure = Some(error),
                        }
                    }
                }
                None if cleared > 0 => return Ok(cleared),
                None if is_from_start => return failure.map_or(Ok(0), Err),
                None => {
                    is_from_start = true;
                    entries = fs::read_dir(&self.folder)?;
                }
            }
        }
        *scan = Some(entries);
        Ok(cleared)
    }

    /// Returns whether a file should be cleared.
    fn is_over(&self, entry: &DirEntry, now: Timestamp, default_age: Duration) -> bool {
        let name = entry.file_name();
        let Some(name) = name
            .to_str()
            .and_then(|name| name.strip_prefix(&self.prefix))
        else {
            return false;
        };
        if SessionKey::parse(name).is_some() {
            let file = read(&entry.path()).ok().flatten();
            file.is_some_and(|file| matches!(self.session(&file, default_age, now), Ok(None)))
        } else if is_left_over(name) {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            modified.is_ok_and(|modified| later(modified.into(), default_age) < now)
        } else {
            false
        }
    }
}

impl SessionStore for Files {
    type Error = Error;

    fn new_session(&self) -> Session {
        self.codec.new_session()
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>> {
        let (folder, path) = (self.folder.clone(), self.path(load.key));
        match blocking(move || or_no_folder(read(&path)?, &folder)).await? {
            Some(file) => self.session(&file, load.default_age, load.now),
            None => Ok(None),
        }
    }

    async fn create(&self, save: Save<'_>) -> Result<bool> {
        let (text, path, now) = (self.encode(save)?, self.path(save.key), save.now);
        // No other request knows the key before the response, so the file can be written in its place.
        blocking(move || match write(&path, &text, now) {
            Err(error) if error.kind() == Io::AlreadyExists => Ok(false),
            written => Ok(written.map(|()| true).map_err(failed)?),
        })
        .await
    }

    async fn update(&self, save: Save<'_>) -> Result<bool> {
        let (text, path, now) = (self.encode(save)?, self.path(save.key), save.now);
        let folder = self.folder.clone();
        let update = move || {
            let updated = update(&path, &text, now).map_err(failed)?;
            or_no_folder(updated.then_some(()), &folder)
        };
        Ok(blocking(update).await?.is_some())
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool> {
        let (folder, path) = (self.folder.clone(), self.path(key));
        let delete = move || match fs::remove_file(path) {
            Err(error) if error.kind() == Io::NotFound => or_no_folder(None, &folder),
            deleted => Ok(Some(deleted.map_err(failed)?)),
        };
        Ok(blocking(delete).await?.is_some())
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32> {
        let store = self.clone();
        blocking(move || store.clear(clear).map_err(failed)).await
    }
}

/// Returns whether this is the name, without its prefix, of a file that is being written.
fn is_left_over(name: &str) -> bool {
    name.split_once(WRITING).is_some_and(|(key, random)| {
        let is_random =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        SessionKey::parse(key).is_some() && random.len() == 8 && random.bytes().all(is_random)
    })
}

/// Returns `found`. If it is `None`, fails unless the folder can be read: the sessions of a missing folder have not
/// ended.
fn or_no_folder<T>(found: Option<T>, folder: &Path) -> Result<Option<T>> {
    if found.is_none() {
        fs::read_dir(folder).map_err(failed)?;
    }
    Ok(found)
}

fn later(instant: Timestamp, time: Duration) -> Timestamp {
    let nanos = i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
    Timestamp::from_unix_nanos(instant.as_unix_nanos().saturating_add(nanos))
}

/// Runs work on one of tokio's threads for blocking work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(failed(io::Error::other("the runtime is shutting down"))))
}
