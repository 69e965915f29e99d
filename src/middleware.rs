//! What stands between a request, its session and the response, in any framework: which cookie to believe, and whether
//! to set it, to delete it or to leave it alone (`SessionMiddleware` in `django/contrib/sessions/middleware.py`).

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use sha2::{Digest, Sha256};

use crate::codec::SessionCodec;
use crate::cookie;
use crate::cookie::set_cookie::SetCookie;
use crate::error::Error;
use crate::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};
use crate::session::Session;
use crate::timestamp::{MaxAge, Timestamp};

/// Name of the session's cookie, Django's default.
pub const SESSION_COOKIE_NAME: &str = "sessionid";

/// Status from which on a response is an error of the server: its session is not saved.
const SERVER_ERROR: u16 = 500;

/// Loads the session of a request, and decides what the response says about it.
///
/// ```
/// use core::time::Duration;
/// use hardtack::{KeyRing, SecretKey, SessionCodec, SessionMiddleware};
///
/// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
/// let middleware = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
///
/// // A request without a cookie.
/// let now = 1_700_000_000;
/// let mut loaded = middleware.load([""], now);
/// loaded.session.insert("user", 7)?;
/// let answer = middleware.answer(&loaded, 200, now)?;
/// let header = answer.set_cookie.expect("the session was modified");
/// assert!(header.contains("; Max-Age=1209600; ") && answer.vary);
///
/// // The next one brings it back.
/// let cookie = header.split(';').next().unwrap_or_default();
/// let loaded = middleware.load([cookie], now + 60);
/// assert_eq!(loaded.session.get("user")?, Some(7));
/// let answer = middleware.answer(&loaded, 200, now + 60)?;
/// assert!(answer.set_cookie.is_none() && answer.vary);
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SessionMiddleware {
    codec: SessionCodec,
    cookie: SetCookie,
    ends_with_browser: bool,
    saves_every_request: bool,
    renews_after: Option<Duration>,
}

impl SessionMiddleware {
    /// Sessions in a cookie called [`SESSION_COOKIE_NAME`] with the attributes of [`SetCookie::new`], which are Django's
    /// but for `Secure`. The cookie's `Max-Age` is the codec's max age.
    pub fn new(codec: SessionCodec) -> Self {
        Self {
            codec,
            cookie: SetCookie::new(SESSION_COOKIE_NAME),
            ends_with_browser: false,
            saves_every_request: false,
            renews_after: None,
        }
    }

    /// Sets the cookie's name and attributes; its value, `Max-Age` and `Expires` come from the session. Defaults to
    /// [`SetCookie::new`] with [`SESSION_COOKIE_NAME`].
    #[doc(alias = "SESSION_COOKIE_NAME")]
    #[must_use]
    pub fn with_cookie(mut self, cookie: SetCookie) -> Self {
        self.cookie = cookie.without_end();
        self
    }

    /// Sets whether a cookie ends with the browser unless its session says otherwise. Defaults to `false`, as in Django.
    #[doc(alias = "SESSION_EXPIRE_AT_BROWSER_CLOSE")]
    #[must_use]
    pub fn with_expire_at_browser_close(mut self, ends_with_browser: bool) -> Self {
        self.ends_with_browser = ends_with_browser;
        self
    }

    /// Sets whether every response below 500 sends the session, modified or not, unless it is empty. Defaults to `false`,
    /// as in Django: a response with a cookie is not one for caches.
    #[doc(alias = "SESSION_SAVE_EVERY_REQUEST")]
    #[must_use]
    pub fn with_save_every_request(mut self, saves_every_request: bool) -> Self {
        self.saves_every_request = saves_every_request;
        self
    }

    /// Sends the session afresh once its cookie is older than this and a request has read it, so that who keeps coming
    /// stays signed in; so does whoever comes with a captured cookie. For an absolute end keep the instant of the login in
    /// the session. Defaults to never, as in Django, where only a modified session starts anew.
    #[must_use]
    pub fn with_renewal_after(mut self, age: Duration) -> Self {
        self.renews_after = Some(age);
        self
    }

    /// The codec.
    pub fn codec(&self) -> &SessionCodec {
        &self.codec
    }

