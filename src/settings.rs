//! What the sessions of every engine have in common: the cookie around them, and when a response sends it.

use alloc::string::String;
use core::time::Duration;

use crate::cookie::set_cookie::SetCookie;
use crate::error::Error;
use crate::limits::MAX_UNIX_SECONDS;
use crate::session::Session;
use crate::timestamp::Timestamp;

/// Name of the session's cookie, Django's default.
pub const SESSION_COOKIE_NAME: &str = "sessionid";

/// The session's cookie, and when a response sends it. The defaults are Django's, but for `Secure`.
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
    ends_with_browser: bool,
    pub(crate) saves_every_request: bool,
    renews_after: Option<Duration>,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            cookie: SetCookie::new(SESSION_COOKIE_NAME),
            ends_with_browser: false,
            saves_every_request: false,
            renews_after: None,
        }
    }
}

impl SessionSettings {
    /// Sets the cookie's name and attributes. Its value, `Max-Age` and `Expires` come from the session; what the template
    /// has of these is ignored. Defaults to [`SetCookie::new`] with [`SESSION_COOKIE_NAME`].
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

    /// Sets whether a cookie ends with the browser unless its session says otherwise. Defaults to `false`, as in Django.
    #[doc(alias = "SESSION_EXPIRE_AT_BROWSER_CLOSE")]
    #[must_use]
    pub fn with_expire_at_browser_close(mut self, ends_with_browser: bool) -> Self {
        self.ends_with_browser = ends_with_browser;
        self
    }

    /// Sets whether a response sends the session even if nothing changed it. Defaults to `false`, as in Django.
    ///
    /// It costs what [`with_renewal_after`](Self::with_renewal_after) costs, on every request. The same responses send
    /// nothing.
    #[doc(alias = "SESSION_SAVE_EVERY_REQUEST")]
    #[must_use]
    pub fn with_save_every_request(mut self, saves_every_request: bool) -> Self {
        self.saves_every_request = saves_every_request;
        self
    }

    /// Sets the age from which on a cookie is sent again with a new stamp, if a request has read its session. A user who
    /// keeps coming stays signed in. Defaults to never, as in Django, where only a modified session gets a new stamp.
    ///
    /// It has a price: a request that only reads then writes the cookie. If a slow one answers after the user has signed
    /// out in another tab, its cookie signs the user in again. In the same way it undoes what another request has written
    /// in the meantime. A captured cookie is renewed as well; for an absolute end, keep the instant of the sign-in in the
    /// session or set an [`Expiry::At`](crate::Expiry::At).
    ///
    /// A session that nothing changed is never sent by a response of status 400 or above, nor by one whose `Cache-Control`
    /// says `public` or `s-maxage`.
    #[must_use]
    pub fn with_renewal_after(mut self, age: Duration) -> Self {
        self.renews_after = Some(age);
        self
    }

    /// Whether a cookie of this age is due for renewal.
    pub(crate) fn renews(&self, age: Duration) -> bool {
        self.renews_after.is_some_and(|limit| age > limit)
    }

    /// The `Max-Age` of a session that was encoded, in seconds; `None` if its cookie ends with the browser.
    ///
    /// [`Error::SessionExpired`]: the session has ended, though the codec does not care.
    pub(crate) fn max_age(
        &self,
        session: &Session,
        default_age: Duration,
        now: Timestamp,
    ) -> Result<Option<i64>, Error> {
        // What was encoded all the same is a local time of an unknown zone, and the codec ignores it.
        let is_known = session.expiry_age(now, default_age).is_ok();
        let session = if is_known { session } else { &Session::new() };
        if session.ends_with_browser(self.ends_with_browser)? {
            return Ok(None);
        }
        match session.expiry_age(now, default_age)? {
            ..0 => Err(Error::SessionExpired),
            age => Ok(Some(age)),
        }
    }

    /// The header that sets the cookie.
    pub(crate) fn set(
        &self,
        value: String,
        max_age: Option<i64>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let mut cookie = self.cookie.clone().with_value(value);
        if let Some(age) = max_age {
            let end = now.saturating_add_nanos(Timestamp::from(age).as_unix_nanos());
            // A date that a header can hold. For a browser there is no difference.
            let end = end.clamp(Timestamp::from(0), Timestamp::from(MAX_UNIX_SECONDS));
            cookie = cookie.with_max_age(age).with_expires(end);
        }
        cookie.to_header()
    }

    /// The header that deletes the cookie.
    pub(crate) fn deletion(&self) -> Result<String, Error> {
        self.cookie.clone().into_deletion().to_header()
    }
}
