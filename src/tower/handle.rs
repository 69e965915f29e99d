//! A request's session, in the hands of several.

use alloc::sync::Arc;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::middleware::{Loaded, LogId};
use crate::session::Session;
use crate::timestamp::Timestamp;

/// A request's session, as a handler finds it in the request's extensions. Clones are the same session.
///
/// The session is lent to a closure, which cannot wait for anything: so nobody holds it across an `await`.
///
/// - Inside of the closure the handle is locked. Using it, or a clone, there again is a deadlock.
/// - The layer looks at the session when the service has made its response, before the body is sent. What is written
///   later, by a task that was spawned or by a body that streams, is seen by whoever holds the handle and is not sent:
///   the headers are gone.
/// - After a panic in a closure the handle still works.
#[derive(Clone, Debug)]
pub struct SessionHandle(Arc<Mutex<Loaded>>);

impl SessionHandle {
    /// Lends the session for reading. Taking the handle is not reading, nor is this: what the closure asks the session
    /// for is, so a response varies on the cookie only if a handler looked at what is in it.
    ///
    /// ```
    /// # fn user(session: &hardtack::tower::SessionHandle) -> Result<Option<u64>, hardtack::Error> {
    /// session.read(|session| session.get("user"))
    /// # }
    /// ```
    pub fn read<R>(&self, work: impl FnOnce(&Session) -> R) -> R {
        self.lend(|loaded| work(&loaded.session))
    }

    /// Lends the session for changing. It is modified if the closure changes it, not before.
    ///
    /// Nobody else comes between, so what is read and written in one closure belongs together. If the closure panics,
    /// the session is what it was before. An error that the closure returns takes nothing back.
    ///
    /// ```
    /// # fn add(session: &hardtack::tower::SessionHandle, article: u64) -> Result<(), hardtack::Error> {
    /// session.write(|session| {
    ///     let mut cart: Vec<u64> = session.get("cart")?.unwrap_or_default();
    ///     cart.push(article);
    ///     session.insert("cart", cart)
    /// })
    /// # }
    /// ```
    pub fn write<R>(&self, work: impl FnOnce(&mut Session) -> R) -> R {
        self.lend(|loaded| {
            let mut changed = loaded.session.copy();
            let result = work(&mut changed);
            loaded.session = changed;
            result
        })
    }

    /// Why the request's cookie was refused: [`Loaded::refusal`].
    pub fn refusal(&self) -> Option<Error> {
        self.lend(|loaded| loaded.refusal())
    }

    /// When the request's cookie was signed: [`Loaded::issued_at`].
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.lend(|loaded| loaded.issued_at())
    }

    /// An id of the request's cookie, safe to log: [`Loaded::log_id`].
    pub fn log_id(&self) -> Option<LogId> {
        self.lend(|loaded| loaded.log_id())
    }

    pub(super) fn lend<R>(&self, work: impl FnOnce(&mut Loaded) -> R) -> R {
        // A panic left nothing half done: `write` works on a copy, and all else only reads.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A handle of one's own: for the test of a handler, or for another framework.
impl From<Loaded> for SessionHandle {
    fn from(loaded: Loaded) -> Self {
        Self(Arc::new(Mutex::new(loaded)))
    }
}
