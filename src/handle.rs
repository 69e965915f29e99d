//! A request's session, shared by all code that handles the request.

use alloc::sync::Arc;
use core::fmt;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::log_id::LogId;
use crate::middleware::{Answer, KeyMiddleware, Loaded, SessionMiddleware, Step};
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::timestamp::Timestamp;

/// A request's session. Clones share the same session, so one can be in the request's extensions and another in a
/// handler.
///
/// Single operations are methods of the handle. For several that belong together, pass a closure to
/// [`read`](Self::read) or [`write`](Self::write). The closure cannot `await`, so the session is never locked across an
/// `await`.
///
/// - If a closure returns an error or panics, the changes it made before are kept, and the handle still works. (A panic
///   usually leads to a response of status 500, which does not save the session.)
/// - [`answer`](Self::answer) makes the response's headers; the layer calls it when the handler has returned its
///   response. Later changes, by a spawned task or a streaming body, are not sent. With the feature `tower`, they are
///   logged at level `WARN`.
///
/// ```
/// use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
///
/// fn add(session: &SessionHandle, article: u64) -> Result<(), Error> {
///     session.write(|session| {
///         let mut cart: Vec<u64> = session.get("cart")?.unwrap_or_default();
///         cart.push(article);
///         session.insert("cart", cart)
///     })
/// }
///
/// // What a framework's middleware does.
/// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
/// let middleware = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
/// let now = 1_700_000_000;
/// let session = SessionHandle::from(middleware.load(["theme=dark"], now));
/// add(&session, 4711)?;
/// let answer = session.answer(&middleware, 200, [("content-type", "text/html")], now)?;
/// assert_eq!(answer.headers[0].name, "set-cookie");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct SessionHandle(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// The address of a thread-local of the thread that is running a closure, or 0.
    owner: AtomicUsize,
}

struct State {
    loaded: Loaded,
    is_answered: bool,
}

/// Creates a handle for one request. It must not be shared between requests.
impl From<Loaded> for SessionHandle {
    fn from(loaded: Loaded) -> Self {
        Self::new(loaded, false)
    }
}

impl SessionHandle {
    pub(crate) fn new(loaded: Loaded, is_answered: bool) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                loaded,
                is_answered,
            }),
            owner: AtomicUsize::new(0),
        }))
    }

    /// Calls a closure with the session, for reading. The call itself does not count as reading, only what the closure
    /// does: the response varies on the cookie only if the session was read.
    ///
    /// # Panics
    ///
    /// If the closure uses this handle or a clone of it, which would otherwise be a deadlock.
    pub fn read<R>(&self, work: impl FnOnce(&Session) -> R) -> R {
        self.lend(|state| work(&state.loaded.session))
    }

    /// Calls a closure with the session, for reading and changing. The call itself does not count as a change, only
    /// what the closure does.
    ///
    /// The session is locked until the closure returns, so no other code changes it between the closure's reads and
    /// writes.
    ///
    /// # Panics
    ///
    /// If the closure uses this handle or a clone of it, which would otherwise be a deadlock.
    pub fn write<R>(&self, work: impl FnOnce(&mut Session) -> R) -> R {
        let (result, is_lost) = self.lend(|state| {
            let result = work(&mut state.loaded.session);
            (result, state.is_answered && state.loaded.is_modified())
        });
        // Logged without the lock, since the subscriber may use the handle.
        if is_lost {
            #[cfg(feature = "tower")]
            tracing::warn!(target: "hardtack", "a session was changed after its response was made: the change is lost");
        }
        result
    }

    /// Returns the value of a key, as [`Session::get`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::get`].
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.read(|session| session.get(key))
    }

    /// Sets a key, as [`Session::insert`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::insert`].
    pub fn insert<T: Serialize>(&self, key: &str, value: T) -> Result<(), Error> {
        self.write(|session| session.insert(key, value))
    }

    /// Removes a key, as [`Session::remove`] does.
    pub fn remove(&self, key: &str) -> bool {
        self.write(|session| session.remove(key))
    }

    /// Removes a key and returns its value, as [`Session::pop`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Session::pop`].
    pub fn pop<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.write(|session| session.pop(key))
    }

    /// Removes all keys, as [`Session::clear`] does.
    pub fn clear(&self) {
        self.write(Session::clear);
    }

    /// Ends the session, as [`Session::flush`] does.
    pub fn flush(&self) {
        self.write(Session::flush);
    }

    /// Returns why the request's cookie was refused, as [`Loaded::refusal`] does.
    pub fn refusal(&self) -> Option<Error> {
        self.lend(|state| state.loaded.refusal())
    }

    /// Returns when the request's cookie was signed, as [`Loaded::issued_at`] does.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.lend(|state| state.loaded.issued_at())
    }

    /// Returns the key of the session's record, as [`Loaded::key`] does.
    pub fn key(&self) -> Option<SessionKey> {
        self.lend(|state| state.loaded.key())
    }

    /// Returns an id of the request's cookie that is safe to log, as [`Loaded::log_id`] does.
    pub fn log_id(&self) -> Option<LogId> {
        self.lend(|state| state.loaded.log_id())
    }

    /// Returns the session's headers for the response, as [`SessionMiddleware::answer`] does. Changes to the session
    /// after this call are lost.
    ///
    /// If a handler can fail, convert its error to a response first: without this call, a sign-out before the error is
    /// lost.
    ///
    /// # Errors
    ///
    /// Those of [`SessionMiddleware::answer`].
    pub fn answer<'h, N, V>(
        &self,
        middleware: &SessionMiddleware,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Answer, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        self.lend(|state| {
            state.is_answered = true;
            middleware.answer(&state.loaded, status, response_headers, now)
        })
    }

    /// Returns what to do in the store, as [`KeyMiddleware::step`] does. Changes to the session after this call are lost.
    ///
    /// If a handler can fail, convert its error to a response first, as for [`answer`](Self::answer).
    ///
    /// # Errors
    ///
    /// Those of [`KeyMiddleware::step`].
    pub fn step<'h, N, V>(
        &self,
        middleware: &KeyMiddleware,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Step, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        self.lend(|state| {
            state.is_answered = true;
            middleware.step(&state.loaded, status, response_headers, now)
        })
    }

    /// Records that there will be no response. Returns whether a change is lost because of that.
    #[cfg(feature = "tower")]
    pub(crate) fn give_up(&self) -> bool {
        self.lend(|state| {
            state.is_answered = true;
            state.loaded.is_modified()
        })
    }

    fn lend<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let Shared { state, owner } = &*self.0;
        let this_thread = this_thread();
        // No other thread stores this number, so it is set only if this thread is running a closure.
        assert!(
            owner.load(Ordering::Relaxed) != this_thread,
            "a SessionHandle was used inside its own `read` or `write`: use the session that the closure receives"
        );
        // A panic in a closure leaves a valid session: each of its methods does everything or nothing.
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        owner.store(this_thread, Ordering::Relaxed);
        // Dropped before the lock is, even in a panic.
        let _unmark = Unmark(owner);
        work(&mut state)
    }
}

/// Shows the keys of the session, but no values.
impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SessionHandle");
        // Debug output must not wait for the lock, or panic.
        match self.0.state.try_lock() {
            Ok(state) => shown.field("loaded", &state.loaded).finish(),
            Err(_) => shown.finish_non_exhaustive(),
        }
    }
}

/// Clears the thread's mark when it is dropped.
struct Unmark<'a>(&'a AtomicUsize);

impl Drop for Unmark<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Returns a number that no other running thread has.
fn this_thread() -> usize {
    std::thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| ptr::from_ref(place).addr())
}
