//! Settings for the sessions of every engine: the cookie, and when a response sends it.

use alloc::string::String;
use core::time::Duration;

use crate::cookie::set_cookie::SetCookie;
use crate::error::Error;
use crate::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};
use crate::session::Session;
use crate::timestamp::Timestamp;

/// Django's default name of the session's cookie.
pub const SESSION_COOKIE_NAME: &str = "sessionid";

/// The session's cookie, and when a response sends it. The defaults are Django's, except `Secure`.
///
/// ```
/// use hardtack::{SessionSettings, SetCookie};
///
/// let settings = SessionSettings::default()
///     .with_cookie(SetCookie::new("__Host-sessionid"))?
///     .with_expire_at_browser_close(true);
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    pub(crate) cookie: SetCookie,
    pub(crate) age: Duration,
    ends_with_browser: bool,
    pub(crate) saves_every_request: bool,
    renews_after: Option<Duration>,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            cookie: SetCookie::new(SESSION_COOKIE_NAME),
            age: DEFAULT_MAX_AGE,
            ends_with_browser: false,
            saves_every_request: false,
            renews_after: None,
        }
    }
}

impl SessionSettings {
    /// Sets the cookie's name and attributes. Its value, `Max-Age` and `Expires` come from the session; those of
    /// `cookie` are ignored. Defaults to [`SetCookie::new`] with [`SESSION_COOKIE_NAME`].
    ///
    /// # Errors
    ///
    /// Those of [`SetCookie::to_header`]: a browser would drop this cookie, or the one that deletes it.
    #[doc(alias = "SESSION_COOKIE_NAME")]
    pub fn with_cookie(mut self, cookie: SetCookie) -> Result<Self, Error> {
        let template = cookie.without_end().with_value("");
        template.check_template()?;
        self.cookie = template;
        Ok(self)
    }

    /// Sets the age at which a session without its own expiry ends, counted from its last save. Defaults to
    /// [`DEFAULT_MAX_AGE`], Django's two weeks.
    ///
    /// It is the cookie's `Max-Age`. On the server, it is the age of the record in a store, or the codec's max age in
    /// the cookie engine.
    #[doc(alias = "SESSION_COOKIE_AGE")]
    #[must_use]
    pub fn with_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Sets whether the cookie ends when the browser closes, unless the session has its own expiry. Defaults to
    /// `false`, as in Django.
    #[doc(alias = "SESSION_EXPIRE_AT_BROWSER_CLOSE")]
    #[must_use]
    pub fn with_expire_at_browser_close(mut self, ends_with_browser: bool) -> Self {
        self.ends_with_browser = ends_with_browser;
        self
    }

    /// Sets whether a response sends the session even if it is unchanged. Defaults to `false`, as in Django.
    ///
    /// This has the drawbacks of [`with_renewal_after`](Self::with_renewal_after), on every request, and the same
    /// exceptions: some responses do not send an unchanged session.
    #[doc(alias = "SESSION_SAVE_EVERY_REQUEST")]
    #[must_use]
    pub fn with_save_every_request(mut self, saves_every_request: bool) -> Self {
        self.saves_every_request = saves_every_request;
        self
    }

    /// Sets the age after which a cookie is sent again with a new stamp, if the request has read its session. This
    /// keeps active users signed in. Defaults to never, as in Django, where only a modified session gets a new stamp.
    ///
    /// This has drawbacks: a request that only reads the session then writes the cookie. If a slow one is answered
    /// after the user has signed out in another tab, its cookie signs the user in again. In the same way, it undoes
    /// changes that another request made in the meantime. A stolen cookie is renewed as well: if a login must end at a
    /// fixed time, store the time of the sign-in in the session or set an [`Expiry::At`](crate::Expiry::At).
    ///
    /// A session in a store is renewed if saving it would move the end of its record by more than `age`. A session that
    /// ends at a fixed instant is therefore never renewed. If the store cannot tell when the record ends
    /// ([`Found::expires_at`](crate::Found)), every request that reads the session renews it. A renewal does not bring
    /// back a session that was signed out, but it has the other drawbacks.
    ///
    /// An unchanged session is never sent with a response of status 400 or above, nor with one that is marked for
    /// shared caches ([`SessionMiddleware::answer`](crate::SessionMiddleware::answer) says how).
    #[must_use]
    pub fn with_renewal_after(mut self, age: Duration) -> Self {
        self.renews_after = Some(age);
        self
    }

    /// Returns whether a session that was saved this long ago is due for renewal.
    pub(crate) fn renews(&self, age: Duration) -> bool {
        self.renews_after.is_some_and(|limit| age > limit)
    }

    /// Returns the `Max-Age` of a session that is saved at `now`, in seconds, or `None` if its cookie ends with the browser.
    ///
    /// [`Error::SessionExpired`]: the session has ended, although the codec ignores that.
    pub(crate) fn max_age(&self, session: &Session, now: Timestamp) -> Result<Option<i64>, Error> {
        // If this fails, the expiry is a local time in an unknown zone, and the codec ignores expiries: the default age
        // applies.
        let is_known = session.expiry_age(now, self.age).is_ok();
        let session = if is_known { session } else { &Session::new() };
        if session.ends_with_browser(self.ends_with_browser)? {
            return Ok(None);
        }
        match session.expiry_age(now, self.age)? {
            ..0 => Err(Error::SessionExpired),
            age => Ok(Some(age)),
        }
    }

    /// Returns the header that sets the cookie.
    pub(crate) fn set(
        &self,
        value: String,
        max_age: Option<i64>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let mut cookie = self.cookie.clone().with_value(value);
        if let Some(age) = max_age {
            let end = now.saturating_add_nanos(Timestamp::from(age).as_unix_nanos());
            // Clamped to a date that a header can hold. This makes no difference to browsers.
            let end = end.clamp(Timestamp::from(0), Timestamp::from(MAX_UNIX_SECONDS));
            cookie = cookie.with_max_age(age).with_expires(end);
        }
        cookie.to_header()
    }

    /// Returns the header that deletes the cookie.
    pub(crate) fn deletion(&self) -> Result<String, Error> {
        self.cookie.clone().into_deletion().to_header()
    }
}
