//! A `Set-Cookie` header: its attributes, with safe defaults.

use alloc::string::{String, ToString as _};
use core::fmt;

use super::http_date::http_date;
use crate::error::Error;
use crate::timestamp::Timestamp;

/// Which cross-site requests carry the cookie (RFC 6265bis, section 4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// No cross-site request.
    Strict,
    /// Cross-site requests that take the user to this site, such as following a link.
    Lax,
    /// All cross-site requests. The cookie must be [`Secure`](SetCookie::with_secure).
    None,
}

impl SameSite {
    fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// A cookie for a `Set-Cookie` header: a name, a value, and attributes.
///
/// Defaults to `HttpOnly; Path=/; SameSite=Lax; Secure`, and to a cookie that ends with the browser's session. These are
/// Django's defaults for a session, except for `Secure`, which Django leaves off.
///
/// Browsers silently drop cookies and attributes that break their rules. [`to_header`](Self::to_header) returns an error
/// instead.
///
/// ```
/// use hardtack::{SameSite, SetCookie};
///
/// let cookie = SetCookie::new("__Host-sessionid")
///     .with_value("e30:1r31eq:signature")
///     .with_same_site(SameSite::Strict)
///     .with_max_age(3600);
/// assert_eq!(
///     cookie.to_header()?,
///     "__Host-sessionid=e30:1r31eq:signature; HttpOnly; Max-Age=3600; Path=/; SameSite=Strict; Secure",
/// );
/// // When the user signs out:
/// assert_eq!(
///     cookie.into_deletion().to_header()?,
///     "__Host-sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Strict; Secure",
/// );
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias("set_cookie", "Set-Cookie"))]
pub struct SetCookie {
    pub(crate) name: String,
    pub(super) value: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    max_age: Option<i64>,
    expires: Option<Timestamp>,
    pub(super) same_site: Option<SameSite>,
    pub(super) is_secure: bool,
    pub(super) is_http_only: bool,
    pub(crate) is_partitioned: bool,
}

