//! Passwords are hashed with Argon2id at its defaults, which are OWASP's: 19 MiB, two passes.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task;

use crate::Failure;

/// Each hash takes 19 MiB and a processor for some milliseconds, so at most this many run at once.
const AT_ONCE: usize = 4;

pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// The hash to verify a password against if no account has the name.
    decoy: String,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: hash("no user's password")?,
        })
    }

    /// Returns the hash to keep: `$argon2id$...`, with its own salt.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Failure> {
        self.work(move || hash(&password)).await
    }

    /// Returns whether the hash is one of this password. Without a hash, because no account has the name, it takes equally
    /// long, so that the time does not tell who has an account.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Failure> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self.work(move || verify(&password, &hash)).await?;
        Ok(matches && is_known)
    }

    /// Runs `work` on its own thread, not on those that answer requests.
    ///
    /// The permit belongs to the hash, not to the request: when a client hangs up, its request is dropped, but a hash
    /// that has begun goes on.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = Arc::clone(&self.permits).acquire_owned().await?;
        let work = move || {
            let _permit = permit;
            work()
        };
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

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, RwLock};
    use std::task::{Context, Waker};

    use super::{AT_ONCE, Failure, Passwords};

    #[derive(Default)]
    struct Count {
        running: AtomicUsize,
        most: AtomicUsize,
        begun: AtomicUsize,
    }

    /// 300 clients ask for a hash and hang up at once. The hashes that have begun go on until the gate opens.
    #[tokio::test]
    async fn clients_that_hang_up_start_no_more_hashes_than_those_that_wait() -> Result<(), Failure>
    {
        let passwords = Passwords::new()?;
        let (count, gate) = (Arc::<Count>::default(), Arc::new(RwLock::new(())));
        let closed = gate.write().expect("one thread");
        for _ in 0..300 {
            let (count, gate) = (Arc::clone(&count), Arc::clone(&gate));
            let request = pin!(passwords.work(move || {
                let running = count.running.fetch_add(1, Ordering::SeqCst) + 1;
                count.most.fetch_max(running, Ordering::SeqCst);
                count.begun.fetch_add(1, Ordering::SeqCst);
                drop(gate.read());
                count.running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }));
            let still_waits = request.poll(&mut Context::from_waker(Waker::noop()));
            assert!(still_waits.is_pending());
        }
        assert_eq!(passwords.permits.available_permits(), 0);
        drop(closed);
        // A client that waits has its turn when the others are done.
        passwords.work(|| Ok(())).await?;
        let _all = passwords.permits.acquire_many(AT_ONCE.try_into()?).await?;
        assert_eq!(count.begun.load(Ordering::SeqCst), AT_ONCE);
        assert!(count.most.load(Ordering::SeqCst) <= AT_ONCE);
        Ok(())
    }
}
