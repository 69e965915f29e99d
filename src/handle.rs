//! A request's session, shared by all who work on the request.

use alloc::sync::Arc;
use core::fmt;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::middleware::{Answer, Loaded, LogId, SessionMiddleware};
use crate::session::Session;
use crate::timestamp::Timestamp;

/// A request's session. Clones are the same session, so one can be in the request's extensions and another with a handler.
///
/// Ordinary things are done on the handle itself. What belongs together is done in a closure that is lent the session
/// ([`read`](Self::read), [`write`](Self::write)): it cannot wait for anything, so the session is never held across an
/// `await`.
///
/// - If a closure returns an error or panics, its changes until then stay, and the handle still works. (A panic usually
///   ends in a response of status 500, which saves nothing.)
/// - [`answer`](Self::answer) makes the response's headers; the layer calls it when the handler has returned its response.
///   What is written later, by a spawned task or a body that streams, is not sent. With the feature `tower` this is an
///   event of the level `WARN`.
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
    /// The address of a thread-local of the thread that is inside of a closure, or 0.
    owner: AtomicUsize,
}

struct State {
    loaded: Loaded,
    is_answered: bool,
}

/// A handle for one request. It must not be shared between requests.
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

    /// Lends the session for reading. What the closure asks the session for is reading, not the call itself: a response
    /// varies on the cookie only if something looked at the session.
    ///
    /// # Panics
    ///
    /// If the closure uses this handle or a clone of it. (Waiting would be for ever.)
    pub fn read<R>(&self, work: impl FnOnce(&Session) -> R) -> R {
        self.lend(|state| work(&state.loaded.session))
    }

    /// Lends the session for reading and changing. It is modified if the closure changes it, not by the call itself.
    ///
    /// No one else works on the session in between, so what a closure reads and writes belongs together.
    ///
    /// # Panics
    ///
    /// If the closure uses this handle or a clone of it. (Waiting would be for ever.)
    pub fn write<R>(&self, work: impl FnOnce(&mut Session) -> R) -> R {
        let (result, is_lost) = self.lend(|state| {
            let result = work(&mut state.loaded.session);
            (result, state.is_answered && state.loaded.is_modified())
        });
        // Not within the closure: what takes the event may ask the handle.
        if is_lost {
            #[cfg(feature = "tower")]
            tracing::warn!(target: "hardtack", "a session was changed after its response was made: this is not sent");
        }
        result
    }

    /// The value of a key: [`Session::get`].
    ///
    /// # Errors
    ///
    /// Those of [`Session::get`].
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.read(|session| session.get(key))
    }

    /// Sets a key: [`Session::insert`].
    ///
    /// # Errors
    ///
    /// Those of [`Session::insert`].
    pub fn insert<T: Serialize>(&self, key: &str, value: T) -> Result<(), Error> {
        self.write(|session| session.insert(key, value))
    }

    /// Takes a key out: [`Session::remove`].
    pub fn remove(&self, key: &str) -> bool {
        self.write(|session| session.remove(key))
    }

    /// Takes a key out and returns its value: [`Session::pop`].
    ///
    /// # Errors
    ///
    /// Those of [`Session::pop`].
    pub fn pop<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.write(|session| session.pop(key))
    }

    /// Takes all keys out: [`Session::clear`].
    pub fn clear(&self) {
        self.write(Session::clear);
    }

    /// Ends the session: [`Session::flush`].
    pub fn flush(&self) {
        self.write(Session::flush);
    }

    /// Why the request's cookie was refused: [`Loaded::refusal`].
    pub fn refusal(&self) -> Option<Error> {
        self.lend(|state| state.loaded.refusal())
    }

    /// When the request's cookie was signed: [`Loaded::issued_at`].
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.lend(|state| state.loaded.issued_at())
    }

    /// An id of the request's cookie, safe to log: [`Loaded::log_id`].
    pub fn log_id(&self) -> Option<LogId> {
        self.lend(|state| state.loaded.log_id())
    }

    /// What the response says about the session: [`SessionMiddleware::answer`]. Whatever is written to the session after
    /// this is lost.
    ///
    /// Where a handler can fail, make its error a response first: without this call a sign-out before the error is lost.
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

    /// There will be no response. Whether a change is lost by that.
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
        // No other thread writes this number, so it is there only if this thread is inside of a closure.
        assert!(
            owner.load(Ordering::Relaxed) != this_thread,
            "a SessionHandle was used inside of its own `read` or `write`: use the session that the closure is lent"
        );
        // A panic in a closure leaves a session that is as good as any: each of its methods does all or nothing.
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        owner.store(this_thread, Ordering::Relaxed);
        // Dropped before the lock is, also by a panic.
        let _unmark = Unmark(owner);
        work(&mut state)
    }
}

/// Shows the keys of the session, and no values.
impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SessionHandle");
        // Not a reason to wait, or to panic.
        match self.0.state.try_lock() {
            Ok(state) => shown.field("loaded", &state.loaded).finish(),
            Err(_) => shown.finish_non_exhaustive(),
        }
    }
}

/// Takes the thread's mark away.
struct Unmark<'a>(&'a AtomicUsize);

impl Drop for Unmark<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    std::thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| ptr::from_ref(place).addr())
}
