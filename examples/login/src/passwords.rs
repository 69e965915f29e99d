//! Passwords are hashed with Argon2id at its defaults, which are OWASP's: 19 MiB, two passes.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task;

use crate::Failure;

/// Each takes 19 MiB and a processor for some milliseconds: a crowd at the door has to queue.
const AT_ONCE: usize = 4;

pub(crate) struct Passwords {
    permits: Semaphore,
    /// What the password of somebody unknown is held against.
    nobody: String,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {
            permits: Semaphore::new(AT_ONCE),
            nobody: hash("nobody's password")?,
        })
    }

    /// The hash to keep: `$argon2id$...`, with a salt of its own.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Failure> {
        self.work(move || hash(&password)).await
    }

    /// Whether it is the password behind the hash. Where there is no hash, as nobody has that name, the answer takes as
    /// long: the time it takes does not tell who has an account.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Failure> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let matches = self.work(move || verify(&password, &hash)).await?;
        Ok(matches && is_known)
    }

    /// Off the threads that answer requests.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let _permit = self.permits.acquire().await?;
        task::spawn_blocking(work).await?
    }
}

fn hash(password: &str) -> Result<String, Failure> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Result<bool, Failure> {
    use argon2::password_hash::Error;

    let hash = PasswordHash::new(hash)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
