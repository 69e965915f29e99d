//! The page to go to after signing in: written into the address of the login page, and checked when it comes back.

use alloc::format;
use alloc::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The name of the parameter (`REDIRECT_FIELD_NAME` in `django/contrib/auth/__init__.py`).
const PARAMETER: &str = "next";

/// In bytes (`MAX_URL_LENGTH` in `django/utils/http.py`).
const MAX_LENGTH: usize = 2048;

/// What is escaped in the parameter: all but RFC 3986's unreserved characters (section 2.3) and the slash, as
/// `redirect_to_login` in `django/contrib/auth/views.py` does.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Returns `next` if a redirect to it stays on this site, and `None` if it could lead to another one. Call it for each
/// `next` that a request brings, before the redirect: anyone can make a link to the login page with a `next` of their own.
///
/// The result is safe to redirect to. It is not HTML: it may contain `'` and `&`, so escape it when you write it into a
/// page, such as into the form's hidden field.
///
/// `next` must be a path with an optional query and fragment. These rules make browsers read it as one (RFC 3986,
/// section 4.2; they accept less than Django's `url_has_allowed_host_and_scheme`, which also takes absolute URLs):
///
/// - It begins with one slash. `//evil.example` is the address of another host, and `https:` or `javascript:` a scheme.
/// - It has no backslash. Browsers read one as a slash.
/// - It has only printable ASCII characters, and no space. Browsers remove tabs and line breaks, so that two slashes can
///   be hidden as a slash, a tab and a slash. Other characters come percent-encoded.
/// - It has no `"`, `<` or `>`. Browsers percent-encode them in a path, a query and a fragment (URL Standard, section 1.3),
///   so an address that contains one is not a browser's, but may be an attempt to inject HTML.
/// - It has at most 2048 bytes, Django's limit.
///
/// It is not decoded, so pass the parameter's value as the form or query parser returns it, and redirect to just that.
///
/// ```
/// use hardtack::axum::safe_next;
///
/// assert_eq!(safe_next("/orders?page=2"), Some("/orders?page=2"));
/// assert_eq!(safe_next("https://evil.example/"), None);
/// assert_eq!(safe_next("//evil.example/"), None);
/// assert_eq!(safe_next(r"/\evil.example"), None);
/// ```
#[doc(alias = "url_has_allowed_host_and_scheme")]
pub fn safe_next(next: &str) -> Option<&str> {
    let is_path = next.starts_with('/') && !next.starts_with("//");
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !br#"\"<>"#.contains(&byte);
    (is_path && next.len() <= MAX_LENGTH && next.bytes().all(is_allowed)).then_some(next)
}

/// Returns the address of the login page, with the page to go to afterwards as its parameter `next`. A `next` that
/// [`safe_next`] refuses is left out. `login` is a path such as `/login`, and may have a query.
///
/// [`LoginRequired`](super::LoginRequired) does this for the request's own address. Call it for a link to the login page,
/// or for a redirect of your own.
///
/// ```
/// use hardtack::axum::login_url;
///
/// assert_eq!(login_url("/login", "/orders?page=2"), "/login?next=/orders%3Fpage%3D2");
/// assert_eq!(login_url("/login?by=mail", "//evil.example"), "/login?by=mail");
/// ```
#[doc(alias = "redirect_to_login")]
pub fn login_url(login: &str, next: &str) -> String {
    let Some(next) = safe_next(next) else {
        return login.into();
    };
    let mark = if login.contains('?') { '&' } else { '?' };
    let next = utf8_percent_encode(next, &ESCAPED);
    format!("{login}{mark}{PARAMETER}={next}")
}
