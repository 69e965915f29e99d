//! A `Set-Cookie` header: attributes with safe defaults, and the checks that a browser makes without a word.

use alloc::string::{String, ToString as _};
use core::fmt;

use super::http_date::http_date;
use crate::error::Error;
use crate::limits::{MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_LENGTH};
use crate::timestamp::Timestamp;

/// With which requests of other sites a browser sends a cookie (RFC 6265bis, section 4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// With none.
    Strict,
    /// With those that bring the person to this site, such as a followed link.
    Lax,
    /// With all of them; the cookie must be [`Secure`](SetCookie::with_secure).
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

/// A cookie on its way to the browser: a name, a value, and attributes.
///
/// Without further ado it is `HttpOnly; Path=/; SameSite=Lax; Secure`, and lasts as long as the browser's session. These
/// are Django's defaults for a session, except for `Secure`, which is off there.
///
/// A browser that does not like a cookie drops it, or one of its attributes, in silence. [`to_header`](Self::to_header)
/// is where one hears of it.
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
/// // At the person's next sign-out:
/// assert_eq!(
///     cookie.into_deletion().to_header()?,
///     "__Host-sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Strict; Secure",
/// );
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias("set_cookie", "Set-Cookie"))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "attributes that are there or not"
)]
pub struct SetCookie {
    name: String,
    value: String,
    path: String,
    domain: Option<String>,
    max_age: Option<i64>,
    expires: Option<Timestamp>,
    same_site: Option<SameSite>,
    is_secure: bool,
    is_http_only: bool,
    is_partitioned: bool,
    has_whole_header_limit: bool,
}