    /// The session of a request with these `Cookie` headers, or an empty one.
    ///
    /// Of several cookies of the name the last good one counts. If there is none, the last one's refusal is kept for the
    /// logs: [`Loaded::refusal`].
    pub fn load<'h, H>(
        &self,
        headers: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
    ) -> Loaded
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let now = now.into();
        let mut refusal = None;
        for value in cookie::find(self.cookie.name(), headers) {
            match self.read(&value, now) {
                Ok(loaded) => return loaded,
                Err(error) => {
                    refusal.get_or_insert(error);
                }
            }
        }
        let source = refusal.map_or(Source::Nothing, Source::Refused);
        Loaded {
            session: self.codec.new_session(),
            source,
        }
    }

    fn read(&self, value: &str, now: Timestamp) -> Result<Loaded, Error> {
        let verified = self.codec.verify(value, now)?;
        let session = verified.session()?;
        let is_old = self.renews_after.is_some_and(|age| verified.age() > age);
        let source = Source::Cookie {
            is_due: is_old || verified.key_index() > 0,
            issued_at: verified.issued_at(),
            log_id: LogId::of(value),
        };
        Ok(Loaded { session, source })
    }

    /// What the response with this status says about the session.
    ///
    /// | the session | the answer |
    /// |---|---|
    /// | empty; modified, and a cookie came in | deletes it, at any status |
    /// | empty; read, and a cookie came in that was forged or is too old; below 500 | deletes it |
    /// | not empty; modified, or every request is saved; below 500 | sets it |
    /// | not empty; read, and its cookie is due for renewal or of an old key; below 500 | sets it |
    /// | otherwise | nothing |
    ///
    /// A cookie that was refused for another reason (it is too long to look at, or has a good signature and a form that
    /// cannot be read here) is left alone, unless the handler writes a session of its own or clears this one: a Django
    /// beside this service may well read it.
    ///
    /// The response varies on the cookie if the session was read or modified, or its cookie is set or deleted.
    ///
    /// # Errors
    ///
    /// - those of [`SessionCodec::encode`]: above all [`Error::TooLong`]. Then nothing is sent, and the browser keeps the
    ///   session that it has; [`SessionCodec::size_report`] names the keys that take the space.
    /// - [`Error::MalformedExpiry`]: the handler wrote such an expiry
    /// - those of [`SetCookie::to_header`]
    pub fn answer(
        &self,
        loaded: &Loaded,
        status: u16,
        now: impl Into<Timestamp>,
    ) -> Result<Answer, Error> {
        let set_cookie = match self.decide(loaded, status) {
            Decision::Set => match self.set(&loaded.session, now.into()) {
                // Its own expiry has passed.
                Err(Error::SessionExpired) => Some(self.delete()?),
                set => Some(set?),
            },
            Decision::Delete => Some(self.delete()?),
            Decision::Nothing => None,
        };
        let vary = set_cookie.is_some() || loaded.session.accessed();
        Ok(Answer { set_cookie, vary })
    }

    fn decide(&self, loaded: &Loaded, status: u16) -> Decision {
        let Loaded { session, source } = loaded;
        let is_saved = status < SERVER_ERROR;
        if session.has_no_keys() {
            let is_useless = match source {
                Source::Nothing => false,
                Source::Cookie { .. } => session.modified(),
                Source::Refused(error) if is_of_no_use(*error) => {
                    session.modified() || session.accessed() && is_saved
                }
                // Somebody else may read it: only who empties the session asks for its end.
                Source::Refused(_) => session.was_cleared(),
            };
            return if is_useless {
                Decision::Delete
            } else {
                Decision::Nothing
            };
        }
        let is_due = matches!(source, Source::Cookie { is_due: true, .. }) && session.accessed();
        if is_saved && (session.modified() || self.saves_every_request || is_due) {
            Decision::Set
        } else {
            Decision::Nothing
        }
    }

    fn delete(&self) -> Result<String, Error> {
        self.cookie.clone().into_deletion().to_header()
    }

    fn set(&self, session: &Session, now: Timestamp) -> Result<String, Error> {
        let mut cookie = self
            .cookie
            .clone()
            .with_value(self.codec.encode(session, now)?);
        if !session.ends_with_browser(self.ends_with_browser)? {
            let default_age = match self.codec.max_age() {
                MaxAge::Limit(age) => age,
                MaxAge::NoLimit => DEFAULT_MAX_AGE,
            };
            let age = session.expiry_age(now, default_age)?;
            let end = now.saturating_add_nanos(Timestamp::from(age).as_unix_nanos());
            // A date that a header can hold. For a browser there is no difference.
            let end = end.clamp(Timestamp::from(0), Timestamp::from(MAX_UNIX_SECONDS));
            cookie = cookie.with_max_age(age).with_expires(end);
        }
        cookie.to_header()
    }
}

enum Decision {
    Set,
    Delete,
    Nothing,
}

/// Whether nobody can read a cookie that was refused so, and nobody will.
fn is_of_no_use(error: Error) -> bool {
    matches!(
        error,
        Error::BadSignature | Error::Expired { .. } | Error::SessionExpired | Error::IssuedTooEarly
    )
}

/// A request's session, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The session, for the handler.
    pub session: Session,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Nothing,
    Cookie {
        is_due: bool,
        issued_at: Timestamp,
        log_id: LogId,
    },
    Refused(Error),
}

impl Loaded {
    /// Why the request's cookie was refused, if one came in and the session is empty for that.
    pub fn refusal(&self) -> Option<Error> {
        match self.source {
            Source::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// When the cookie that came in was signed, in whole seconds: what a user's "sign out everywhere" is compared with
    /// ([`Verified::issued_at`](crate::Verified::issued_at)). `None` if no good cookie came in. This is not reading the
    /// session.
    pub fn issued_at(&self) -> Option<Timestamp> {
        match self.source {
            Source::Cookie { issued_at, .. } => Some(issued_at),
            _ => None,
        }
    }

    /// An id of the cookie that came in, safe to log: it tells requests with the same cookie from others, and nobody
    /// can sign in with it. It changes each time that the session is saved. `None` if no good cookie came in.
    pub fn log_id(&self) -> Option<LogId> {
        match self.source {
            Source::Cookie { log_id, .. } => Some(log_id),
            _ => None,
        }
    }
}

/// The beginning of a hash of a cookie, displayed as 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId([u8; 8]);

impl LogId {
    fn of(value: &str) -> Self {
        let hash = Sha256::digest(value);
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        Self(id)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

/// What a response says about its session.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Value of a `Set-Cookie` header to add to those that are there.
    pub set_cookie: Option<String>,
    /// Whether `Cookie` must be in the `Vary` header.
    pub vary: bool,
}

/// Shows whether a cookie is set, and not which.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("sets_cookie", &self.set_cookie.is_some())
            .field("vary", &self.vary)
            .finish()
    }
}
