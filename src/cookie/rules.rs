//! The rules under which a browser keeps a cookie. It silently drops one that breaks them, so they are checked here.

use super::set_cookie::{SameSite, SetCookie};
use crate::error::Error;
use crate::limits::{MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_LENGTH};

impl SetCookie {
    /// Checks everything but `Expires`, in the order in which [`to_header`](Self::to_header) lists the errors.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_text()?;
        self.check_promises()?;
        self.check_sizes()
    }

    /// Whether each text is what the grammar allows, so that no text can end its own part of the header, or the header.
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

    /// Whether the attributes keep what the name and the other attributes promise.
    fn check_promises(&self) -> Result<(), Error> {
        if self.must_be_secure() && !self.is_secure {
            return Err(Error::InsecureCookie);
        }
        if self.must_be_http_only() && !self.is_http_only {
            return Err(Error::CookieNotHttpOnly);
        }
        if self.has_prefix("__Host-") && (self.path != "/" || self.domain.is_some()) {
            return Err(Error::HostCookieNotOfHost);
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<(), Error> {
        let size = self.name.len() + self.value.len();
        if size > MAX_COOKIE_LENGTH {
            return Err(Error::CookieTooLarge {
                size,
                limit: MAX_COOKIE_LENGTH,
            });
        }
        // The other attributes have short values of our own.
        let domain = self.domain.as_deref().unwrap_or_default();
        let size = self.path.len().max(domain.len());
        if size > MAX_COOKIE_ATTRIBUTE_LENGTH {
            return Err(Error::CookieAttributeTooLarge {
                size,
                limit: MAX_COOKIE_ATTRIBUTE_LENGTH,
            });
        }
        Ok(())
    }

    pub(super) fn must_be_secure(&self) -> bool {
        self.is_partitioned
            || self.same_site == Some(SameSite::None)
            || ["__Secure-", "__Host-", "__Http-"]
                .iter()
                .any(|prefix| self.has_prefix(prefix))
    }

    /// Chrome 140 and later drop every `Set-Cookie` of these names that is not `HttpOnly`, a deletion too (RFC 6265bis,
    /// section 4.1.3).
    pub(super) fn must_be_http_only(&self) -> bool {
        self.has_prefix("__Http-") || self.has_prefix("__Host-Http-")
    }

    /// Ignores the case of letters: RFC 6265bis, section 5.7, since a server may do so, too.
    fn has_prefix(&self, prefix: &str) -> bool {
        let start = self.name.as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// RFC 6265bis, section 4.1.1. The quotes that the grammar allows around a value are not written here.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

/// RFC 6265bis, section 4.1.1 (path-value). If a path starts otherwise, a browser takes the request's (5.6.4).
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b';')
}

/// The characters and labels of RFC 6265bis, section 4.1.1 (domain-value). Whether the domain is the site's own, only the
/// browser can know.
fn is_domain(domain: &str) -> bool {
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    domain.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}