impl SetCookie {
    /// A cookie with an empty value and the safe attributes. Nothing is checked before [`to_header`](Self::to_header).
    ///
    /// Django's name for a session's cookie is `sessionid`. One that starts with `__Host-` cannot be set by another host,
    /// not even by a subdomain.
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
            has_whole_header_limit: false,
        }
    }

    /// The cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cookie's value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Sets the value. Defaults to an empty one, so that one cookie with its attributes can be kept, and cloned for every
    /// response.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Sets below which path the browser sends the cookie. Defaults to `/`, the whole site, as in Django. It keeps
    /// nobody out: a page of another path can still get at the cookie (RFC 6265bis, section 8.5).
    #[doc(alias = "SESSION_COOKIE_PATH")]
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the domain that the browser sends the cookie to, with all its subdomains. Defaults to none, as in Django:
    /// to the host that set it, and to no other.
    #[doc(alias = "SESSION_COOKIE_DOMAIN")]
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets after how many seconds the browser forgets the cookie: at once, if there are none or fewer. Defaults to
    /// none: it lasts as long as the browser's session. Browsers shorten what is over 400 days (RFC 6265bis, section
    /// 5.5).
    ///
    /// This is a request to the browser. The end of a session is the codec's
    /// [max age](crate::SessionCodec::with_max_age).
    #[must_use]
    pub fn with_max_age(mut self, seconds: i64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// Sets at which instant the browser forgets the cookie, to the whole second before it. Defaults to none: it lasts as
    /// long as the browser's session. Where there is a [max age](Self::with_max_age), that counts; Django sends both.
    #[must_use]
    pub fn with_expires(mut self, instant: impl Into<Timestamp>) -> Self {
        self.expires = Some(instant.into());
        self
    }

    /// Sets with which requests of other sites the browser sends the cookie. Defaults to [`SameSite::Lax`], as in
    /// Django: another site's form cannot act in the person's name.
    #[doc(alias = "SESSION_COOKIE_SAMESITE")]
    #[must_use]
    pub fn with_same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Sends no `SameSite` at all, and leaves it to the browser (Django: `SESSION_COOKIE_SAMESITE = False`). Defaults to
    /// sending one, since not all browsers take `Lax` for granted.
    #[must_use]
    pub fn without_same_site(mut self) -> Self {
        self.same_site = None;
        self
    }

    /// Sets whether the browser sends the cookie over encrypted connections only. Defaults to `true`; in Django to
    /// `false`, with a warning at deployment: whoever reads a session's cookie has the session. Browsers make an
    /// exception for `http://localhost`, or do not, each in its own way.
    #[doc(alias = "SESSION_COOKIE_SECURE")]
    #[must_use]
    pub fn with_secure(mut self, is_secure: bool) -> Self {
        self.is_secure = is_secure;
        self
    }

    /// Sets whether the cookie is kept from the page's scripts. Defaults to `true`, as in Django: a script that was
    /// smuggled in cannot carry the session off.
    #[doc(alias = "SESSION_COOKIE_HTTPONLY")]
    #[must_use]
    pub fn with_http_only(mut self, is_http_only: bool) -> Self {
        self.is_http_only = is_http_only;
        self
    }

    /// Sets whether the cookie of a site inside a frame is kept apart for each site around it (CHIPS,
    /// draft-cutler-httpbis-partitioned-cookies). Defaults to `false`: Django 5.2 has no such attribute, and outside of
    /// frames it does nothing.
    #[must_use]
    pub fn with_partitioned(mut self, is_partitioned: bool) -> Self {
        self.is_partitioned = is_partitioned;
        self
    }

    /// Counts the whole header against [`MAX_COOKIE_LENGTH`], for browsers older than RFC 6265bis, which did so. Defaults
    /// to counting name and value only, as today's browsers do.
    #[must_use]
    pub fn with_whole_header_limit(mut self) -> Self {
        self.has_whole_header_limit = true;
        self
    }

    /// This cookie without `Max-Age` and `Expires`.
    pub(crate) fn without_end(mut self) -> Self {
        self.max_age = None;
        self.expires = None;
        self
    }

    /// The cookie that deletes this one, as `HttpResponse.delete_cookie` of `django/http/response.py` does.
    ///
    /// Its name, path, domain and `SameSite` are the same, its value is empty, and it expired in 1970. It is not
    /// `HttpOnly`; and it is `Secure` only where a browser would drop it otherwise (a `__Secure-` or `__Host-` name,
    /// `SameSite=None`, `Partitioned`), so that a deletion also works over a connection that is not encrypted.
    #[doc(alias = "delete_cookie")]
    #[must_use]
    pub fn into_deletion(mut self) -> Self {
        self.value.clear();
        self.max_age = Some(0);
        self.expires = Some(0.into());
        self.is_http_only = false;
        self.is_secure = self.must_be_secure();
        self
    }

    /// The header's value: what stands behind `Set-Cookie: `. ASCII, without a line break.
    ///
    /// The attributes come in the order in which Django writes them, which is that of the alphabet.
    ///
    /// # Errors
    ///
    /// In this order:
    ///
    /// - [`Error::InvalidCookieName`]: empty, or not a token (RFC 9110, section 5.6.2)
    /// - [`Error::InvalidCookieValue`]: a byte is no cookie-octet (RFC 6265bis, section 4.1.1): white space, `"`, `,`, `;`,
    ///   `\`, a control character, or not ASCII. What the codec writes has none of these.
    /// - [`Error::InvalidCookiePath`]: it does not start with `/`, or has a `;`, a control character or a byte that is not
    ///   ASCII
    /// - [`Error::InvalidCookieDomain`]: other characters than letters, digits, `-` and `.`, or an empty label (one
    ///   leading dot is fine; browsers ignore it)
    /// - [`Error::InvalidCookieExpires`]: not in the years 1601 to 9999
    /// - [`Error::InsecureCookie`]: not [`Secure`](Self::with_secure), although the name starts with `__Secure-` or
    ///   `__Host-` in any case of letters (RFC 6265bis, section 4.1.3), or with [`SameSite::None`], or `Partitioned`
    /// - [`Error::HostCookieNotOfHost`]: the name starts with `__Host-`, and there is a domain, or another path than `/`
    /// - [`Error::CookieTooLarge`]: name and value are over [`MAX_COOKIE_LENGTH`], or the
    ///   [whole header](Self::with_whole_header_limit) is
    /// - [`Error::CookieAttributeTooLarge`]: an attribute's value is over [`MAX_COOKIE_ATTRIBUTE_LENGTH`]
    pub fn to_header(&self) -> Result<String, Error> {
        self.check_text()?;
        let expires = match self.expires {
            Some(instant) => Some(http_date(instant).ok_or(Error::InvalidCookieExpires)?),
            None => None,
        };
        self.check_promises()?;

        // Room for every attribute at its longest, the texts of the caller apart.
        let texts = [&self.name, &self.value, &self.path]
            .into_iter()
            .chain(&self.domain);
        let mut header = String::with_capacity(192 + texts.map(String::len).sum::<usize>());
        header.push_str(&self.name);
        header.push('=');
        header.push_str(&self.value);
        let mut attribute = |name: &str, value: &str| {
            header.push_str("; ");
            header.push_str(name);
            header.push_str(value);
        };
        if let Some(domain) = &self.domain {
            attribute("Domain=", domain);
        }
        if let Some(expires) = &expires {
            attribute("Expires=", expires);
        }
        if self.is_http_only {
            attribute("HttpOnly", "");
        }
        if let Some(max_age) = self.max_age {
            attribute("Max-Age=", &max_age.to_string());
        }
        if self.is_partitioned {
            attribute("Partitioned", "");
        }
        attribute("Path=", &self.path);
        if let Some(same_site) = self.same_site {
            attribute("SameSite=", same_site.as_str());
        }
        if self.is_secure {
            attribute("Secure", "");
        }
        self.check_sizes(&header)?;
        Ok(header)
    }

    /// Whether each text is what the grammar allows: no text can end its own part of the header, nor the header.
    fn check_text(&self) -> Result<(), Error> {
        if !is_token(&self.name) {
            return Err(Error::InvalidCookieName);
        }
        if !self.value.bytes().all(is_cookie_octet) {
            return Err(Error::InvalidCookieValue);
        }
        if !is_path(&self.path) {
            return Err(Error::InvalidCookiePath);
        }
        if self.domain.as_deref().is_some_and(|text| !is_domain(text)) {
            return Err(Error::InvalidCookieDomain);
        }
        Ok(())
    }

    /// Whether the attributes keep what the name and each other promise.
    fn check_promises(&self) -> Result<(), Error> {
        if self.must_be_secure() && !self.is_secure {
            return Err(Error::InsecureCookie);
        }
        if self.has_prefix("__Host-") && (self.path != "/" || self.domain.is_some()) {
            return Err(Error::HostCookieNotOfHost);
        }
        Ok(())
    }

    /// On the finished text, as a browser takes it apart: what counts is what is sent.
    fn check_sizes(&self, header: &str) -> Result<(), Error> {
        let mut parts = header.split("; ");
        let pair = parts.next().unwrap_or_default();
        let size = if self.has_whole_header_limit {
            header.len()
        } else {
            pair.len() - "=".len()
        };
        if size > MAX_COOKIE_LENGTH {
            return Err(Error::CookieTooLarge {
                size,
                limit: MAX_COOKIE_LENGTH,
            });
        }
        let values = parts.filter_map(|part| part.split_once('='));
        match values.map(|(_, value)| value.len()).max() {
            Some(size) if size > MAX_COOKIE_ATTRIBUTE_LENGTH => {
                Err(Error::CookieAttributeTooLarge {
                    size,
                    limit: MAX_COOKIE_ATTRIBUTE_LENGTH,
                })
            }
            _ => Ok(()),
        }
    }

    fn must_be_secure(&self) -> bool {
        self.is_partitioned
            || self.same_site == Some(SameSite::None)
            || self.has_prefix("__Secure-")
            || self.has_prefix("__Host-")
    }

    /// Whatever the case of the letters: RFC 6265bis, section 5.7, since a server may not care for case.
    fn has_prefix(&self, prefix: &str) -> bool {
        let start = self.name.as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    }
}

impl fmt::Debug for SetCookie {
    /// Everything but the value, which may be a session: of that, the length.
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

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// RFC 6265bis, section 4.1.1. The quotes that may stand around a value there are not for us to write.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

/// RFC 6265bis, section 4.1.1 (path-value); with any other start a browser takes the path of the request (5.6.4).
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b';')
}

/// RFC 6265bis, section 4.1.1 (domain-value), as far as it is about what may stand in a header.
fn is_domain(domain: &str) -> bool {
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    domain.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}
