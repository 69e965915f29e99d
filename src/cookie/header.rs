//! Finds the values of one cookie in a request's `Cookie` headers, as Django reads them.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::iter::FusedIterator;

use crate::limits::MAX_COOKIE_CANDIDATES;
use crate::strip::stripped;

/// Returns the values of the cookies called `name` in a request's `Cookie` headers, from the last to the first.
///
/// Pass the headers in the order in which they arrived, as anything that is `AsRef<[u8]>`: `&[u8]`, `&str`, `&Vec<u8>`,
/// or the `get_all(COOKIE)` of an `http::HeaderMap`. Several headers count as one, joined by `; ` (RFC 9113, section
/// 8.2.3). Names must match byte for byte.
///
/// Django reads the last cookie with a name. A browser sends several if they were set for different domains or paths,
/// in an order that a sibling site can influence. For sessions, use
/// [`SessionCodec::read_youngest`](crate::SessionCodec::read_youngest), which tries all of them. At most
/// [`MAX_COOKIE_CANDIDATES`] are returned.
///
/// Parses as `parse_cookie` in `django/http/cookie.py` does: pairs end at `;`, names at the first `=`, white space is
/// stripped, and text without `=` is the value of the empty name. But from names, only spaces and tabs are stripped, as
/// browsers do: otherwise a subdomain could set a cookie with other white space in front of `__Host-`, which browsers
/// do not take for a `__Host-` cookie. Double quotes around a value are removed and its escapes (`\"`, `\054`) are
/// decoded, as `_unquote` of Python's `http/cookies.py` does. Bytes that are not UTF-8 become U+FFFD
/// (`get_str_from_wsgi` in `django/core/handlers/wsgi.py`): such a value is returned, but no key verifies it. A name
/// with such bytes never matches.
///
/// This takes time linear in the length of the headers. It allocates only for a value that has escapes or is not UTF-8,
/// when the iterator returns it.
///
/// ```
/// use hardtack::cookie;
///
/// let headers = ["sessionid=first; theme=dark", "sessionid=\"second\""];
/// let values: Vec<_> = cookie::find("sessionid", headers).collect();
/// assert_eq!(values, ["second", "first"]);
/// ```
#[doc(alias("parse_cookie", "COOKIES", "HTTP_COOKIE"))]
pub fn find<'h, H>(name: &str, headers: impl IntoIterator<Item = &'h H>) -> Candidates<'h>
where
    H: AsRef<[u8]> + ?Sized + 'h,
{
    let mut candidates = Candidates {
        ring: [&[]; MAX_COOKIE_CANDIDATES],
        end: 0,
        left: 0,
        is_truncated: false,
    };
    for header in headers {
        for pair in header.as_ref().split(|&byte| byte == b';') {
            let mut parts = pair.splitn(2, |&byte| byte == b'=');
            let (found, value) = match (parts.next(), parts.next()) {
                (Some(found), Some(value)) => (found, value),
                _ => (&[][..], pair),
            };
            if is_name(found, name) && !(name.is_empty() && is_blank(value)) {
                candidates.push(value);
            }
        }
    }
    candidates
}

/// The values that [`find`] found, from the last to the first.
///
/// A value without escapes is borrowed from its header.
#[derive(Clone)]
#[must_use = "the values are decoded as the iterator returns them"]
pub struct Candidates<'h> {
    /// The last values, not decoded. In a full ring, a new value overwrites the oldest.
    ring: [&'h [u8]; MAX_COOKIE_CANDIDATES],
    /// The index after the value that is returned next.
    end: usize,
    /// Values not yet returned.
    left: usize,
    is_truncated: bool,
}

impl<'h> Candidates<'h> {
    /// Returns whether the headers have more than [`MAX_COOKIE_CANDIDATES`] values, so that earlier ones are left out. One
    /// of those may be good, so do not delete the cookie then.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "`end` is a remainder of the ring's length"
    )]
    fn push(&mut self, value: &'h [u8]) {
        self.is_truncated |= self.left == MAX_COOKIE_CANDIDATES;
        self.ring[self.end] = value;
        self.end = (self.end + 1) % MAX_COOKIE_CANDIDATES;
        self.left = (self.left + 1).min(MAX_COOKIE_CANDIDATES);
    }
}

impl<'h> Iterator for Candidates<'h> {
    type Item = Cow<'h, str>;

    #[expect(
        clippy::indexing_slicing,
        reason = "`end` is a remainder of the ring's length"
    )]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.end = (self.end + MAX_COOKIE_CANDIDATES - 1) % MAX_COOKIE_CANDIDATES;
        Some(decoded(self.ring[self.end]))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Candidates<'_> {}
impl FusedIterator for Candidates<'_> {}

impl fmt::Debug for Candidates<'_> {
    /// Shows only the number of values left, since they may be sessions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

fn is_name(found: &[u8], name: &str) -> bool {
    // The cheap test comes first, because most cookies in a header have other names. White space around a name only
    // makes it longer.
    found.len() >= name.len() && without_margin(found) == name.as_bytes()
}

/// Removes the white space that browsers remove around a name (RFC 6265bis, section 5.6).
fn without_margin(mut name: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = name {
        name = rest;
    }
    name
}

fn is_blank(value: &[u8]) -> bool {
    core::str::from_utf8(value).is_ok_and(|value| stripped(value).is_empty())
}

fn decoded(value: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(value) {
        Cow::Borrowed(text) => unquoted(stripped(text)),
        Cow::Owned(text) => Cow::Owned(unquoted(stripped(&text)).into_owned()),
    }
}

/// Python's `http.cookies._unquote`. A backslash before a line feed, or at the end, is kept.
fn unquoted(text: &str) -> Cow<'_, str> {
    let Some(inner) = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    // Never longer: an escape of four bytes becomes one character of at most two.
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut after = escape.chars();
        if let Some((character, after)) = octal(escape) {
            out.push(character);
            rest = after;
        } else if let Some(character) = after.next().filter(|&character| character != '\n') {
            out.push(character);
            rest = after.as_str();
        } else {
            out.push('\\');
            rest = escape;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Returns the character of three octal digits, 000 to 377, and the text after them.
fn octal(escape: &str) -> Option<(char, &str)> {
    let (digits, after) = escape.split_at_checked(3)?;
    match *digits.as_bytes() {
        [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7'] => {
            let character = (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0');
            Some((char::from(character), after))
        }
        _ => None,
    }
}
