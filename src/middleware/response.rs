//! The headers of a response that concern its session.

use alloc::vec::Vec;
use core::fmt;

use crate::cookie::set_cookie::SetCookie;

pub(super) const SET_COOKIE: &str = "set-cookie";
const VARY: &str = "vary";
const CACHE_CONTROL: &str = "cache-control";

/// A header of an [`Answer`](super::Answer).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// `set-cookie` or `vary`.
    pub name: &'static str,
    /// Its value, which is valid in a header.
    pub value: Vec<u8>,
    /// Whether all existing headers of this name must be removed before this one is added.
    pub replaces: bool,
}

/// Shows only the length of the value, which may be a session.
impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("name", &self.name)
            .field("value_length", &self.value.len())
            .field("replaces", &self.replaces)
            .finish()
    }
}

/// The headers of a response that matter here.
#[derive(Default)]
pub(crate) struct Response<'h> {
    /// Shared caches may store it.
    pub(super) is_shared: bool,
    /// It already sets or deletes the session's cookie.
    pub(super) sets_cookie: bool,
    /// Its other `Set-Cookie` headers.
    other_cookies: Vec<&'h [u8]>,
    /// Its `Vary` headers.
    vary: Vec<&'h [u8]>,
}

impl<'h> Response<'h> {
    pub(crate) fn read<N, V>(
        headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        cookie: &SetCookie,
    ) -> Self
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let mut response = Self::default();
        for (name, value) in headers {
            let (name, value) = (name.as_ref(), value.as_ref());
            if name.eq_ignore_ascii_case(SET_COOKIE) {
                if is_same(value, cookie) {
                    response.sets_cookie = true;
                } else {
                    response.other_cookies.push(value);
                }
            } else if name.eq_ignore_ascii_case(VARY) {
                response.vary.push(value);
            } else if name.eq_ignore_ascii_case(CACHE_CONTROL) {
                response.is_shared |= is_shared(value);
            } else if is_targeted(name) {
                response.is_shared |= !is_refused(value);
            }
        }
        response
    }

    /// Returns the headers that add a `Set-Cookie`, or replace an existing one for the same cookie.
    pub(super) fn with_cookie(&self, set_cookie: Vec<u8>) -> impl Iterator<Item = Header> {
        let kept: &[&[u8]] = if self.sets_cookie {
            &self.other_cookies
        } else {
            &[]
        };
        let values = kept.iter().map(|value| value.to_vec()).chain([set_cookie]);
        values.enumerate().map(|(at, value)| Header {
            name: SET_COOKIE,
            value,
            replaces: at == 0 && self.sets_cookie,
        })
    }

    /// Returns the `Vary` header with `Cookie` added, unless it already has `Cookie` or `*` (RFC 9110, section 12.5.5).
    pub(crate) fn vary_on_cookie(&self) -> Option<Header> {
        let says_so = |member: &[u8]| {
            let member = member.trim_ascii();
            member == b"*" || member.eq_ignore_ascii_case(b"cookie")
        };
        let mut members = self
            .vary
            .iter()
            .flat_map(|line| line.split(|&byte| byte == b','));
        if members.any(says_so) {
            return None;
        }
        let lines = self.vary.iter().map(|line| line.trim_ascii());
        let lines: Vec<&[u8]> = lines
            .filter(|line| !line.is_empty())
            .chain([&b"Cookie"[..]])
            .collect();
        Some(Header {
            name: VARY,
            value: lines.join(&b", "[..]),
            replaces: true,
        })
    }
}

/// Returns whether a `Cache-Control` header lets shared caches store the response for all users (RFC 9111, section
/// 5.2.2). At worst, an unchanged session is not sent although it could be.
fn is_shared(value: &[u8]) -> bool {
    has_directive(value, &[b"public", b"s-maxage"])
}

/// Returns whether a header tells some shared caches alone what to store: `CDN-Cache-Control` or one like it (RFC 9213),
/// or `Surrogate-Control`, an older one.
fn is_targeted(name: &str) -> bool {
    let ends_with = |end: &str| {
        let start = name.len().checked_sub(end.len());
        let found = start.and_then(|start| name.get(start..));
        found.is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    ends_with("cdn-cache-control") || name.eq_ignore_ascii_case("surrogate-control")
}

/// Returns whether such a header keeps these caches from storing the response. A word in a quoted string must not count, so
/// no value with quotes does.
fn is_refused(value: &[u8]) -> bool {
    !value.contains(&b'"') && has_directive(value, &[b"no-store", b"private"])
}

/// Returns whether one of the directives has one of these names. A word in a quoted string counts as well.
fn has_directive(value: &[u8], names: &[&[u8]]) -> bool {
    let directives = value.split(|&byte| byte == b',');
    let mut found = directives.map(|directive| split(directive).0);
    found.any(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)))
}

/// Returns whether a `Set-Cookie` header is for this cookie: browsers distinguish cookies by name, domain and path, and
/// keep partitioned ones apart. A header without a valid path may be for the same path, so it counts as the same cookie.
fn is_same(header: &[u8], cookie: &SetCookie) -> bool {
    let mut parts = header.split(|&byte| byte == b';');
    let pair = parts.next().unwrap_or_default();
    // Without a `=`, all of it is the value of a cookie without a name.
    if !pair.contains(&b'=') || split(pair).0 != cookie.name.as_bytes() {
        return false;
    }
    let (mut domain, mut path, mut is_partitioned) = (&b""[..], &b""[..], false);
    for part in parts {
        let (name, value) = split(part);
        // If an attribute is repeated, the last one counts (RFC 6265bis, section 5.7).
        if name.eq_ignore_ascii_case(b"domain") {
            domain = value.strip_prefix(b".").unwrap_or(value);
        } else if name.eq_ignore_ascii_case(b"path") {
            path = value;
        } else if name.eq_ignore_ascii_case(b"partitioned") {
            is_partitioned = true;
        }
    }
    let own_domain = cookie.domain.as_deref().unwrap_or_default();
    let own_domain = own_domain.strip_prefix('.').unwrap_or(own_domain);
    is_partitioned == cookie.is_partitioned
        && domain.eq_ignore_ascii_case(own_domain.as_bytes())
        && (path == cookie.path.as_bytes() || !path.starts_with(b"/"))
}

/// Returns the two sides of the first `=`, without white space around them.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let mut sides = text.splitn(2, |&byte| byte == b'=');
    let mut side = || sides.next().unwrap_or_default().trim_ascii();
    (side(), side())
}
