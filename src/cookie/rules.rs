//! The rules of browsers for cookies. Browsers silently drop a cookie that breaks them, so they are checked here.

use super::set_cookie::{SameSite, SetCookie};
use crate::error::Error;
use crate::limits::{MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_LENGTH};

impl SetCookie {
    /// Checks everything except `Expires`, in the order in which [`to_header`](Self::to_header) lists the errors.
    pub(super) fn check(&self) -> Result<(), Error> {
        let rule = |holds, error| if holds { Ok(()) } else { Err(error) };
        let domain = self.domain.as_deref();

        // Each text must follow the grammar, so that it cannot end its part of the header, or the header itself.
        rule(is_token(&self.name), Error::InvalidCookieName)?;
        let is_value = self.value.bytes().all(is_cookie_octet);
        rule(is_value, Error::InvalidCookieValue)?;
        rule(is_path(&self.path), Error::InvalidCookiePath)?;
        rule(domain.is_none_or(is_domain), Error::InvalidCookieDomain)?;

        // The attributes must have the values that the name and the other attributes require.
        let is_secure = self.is_secure || !self.must_be_secure();
        rule(is_secure, Error::InsecureCookie)?;
        let is_http_only = self.is_http_only || !self.must_be_http_only();
        rule(is_http_only, Error::CookieNotHttpOnly)?;
        let is_of_host = self.path == "/" && domain.is_none();
        let is_kept = is_of_host || !self.has_prefix("__Host-");
        rule(is_kept, Error::HostCookieNotOfHost)?;

        let (size, limit) = (self.name.len() + self.value.len(), MAX_COOKIE_LENGTH);
        rule(size <= limit, Error::CookieTooLarge { size, limit })?;
        // The other attributes have short values, which this crate writes.
        let size = self.path.len().max(domain.map_or(0, str::len));
        let limit = MAX_COOKIE_ATTRIBUTE_LENGTH;
        let too_large = Error::CookieAttributeTooLarge { size, limit };
        rule(size <= limit, too_large)
    }

    /// Returns how long a value may be: browsers limit name and value together.
    pub(crate) fn room(&self) -> usize {
        MAX_COOKIE_LENGTH.saturating_sub(self.name.len())
    }

    pub(super) fn must_be_secure(&self) -> bool {
        self.is_partitioned
            || self.same_site == Some(SameSite::None)
            || ["__Secure-", "__Host-", "__Http-"]
                .iter()
                .any(|prefix| self.has_prefix(prefix))
    }

    /// Chrome 140 and later drop every `Set-Cookie` with these names that is not `HttpOnly`, including a deletion (RFC
    /// 6265bis, section 4.1.3).
    pub(super) fn must_be_http_only(&self) -> bool {
        self.has_prefix("__Http-") || self.has_prefix("__Host-Http-")
    }

    /// Returns whether the name starts with a prefix. Ignores case, as browsers do (RFC 6265bis, section 5.7) because
    /// some servers do.
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

/// RFC 6265bis, section 4.1.1. The grammar allows quotes around a value; they are not accepted here.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

/// RFC 6265bis, section 4.1.1 (path-value). Without a leading `/`, a browser uses the path of the request instead
/// (5.6.4). It removes spaces at the end (5.6, step 5 for attributes), so the cookie would have another path.
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.ends_with(' ')
        && path
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b';')
}

/// The characters and labels of RFC 6265bis, section 4.1.1 (domain-value). Only the browser can check whether the domain
/// is the site's own.
fn is_domain(domain: &str) -> bool {
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    domain.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}
