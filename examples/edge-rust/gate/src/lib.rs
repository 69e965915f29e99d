//! Decides which requests reach a Django site behind the gate: those of signed-in users, and those for open paths.
//!
//! The site must use the session engine `signed_cookies`. No clock, no I/O: each host passes the request and the time.

#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hardtack::{Error, KeyRing, SecretKey, SessionCodec, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The site's login page.
const LOGIN_URL: &str = "/admin/login/";

/// Paths that need no session. One that ends with a slash also covers everything below it.
const OPEN: [&str; 4] = [LOGIN_URL, "/accounts/", "/static/", "/favicon.ico"];

/// The headers that the gate adds. The site can trust them if it can only be reached through the gate.
const ADDED: [&str; 3] = ["x-session-user", "x-forwarded-host", "x-forwarded-proto"];

pub struct Gate(SessionCodec);

/// A request, as far as the gate needs it.
pub struct Request<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The host with its port, as the client named it.
    pub host: &'a str,
    pub method: &'a str,
    /// The path, and the query without its `?`. They can be spelled as the client sent them.
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub accept: Option<&'a str>,
}

pub enum Decision {
    /// Send the request to the site, without its headers that [`is_added`], and with these.
    Pass(Added),
    /// Answer 302 with this `Location`.
    SignIn(String),
    /// Answer 401 with this reason: the name of hardtack's error, `NoCookie` or `NotSignedIn`.
    Refuse(&'static str),
}

/// Names and values of headers: the user's id (percent-encoded) if one is signed in, and host and scheme of the request.
pub type Added = Vec<(&'static str, String)>;

impl Gate {
    /// `secret` is the site's `SECRET_KEY`.
    ///
    /// # Errors
    ///
    /// Those of [`SecretKey::new`]: the key is weak, or from `startproject`.
    pub fn new(secret: &str) -> Result<Self, Error> {
        Ok(Self(SessionCodec::new(KeyRing::new(SecretKey::new(
            secret,
        )?))))
    }

    /// Decides about a request whose `Cookie` headers are `cookies`.
    pub fn decide<'h, H>(
        &self,
        request: &Request<'_>,
        cookies: impl IntoIterator<Item = &'h H>,
        now: impl Into<Timestamp>,
    ) -> Decision
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let user = self
            .0
            .read_youngest("sessionid", cookies, now, |verified, _| {
                verified.session()?.auth_user_id()
            });
        let reason = match user {
            Ok(Some(Some(id))) => return Decision::Pass(added(request, Some(&id))),
            Ok(Some(None)) => "NotSignedIn",
            Ok(None) => "NoCookie",
            Err(error) => error.name(),
        };
        if is_open(request.path) {
            return Decision::Pass(added(request, None));
        }
        // After another reason the site may take its user for signed in, and redirecting could go on forever.
        let helps = matches!(
            reason,
            "NoCookie" | "NotSignedIn" | "Expired" | "SessionExpired"
        );
        let is_page = matches!(request.method, "GET" | "HEAD")
            && request
                .accept
                .is_some_and(|accept| accept.contains("text/html"));
        if helps && is_page {
            Decision::SignIn(login(request.path, request.query))
        } else {
            Decision::Refuse(reason)
        }
    }
}

/// Whether a header is one of those that the gate adds. Many servers take an underscore for a hyphen.
pub fn is_added(name: &str) -> bool {
    let name = name.replace('_', "-");
    ADDED.iter().any(|added| name.eq_ignore_ascii_case(added))
}

fn added(request: &Request<'_>, user: Option<&str>) -> Added {
    let [user_header, host_header, scheme_header] = ADDED;
    let mut added = Added::from([
        (host_header, request.host.into()),
        (scheme_header, request.scheme.into()),
    ]);
    added.extend(user.map(|id| (user_header, encoded(id))));
    added
}

fn login(path: &str, query: Option<&str>) -> String {
    // `//other.example` would be another site.
    if path.starts_with("//") {
        return LOGIN_URL.into();
    }
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{LOGIN_URL}?next={}", encoded(&format!("{path}{query}")))
}

fn is_open(path: &str) -> bool {
    is_unambiguous(path)
        && OPEN
            .iter()
            .any(|open| path == *open || open.ends_with('/') && path.starts_with(open))
}

/// Whether no server resolves or decodes the path to another one: it has no dot segments, empty segments, backslashes or path
/// parameters, encoded or not, and no encoded slashes.
fn is_unambiguous(path: &str) -> bool {
    let Ok(decoded) = percent_decode_str(path).decode_utf8() else {
        return false;
    };
    let mut segments = decoded.split('/').skip(1).peekable();
    let mut is_plain =
        !decoded.contains(|character: char| character.is_control() || "%\\;".contains(character));
    while let Some(segment) = segments.next() {
        is_plain &=
            !matches!(segment, "." | "..") && (!segment.is_empty() || segments.peek().is_none());
    }
    is_plain && decoded.starts_with('/')
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).collect()
}