impl SetCookie {
    /// Creates a cookie with an empty value and the default attributes. The checks happen in
    /// [`to_header`](Self::to_header).
    ///
    /// Django's default name for the session's cookie is `sessionid`. A cookie whose name starts with `__Host-` cannot
    /// be set by another host, not even by a subdomain; one whose name starts with `__Host-Http-` cannot be set by a
    /// script either (Chrome 140 and later).
    #[doc(alias = "SESSION_COOKIE_NAME")]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: String::new(),
            path: String::from("/"),
            domain: None,
            max_age: None,
            expires: None,
            same_site: Some(SameSite::Lax),
            is_secure: true,
            is_http_only: true,
            is_partitioned: false,
        }
    }

    /// Sets the value. Defaults to empty, so you can keep one cookie with its attributes as a template and clone it for every
    /// response.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Sets the path below which the browser sends the cookie. Defaults to `/`, the whole site, as in Django.
    ///
    /// A path does not protect the cookie: pages at other paths can still access it (RFC 6265bis, section 8.5). To
    /// change the path of a running site, see [`with_domain`](Self::with_domain).
    #[doc(alias = "SESSION_COOKIE_PATH")]
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the domain: the browser sends the cookie to it and to all its subdomains. Defaults to none, as in Django: the
    /// browser sends the cookie only to the host that set it.
    ///
    /// # Changing the domain or the path later
    ///
    /// For browsers, cookies of different domains or paths are different cookies, even with the same name. After a change,
    /// they send both the old cookie and the new one. Signing out deletes only the new one, and then the old one signs the
    /// user in again.
    ///
    /// So change the cookie's name as well. To keep the name, delete the old cookie with every response until the max age
    /// has passed since the change:
    ///
    /// ```
    /// use hardtack::SetCookie;
    ///
    /// let cookie = SetCookie::new("sessionid").with_domain("example.org"); // for the session from now on
    ///
    /// let before = SetCookie::new("sessionid"); // as the site sent it until now
    /// let another_set_cookie = before.into_deletion().to_header()?; // one more `Set-Cookie` for every response
    /// # assert_eq!(another_set_cookie, "sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax");
    /// # assert!(cookie.to_header()?.contains("Domain=example.org"));
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    ///
    /// A new name signs every user out once. Under the old name, a session moves to the new cookie if the response that
    /// deletes the old one also saves the session; otherwise its user is signed out once.
    #[doc(alias = "SESSION_COOKIE_DOMAIN")]
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets the number of seconds after which the browser deletes the cookie. Zero or less deletes it at once. Defaults
    /// to none: the cookie ends with the browser's session. Browsers limit this to 400 days (RFC 6265bis, section 5.5).
    ///
    /// This is only a request to the browser. The codec's [max age](crate::SessionCodec::with_max_age) is what ends a
    /// session.
    #[must_use]
    pub fn with_max_age(mut self, seconds: i64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Sets the time at which the browser deletes the cookie. The fraction of a second is dropped. Defaults to none:
    /// the cookie ends with the browser's session. Browsers ignore it if there is also a [max age](Self::with_max_age).
    /// Django sends both.
    #[must_use]
    pub fn with_expires(mut self, instant: impl Into<Timestamp>) -> Self {
        self.expires = Some(instant.into());
        self
    }

    /// Sets which cross-site requests carry the cookie. Defaults to [`SameSite::Lax`], as in Django: a form on another
    /// site cannot act in the user's name.
    #[doc(alias = "SESSION_COOKIE_SAMESITE")]
    #[must_use]
    pub fn with_same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Omits `SameSite`, so the browser's default applies (Django: `SESSION_COOKIE_SAMESITE = False`). By default the
    /// attribute is sent, because the default of some browsers is not `Lax`.
    #[must_use]
    pub fn without_same_site(mut self) -> Self {
        self.same_site = None;
        self
    }

    /// Sets whether the browser sends the cookie over encrypted connections only. Defaults to `true`, because anyone who
    /// sees a session's cookie can use the session. Django's default is `false`, with a warning at deployment.
    ///
    /// Over plain HTTP, browsers drop a `Secure` cookie without a message; some make an exception for `http://localhost`. So
    /// set this to `false` for development over plain HTTP.
    #[doc(alias = "SESSION_COOKIE_SECURE")]
    #[must_use]
    pub fn with_secure(mut self, is_secure: bool) -> Self {
        self.is_secure = is_secure;
        self
    }

    /// Sets whether the cookie is hidden from scripts on the page. Defaults to `true`, as in Django: an injected script
    /// cannot steal the session.
    #[doc(alias = "SESSION_COOKIE_HTTPONLY")]
    #[must_use]
    pub fn with_http_only(mut self, is_http_only: bool) -> Self {
        self.is_http_only = is_http_only;
        self
    }

    /// Sets whether a site in a frame has a separate cookie for each site that embeds it (CHIPS,
    /// draft-cutler-httpbis-partitioned-cookies). Defaults to `false`: Django 5.2 does not have this attribute, and it does
    /// nothing outside frames.
    #[must_use]
    pub fn with_partitioned(mut self, is_partitioned: bool) -> Self {
        self.is_partitioned = is_partitioned;
        self
    }

    /// Fails if [`to_header`](Self::to_header) would fail for every value. Otherwise the deletion is valid as well: it
    /// has the same texts, and is `Secure` and `HttpOnly` if it must be.
    pub(crate) fn check_template(&self) -> Result<(), Error> {
        self.clone().with_value("").to_header().map(drop)
    }

    /// Removes `Max-Age` and `Expires`.
    pub(crate) fn without_end(mut self) -> Self {
        self.max_age = None;
        self.expires = None;
        self
    }

    /// Returns the cookie that deletes this one, as `HttpResponse.delete_cookie` of `django/http/response.py` does.
    ///
    /// It has the same name, path, domain and `SameSite`, an empty value, and an expiry in 1970. It is `Secure` only if
    /// browsers would drop it otherwise (a name that starts with `__Secure-`, `__Host-` or `__Http-`, `SameSite=None`,
    /// `Partitioned`). Over an unencrypted connection, browsers ignore the deletion of a cookie that is `Secure`. The
    /// deletion is `HttpOnly` only if its name requires that (`__Http-`, `__Host-Http-`).
    #[doc(alias = "delete_cookie")]
    #[must_use]
    pub fn into_deletion(mut self) -> Self {
        self.value.clear();
        self.max_age = Some(0);
        self.expires = Some(0.into());
        self.is_http_only = self.must_be_http_only();
        self.is_secure = self.must_be_secure();
        self
    }

    /// Returns the value of the `Set-Cookie` header: ASCII, without a line break.
    ///
    /// The attributes are in alphabetical order, as in Django.
    ///
    /// # Errors
    ///
    /// The first of these that applies:
    ///
    /// - [`Error::InvalidCookieName`]: the name is empty or not a token (RFC 9110, section 5.6.2)
    /// - [`Error::InvalidCookieValue`]: the value has white space, `"`, `,`, `;`, `\`, a control character, or a character
    ///   that is not ASCII (RFC 6265bis, section 4.1.1). The codec never writes such a value.
    /// - [`Error::InvalidCookiePath`]: the path does not start with `/`, ends with a space, which browsers remove, or has
    ///   `;`, a control character, or a character that is not ASCII
    /// - [`Error::InvalidCookieDomain`]: the domain is empty, has an empty label or a port, or has characters other than
    ///   letters, digits, `-` and `.`. One leading dot is allowed; browsers ignore it.
    /// - [`Error::InsecureCookie`]: the cookie is not [`Secure`](Self::with_secure), but its name starts with `__Secure-`,
    ///   `__Host-` or `__Http-`, or it has [`SameSite::None`] or `Partitioned`. The case of a prefix does not matter (RFC
    ///   6265bis, section 5.7).
    /// - [`Error::CookieNotHttpOnly`]: the cookie is not [`HttpOnly`](Self::with_http_only), but its name starts with
    ///   `__Http-` or `__Host-Http-`
    /// - [`Error::HostCookieNotOfHost`]: the name starts with `__Host-`, and the cookie has a domain or another path than `/`
    /// - [`Error::CookieTooLarge`]: name and value together are longer than
    ///   [`MAX_COOKIE_LENGTH`](crate::limits::MAX_COOKIE_LENGTH)
    /// - [`Error::CookieAttributeTooLarge`]: path or domain is longer than
    ///   [`MAX_COOKIE_ATTRIBUTE_LENGTH`](crate::limits::MAX_COOKIE_ATTRIBUTE_LENGTH)
    /// - [`Error::InvalidCookieExpires`]: `Expires` is outside the years 1601 to 9999
    pub fn to_header(&self) -> Result<String, Error> {
        self.check()?;
        let expires = self
            .expires
            .map(|instant| http_date(instant).ok_or(Error::InvalidCookieExpires))
            .transpose()?;

        // 192 bytes are enough for all attributes at their longest, without the caller's texts.
        let texts = [&self.name, &self.value, &self.path]
            .into_iter()
            .chain(&self.domain);
        let mut header = String::with_capacity(192 + texts.map(String::len).sum::<usize>());
        header.extend([&self.name, "=", &self.value]);
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let attributes = [
            ("Domain=", self.domain.as_deref()),
            ("Expires=", expires.as_deref()),
            ("HttpOnly", self.is_http_only.then_some("")),
            ("Max-Age=", max_age.as_deref()),
            ("Partitioned", self.is_partitioned.then_some("")),
            ("Path=", Some(self.path.as_str())),
            ("SameSite=", self.same_site.map(SameSite::as_str)),
            ("Secure", self.is_secure.then_some("")),
        ];
        for (name, value) in attributes {
            if let Some(value) = value {
                header.extend(["; ", name, value]);
            }
        }
        Ok(header)
    }
}

impl fmt::Debug for SetCookie {
    /// Shows everything except the value, which may be a session: only its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("value_length", &self.value.len())
            .field("path", &self.path)
            .field("domain", &self.domain)
            .field("max_age", &self.max_age)
            .field("expires", &self.expires)
            .field("same_site", &self.same_site)
            .field("secure", &self.is_secure)
            .field("http_only", &self.is_http_only)
            .field("partitioned", &self.is_partitioned)
            .finish_non_exhaustive()
    }
}
