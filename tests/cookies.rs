//! Cookies: which headers are written, which cookies are refused, and which values are found.

mod common;

use std::collections::BTreeMap;

use hardtack::limits::{MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_CANDIDATES, MAX_COOKIE_LENGTH};
use hardtack::{Error, SameSite, SetCookie, Timestamp, cookie};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use common::NOW;

fn plain(name: &str, value: &str) -> SetCookie {
    SetCookie::new(name).with_value(value)
}

#[track_caller]
fn writes(cookie: &SetCookie, header: &str) {
    assert_eq!(cookie.to_header().as_deref(), Ok(header));
}

#[track_caller]
fn refuses(cookie: &SetCookie, error: Error) {
    assert_eq!(cookie.to_header(), Err(error));
}

#[track_caller]
fn finds(name: &str, headers: &[&str], values: &[&str]) {
    let found: Vec<_> = cookie::find(name, headers).collect();
    assert_eq!(found, values, "{headers:?}");
}

// Headers that are written.

#[test]
fn attributes_are_in_djangos_order_and_spelling() {
    writes(
        &plain("sessionid", "v"),
        "sessionid=v; HttpOnly; Path=/; SameSite=Lax; Secure",
    );
    let full = plain("sessionid", "v")
        .with_path("/shop")
        .with_domain("example.org")
        .with_max_age(1_209_600)
        .with_expires(NOW + 1_209_600)
        .with_same_site(SameSite::None)
        .with_partitioned(true);
    writes(
        &full,
        "sessionid=v; Domain=example.org; Expires=Tue, 28 Nov 2023 22:13:20 GMT; HttpOnly; Max-Age=1209600; \
         Partitioned; Path=/shop; SameSite=None; Secure",
    );
    let bare = plain("a", "")
        .with_secure(false)
        .with_http_only(false)
        .without_same_site();
    writes(&bare, "a=; Path=/");
    writes(
        &plain("a", "1")
            .with_value("2")
            .with_same_site(SameSite::Strict),
        "a=2; HttpOnly; Path=/; SameSite=Strict; Secure",
    );
    for seconds in [0, -1, i64::MIN, i64::MAX] {
        writes(
            &bare.clone().with_max_age(seconds),
            &format!("a=; Max-Age={seconds}; Path=/"),
        );
    }
}

/// A header is allocated once: beside the caller's texts, all attributes fit into 192 bytes.
#[test]
fn a_header_has_little_spare_memory() {
    for length in [0, 4000] {
        let cookie = plain("sessionid", &"v".repeat(length))
            .with_path("/shop")
            .with_domain("example.org")
            .with_max_age(i64::MIN)
            .with_expires(NOW)
            .with_same_site(SameSite::Strict)
            .with_partitioned(true);
        let header = cookie.to_header().expect("a good cookie");
        let texts = "sessionid/shopexample.org".len() + length;
        assert_eq!(header.capacity() - texts, 192);
    }
}

#[test]
fn a_deletion_has_the_same_name_path_and_domain() {
    const GONE: &str = "Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    let sent = plain("sessionid", "v")
        .with_max_age(60)
        .with_expires(NOW + 60);
    writes(
        &sent.clone().into_deletion(),
        &format!("sessionid=; {GONE}; Max-Age=0; Path=/; SameSite=Lax"),
    );
    writes(
        &sent
            .clone()
            .with_path("/shop")
            .with_domain(".example.org")
            .without_same_site()
            .into_deletion(),
        &format!("sessionid=; Domain=.example.org; {GONE}; Max-Age=0; Path=/shop"),
    );
    writes(
        &sent
            .clone()
            .with_same_site(SameSite::None)
            .with_secure(false)
            .into_deletion(),
        &format!("sessionid=; {GONE}; Max-Age=0; Path=/; SameSite=None; Secure"),
    );
    writes(
        &sent.with_partitioned(true).into_deletion(),
        &format!("sessionid=; {GONE}; Max-Age=0; Partitioned; Path=/; SameSite=Lax; Secure"),
    );
    for name in ["__Secure-a", "__Host-a", "__sEcUrE-a", "__HOST-a"] {
        writes(
            &plain(name, "v").into_deletion(),
            &format!("{name}=; {GONE}; Max-Age=0; Path=/; SameSite=Lax; Secure"),
        );
    }
    for name in ["__Http-a", "__Host-Http-a", "__hTTp-a", "__HOST-HTTP-a"] {
        writes(
            &plain(name, "v").into_deletion(),
            &format!("{name}=; {GONE}; HttpOnly; Max-Age=0; Path=/; SameSite=Lax; Secure"),
        );
    }
    // A cookie can be deleted even if it could not be set.
    let large = plain("a", &"x".repeat(MAX_COOKIE_LENGTH)).into_deletion();
    assert!(large.to_header().is_ok());
    assert_eq!(large.clone().into_deletion(), large);
}

#[test]
fn expires_is_an_http_date() {
    let cookie = |instant: Timestamp| plain("a", "").with_expires(instant).to_header();
    let first = -11_644_473_600; // 1601-01-01T00:00:00Z
    let last = 253_402_300_799; // 9999-12-31T23:59:59Z
    for (seconds, date) in [
        (first, "Mon, 01 Jan 1601 00:00:00 GMT"),
        (last, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), // RFC 9110's own example
    ] {
        let header = cookie(seconds.into()).expect("a date");
        assert!(header.contains(&format!("; Expires={date}; ")), "{header}");
    }
    for seconds in [first - 1, last + 1, i64::MIN, i64::MAX, -99_999_999_999] {
        assert_eq!(cookie(seconds.into()), Err(Error::InvalidCookieExpires));
    }
    // A fraction of the last second is within the range; a fraction before the first second is not.
    let nanos =
        |seconds: i64, more| Timestamp::from_unix_nanos(i128::from(seconds) * 1_000_000_000 + more);
    assert!(cookie(nanos(last, 999_999_999)).is_ok());
    assert_eq!(cookie(nanos(first, -1)), Err(Error::InvalidCookieExpires));
}

/// A cookie can hold every value that the codec writes.
#[test]
fn the_codecs_values_are_valid() {
    for (name, value) in common::cookies() {
        let header = plain("sessionid", &value).to_header().expect(&name);
        let pair = header.split(';').next().expect("a pair");
        finds("sessionid", &[pair], &[&value]);
    }
}

// Cookies that are refused.

#[test]
fn a_name_must_be_a_token() {
    refuses(&plain("", "v"), Error::InvalidCookieName);
    let mut token = String::new();
    for character in ('\0'..='\u{ff}').chain(['\u{202e}', '\u{1f36a}']) {
        let name = format!("a{character}");
        if character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character) {
            assert!(plain(&name, "v").to_header().is_ok(), "{name:?}");
            token.push(character);
        } else {
            refuses(&plain(&name, "v"), Error::InvalidCookieName);
        }
    }
    assert_eq!(token.len(), 77); // RFC 9110, section 5.6.2: 15 marks, 10 digits, 52 letters
}

#[test]
fn a_value_must_need_no_quoting() {
    let mut octets = String::new();
    for character in ('\0'..='\u{ff}').chain(['\u{202e}', '\u{1f36a}']) {
        let value = format!("a{character}");
        let code = u32::from(character);
        if matches!(code, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e) {
            assert!(plain("a", &value).to_header().is_ok(), "{value:?}");
            octets.push(character);
        } else {
            refuses(&plain("a", &value), Error::InvalidCookieValue);
        }
    }
    assert_eq!(octets.len(), 90);
    refuses(&plain("a", "\"quoted\""), Error::InvalidCookieValue);
    refuses(
        &plain("a", "v\r\nSet-Cookie: b=1"),
        Error::InvalidCookieValue,
    );
}

#[test]
fn a_path_must_start_with_a_slash_and_stay_in_its_place() {
    for path in ["/", "//", "/a", "/a/b%20c", "/a b", "/=?,\"\\~"] {
        let header = plain("a", "v").with_path(path).to_header().expect(path);
        assert!(header.contains(&format!("; Path={path}; ")), "{header}");
    }
    for path in [
        "",
        "a",
        " /",
        "/ ",
        "/a ",
        "?/",
        "/;",
        "/; Domain=evil.example",
        "/\n",
        "/\r\nA: b",
        "/\t",
        "/\0",
        "/\u{7f}",
        "/é",
        "/\u{85}",
    ] {
        refuses(&plain("a", "v").with_path(path), Error::InvalidCookiePath);
    }
}

#[test]
fn a_domain_must_be_a_host_name() {
    for domain in [
        "localhost",
        "example.org",
        ".example.org",
        "a-1.EXAMPLE.org",
        "192.0.2.1",
        "xn--zrich-kva.example",
    ] {
        let header = plain("a", "v").with_domain(domain).to_header();
        let header = header.expect(domain);
        assert!(header.contains(&format!("; Domain={domain}; ")), "{header}");
    }
    for domain in [
        "",
        ".",
        "..",
        "..org",
        "example..org",
        "example.org.",
        ".example.org.",
        " example.org",
        "example.org ",
        "example.org;",
        "example.org; Path=/x",
        "example.org\r\n",
        "example.org:80",
        "a,b",
        "a_b",
        "[::1]",
        "zürich.example",
        "a\0b",
    ] {
        refuses(
            &plain("a", "v").with_domain(domain),
            Error::InvalidCookieDomain,
        );
    }
}

#[test]
fn some_cookies_must_be_secure() {
    for name in [
        "__Secure-a",
        "__Host-a",
        "__SECURE-a",
        "__host-a",
        "__Host-",
        "__Http-a",
        "__HTTP-",
        "__Host-Http-a",
    ] {
        let cookie = plain(name, "v");
        assert!(cookie.to_header().is_ok(), "{name}");
        refuses(&cookie.with_secure(false), Error::InsecureCookie);
    }
    for name in [
        "__Secure",
        "__Host",
        "_Host-a",
        "a__Host-a",
        "__Hos-",
        "__Http",
        "_Http-a",
    ] {
        let cookie = plain(name, "v").with_secure(false).with_path("/a");
        assert!(cookie.to_header().is_ok(), "{name}");
    }
    let open = plain("a", "v").with_secure(false);
    refuses(
        &open.clone().with_same_site(SameSite::None),
        Error::InsecureCookie,
    );
    refuses(&open.clone().with_partitioned(true), Error::InsecureCookie);
    for cookie in [
        open.clone(),
        open.clone().with_same_site(SameSite::Strict),
        open.without_same_site(),
    ] {
        assert!(cookie.to_header().is_ok());
    }
}

/// Browsers that know these prefixes drop such a cookie if it is not `HttpOnly`, so a deletion is `HttpOnly` as well
/// (tested above).
#[test]
fn some_cookies_must_be_http_only() {
    for name in [
        "__Http-a",
        "__http-",
        "__hTtP-a",
        "__Host-Http-a",
        "__HOST-HTTP-",
        "__host-http-a",
    ] {
        let cookie = plain(name, "v");
        assert!(cookie.to_header().is_ok(), "{name}");
        refuses(
            &cookie.clone().with_http_only(false),
            Error::CookieNotHttpOnly,
        );
        // `Secure` is checked first, the host after it.
        let open = cookie.with_http_only(false).with_secure(false);
        refuses(&open, Error::InsecureCookie);
    }
    for name in [
        "__Http",
        "_Http-a",
        "Http-a",
        "a__Http-a",
        "__Secure-Http-a",
        "__Host-Httpa",
        "__HostHttp-a",
    ] {
        let cookie = plain(name, "v").with_http_only(false);
        assert!(cookie.to_header().is_ok(), "{name}");
    }
    // Only the longer prefix requires the host's cookie.
    let shop = plain("__Http-a", "v")
        .with_path("/shop")
        .with_domain("example.org");
    assert!(shop.to_header().is_ok());
}

#[test]
fn a_host_cookie_has_no_domain_and_the_root_path() {
    for name in ["__Host-a", "__HOST-a", "__host-", "__Host-Http-a"] {
        let cookie = plain(name, "v");
        refuses(&cookie.clone().with_path("/a"), Error::HostCookieNotOfHost);
        refuses(
            &cookie.clone().with_domain("example.org"),
            Error::HostCookieNotOfHost,
        );
        refuses(
            &cookie.with_domain("example.org").into_deletion(),
            Error::HostCookieNotOfHost,
        );
    }
    let secure = plain("__Secure-a", "v")
        .with_path("/a")
        .with_domain("example.org");
    assert!(secure.to_header().is_ok());
}

#[test]
fn name_and_value_are_limited_together() {
    for name in ["a", "sessionid"] {
        let of =
            |size: usize| plain(name, &"x".repeat(size - name.len())).with_path("/a/long/path");
        let header = of(MAX_COOKIE_LENGTH).to_header().expect("at the limit");
        assert!(header.len() > MAX_COOKIE_LENGTH);
        let too_large = Error::CookieTooLarge {
            size: MAX_COOKIE_LENGTH + 1,
            limit: MAX_COOKIE_LENGTH,
        };
        refuses(&of(MAX_COOKIE_LENGTH + 1), too_large);
    }
    // The name counts as well.
    assert!(plain(&"a".repeat(4096), "").to_header().is_ok());
    let long_name = Error::CookieTooLarge {
        size: 4097,
        limit: 4096,
    };
    refuses(&plain(&"a".repeat(4097), ""), long_name);
    refuses(&plain(&"a".repeat(4096), "="), long_name);
}

/// The sizes that web-platform-tests try in `cookies/size/name-and-value.html` and `attributes.www.sub.html`. A browser
/// must keep a cookie that fits and ignore one that does not, so we write the former and refuse the latter. (They also
/// have cookies without a name, which we always refuse, and attributes that occur twice, which we never write.)
#[test]
fn the_sizes_of_web_platform_tests() {
    for (name, value, fits) in [
        (2048, 2048, true),
        (4096, 0, true),
        (1, 4095, true),
        (4097, 0, false),
        (4097, 1, false),
        (4096, 1, false),
        (1, 4096, false),
    ] {
        let cookie = plain(&"t".repeat(name), &"1".repeat(value));
        let too_large = Error::CookieTooLarge {
            size: name + value,
            limit: 4096,
        };
        let result = cookie.to_header().map(drop);
        let expected = if fits { Ok(()) } else { Err(too_large) };
        assert_eq!(result, expected, "{name}, {value}");
    }
    for value in [4096, 4097] {
        refuses(&plain("", &"1".repeat(value)), Error::InvalidCookieName);
    }

    let path = format!("/cookies/siz{}", "e".repeat(1024));
    let domain = format!("{}.com", "a".repeat(1024));
    let too_large = |size| Error::CookieAttributeTooLarge { size, limit: 1024 };
    refuses(&plain("test", "1").with_path(path), too_large(1036));
    refuses(&plain("test", "1").with_domain(domain), too_large(1028));
}

#[test]
fn path_and_domain_are_limited() {
    let path = |size: usize| plain("a", "v").with_path("/=".repeat(size)[..size].to_owned());
    let domain = |size: usize| plain("a", "v").with_domain("d".repeat(size));
    assert!(path(MAX_COOKIE_ATTRIBUTE_LENGTH).to_header().is_ok());
    assert!(domain(MAX_COOKIE_ATTRIBUTE_LENGTH).to_header().is_ok());
    let too_large = Error::CookieAttributeTooLarge {
        size: 1025,
        limit: 1024,
    };
    refuses(&path(1025), too_large);
    refuses(&domain(1025), too_large);
}

#[test]
fn debug_shows_no_value() {
    let cookie = plain("sessionid", "a-secret-value").with_domain("example.org");
    let debug = format!("{cookie:?} {cookie:#?}");
    assert!(!debug.contains("a-secret-value"), "{debug}");
    for shown in ["sessionid", "value_length: 14", "example.org", "Lax"] {
        assert!(debug.contains(shown), "{debug}");
    }
    let candidates = cookie::find("sessionid", ["sessionid=a-secret-value"]);
    assert_eq!(format!("{candidates:?}"), "Candidates { left: 1, .. }");
}

// Values that are found.

#[test]
fn the_last_value_is_returned_first() {
    finds("a", &[], &[]);
    finds("a", &[""], &[]);
    finds("a", &["a=1"], &["1"]);
    finds(
        "a",
        &["a=1; b=2; a=3", "b=4", "a=5;a=6"],
        &["6", "5", "3", "1"],
    );
    finds("a", &["A=1; aa=2; a =3; b=a=4; a"], &["3"]);
    // A header does not continue in the next one.
    finds("a", &["a=1; a", "=2"], &["1"]);
    finds("a", &["a=\"1", "2\""], &["\"1"]);
}

#[test]
fn headers_may_have_any_type_of_bytes() {
    let owned: Vec<Vec<u8>> = vec![b"a=1".to_vec(), b"a=2".to_vec()];
    let last = |mut found: cookie::Candidates<'_>| found.next().map(String::from);
    assert_eq!(last(cookie::find("a", &owned)).as_deref(), Some("2"));
    let slices: [&[u8]; 2] = [b"a=1", b"a=2"];
    assert_eq!(last(cookie::find("a", slices)).as_deref(), Some("2"));
    assert_eq!(last(cookie::find("a", Some("a=1"))).as_deref(), Some("1"));
}

#[test]
fn only_the_last_eight_values_are_returned() {
    for count in 0..=3 * MAX_COOKIE_CANDIDATES {
        let pairs: Vec<String> = (0..count).map(|at| format!("a={at}")).collect();
        let header = pairs.join("; ");
        let candidates = cookie::find("a", [header.as_str()]);
        assert_eq!(candidates.len(), count.min(MAX_COOKIE_CANDIDATES));
        assert_eq!(candidates.is_truncated(), count > MAX_COOKIE_CANDIDATES);
        let expected = (0..count).rev().take(MAX_COOKIE_CANDIDATES);
        assert!(candidates.eq(expected.map(|at| at.to_string())), "{count}");
    }
}

#[test]
fn an_unquoted_value_is_borrowed() {
    let header = "theme=\"dark\"; sessionid=e30:1r31eq:x; sessionid=\"e30:1r31eq:y\"; junk";
    let cost = allocation_counter::measure(|| {
        assert!(cookie::find("sessionid", [header]).eq(["e30:1r31eq:y", "e30:1r31eq:x"]));
    });
    assert_eq!(cost.count_total, 0);
}

/// One megabyte each. Quadratic work would take too long to finish.
#[test]
fn hostile_headers_take_linear_time() {
    const SIZE: usize = 1 << 20;
    for piece in [
        ";", "=", "a", "a=", "a=;", "a;", "a=\"\";", "a=\";", "\"", "\\", "\\\"", "\\0", "\\012",
        "\\\n", " ", "\u{a0}", "; ", "\u{fffd}",
    ] {
        let filler = piece.repeat(SIZE / piece.len());
        for header in [
            filler.clone(),
            format!("a={filler}"),
            format!("a=\"{filler}\""),
        ] {
            let cost = allocation_counter::measure(|| {
                let found = cookie::find("a", [header.as_str()]);
                assert!(found.len() <= MAX_COOKIE_CANDIDATES);
                assert!(found.map(|value| value.len()).sum::<usize>() <= header.len());
            });
            assert!(cost.bytes_max <= header.len() as u64, "{piece:?}");
        }
    }
    // Each invalid byte becomes three.
    let header = [b"a=".to_vec(), vec![0xff; SIZE]].concat();
    let value = cookie::find("a", [&header]).next();
    assert_eq!(value.map(|value| value.len()), Some(3 * SIZE));
}

// The same results as Django (`tests/vectors/make_cookie_headers.py`).

fn vectors<T: DeserializeOwned>(lines: &str) -> Vec<T> {
    let vectors: Vec<T> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a vector"))
        .collect();
    assert!(vectors.len() > 200);
    vectors
}

#[derive(Deserialize)]
struct Request {
    header: String,
    cookies: BTreeMap<String, String>,
}

/// A browser takes a name with other white space in front of `__Host-` for an ordinary one, so a subdomain can set it.
#[test]
fn only_spaces_and_tabs_are_stripped_from_a_name() {
    const NAME: &str = "__Host-sessionid";
    let finds = |found: &str| cookie::find(NAME, [&format!("a=1; {found}=v; b=2")]).len() == 1;
    for margin in ["", " ", "\t", " \t "] {
        assert!(finds(&format!("{margin}{NAME}{margin}")), "{margin:?}");
    }
    let others = ('\0'..=char::MAX)
        .filter(|c| c.is_whitespace() || c.is_control() || ('\u{200b}'..='\u{200f}').contains(c))
        .filter(|c| !" \t".contains(*c));
    let mut count = 0;
    for other in others {
        assert!(!finds(&format!("{other}{NAME}")), "{other:?}");
        assert!(!finds(&format!("{NAME}{other}")), "{other:?}");
        count += 1;
    }
    assert!(count > 80, "{count}");
}

/// Returns whether a name in a header has white space around it that Django strips and we do not.
fn has_other_margin(header: &[u8]) -> bool {
    let is_space = |c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c);
    header.split(|byte| *byte == b';').any(|pair| {
        let name = pair.iter().position(|byte| *byte == b'=').unwrap_or(0);
        let name = String::from_utf8_lossy(&pair[..name]);
        name.trim_matches(is_space) != name.trim_matches([' ', '\t'])
    })
}

#[test]
fn finds_what_django_finds() {
    let requests = vectors::<Request>(include_str!("vectors/cookie-headers.jsonl"));
    let (mut same, mut others) = (0, 0);
    for request in requests {
        // One character is one byte.
        let header: Vec<u8> = request
            .header
            .chars()
            .map(|byte| u8::try_from(byte).expect("a byte"))
            .collect();
        if has_other_margin(&header) {
            others += 1;
            continue;
        }
        same += 1;
        for (name, value) in &request.cookies {
            // Names that are not UTF-8 never match.
            if !name.contains('\u{fffd}') {
                let found = cookie::find(name, [&header]).next();
                assert_eq!(found.as_deref(), Some(&**value), "{name:?} {header:?}");
            }
        }
        for name in ["a", "b", "ab", "", "sessionid", "\"a", "a\"", "A"] {
            let found = cookie::find(name, [&header]).next().is_some();
            assert_eq!(
                found,
                request.cookies.contains_key(name),
                "{name:?} {header:?}"
            );
        }
    }
    assert!(same > 8 * others, "{same} {others}");
}

#[derive(Deserialize)]
struct Response {
    kind: String,
    name: String,
    value: String,
    options: Options,
    now: f64,
    header: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    max_age: Option<i64>,
    path: Option<String>,
    domain: Option<String>,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    httponly: bool,
    samesite: Option<String>,
}

impl Response {
    /// Returns the same cookie as a `SetCookie`.
    fn cookie(&self) -> SetCookie {
        let options = &self.options;
        let mut cookie = plain(&self.name, &self.value)
            .with_secure(options.secure)
            .with_http_only(options.httponly);
        cookie = match options.samesite.as_deref() {
            Some("Strict") => cookie.with_same_site(SameSite::Strict),
            Some("Lax") => cookie.with_same_site(SameSite::Lax),
            Some("None") => cookie.with_same_site(SameSite::None),
            _ => cookie.without_same_site(),
        };
        if let Some(path) = &options.path {
            cookie = cookie.with_path(path);
        }
        if let Some(domain) = &options.domain {
            cookie = cookie.with_domain(domain);
        }
        if let Some(max_age) = options.max_age {
            let now = common::timestamp(self.now).as_unix_seconds();
            cookie = cookie.with_max_age(max_age).with_expires(now + max_age);
        }
        if self.kind == "delete" {
            cookie = cookie.into_deletion();
        }
        cookie
    }
}

/// The headers are the same bytes except for two spellings: Django writes `expires`, and quotes values that need no
/// quotes.
#[test]
fn writes_what_django_writes() {
    for django in vectors::<Response>(include_str!("vectors/set-cookie-headers.jsonl")) {
        if django.kind == "date" {
            let header = plain("a", "")
                .with_expires(common::timestamp(django.now))
                .to_header()
                .expect("a date");
            let date = format!("; Expires={}; ", django.header);
            assert!(header.contains(&date), "{header} {date}");
            continue;
        }
        let ours = django.cookie().to_header().expect("Django wrote it");
        let theirs = django.header.replace("; expires=", "; Expires=");
        let (our_pair, our_attributes) = ours.split_once("; ").expect("attributes");
        let (their_pair, their_attributes) = theirs.split_once("; ").expect("attributes");
        assert_eq!(our_attributes, their_attributes, "{}", django.name);
        finds(&django.name, &[our_pair], &[&django.value]);
        finds(&django.name, &[their_pair], &[&django.value]);
    }
}

// Properties of arbitrary cookies.

proptest! {
    /// Whatever the texts are, a header has exactly the requested parts.
    #[test]
    fn no_text_adds_a_part_to_a_header(
        name in "[a-z_]{0,3}[a-z=;, é]{0,1}",
        value in "[a-z=]{0,3}[a-z=;,\" é]{0,1}[a-z=]{0,3}",
        path in "/[a-z/=, ]{0,3}[a-z;\né]{0,1}",
        domain in "[a-z-]{1,3}[a-z.; ]{0,2}[a-z]{1,3}",
    ) {
        let cookie = plain(&name, &value).with_path(&*path).with_domain(&*domain);
        if let Ok(header) = cookie.to_header() {
            prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            let parts: Vec<_> = header.split(';').map(str::trim_start).collect();
            let (domain, path) = (format!("Domain={domain}"), format!("Path={path}"));
            prop_assert_eq!(&parts[1..], [&domain, "HttpOnly", &path, "SameSite=Lax", "Secure"]);
            prop_assert!(cookie::find(&name, [parts[0]]).eq([value.as_str()]));
        }
    }

    /// Every cookie that can be set can be deleted, and its value never affects the rest.
    #[test]
    fn every_cookie_that_can_be_set_can_be_deleted(
        prefix in "(__Secure-|__Host-|__Http-|__Host-Http-|__HTTP-)?",
        path in "/[a-z]{0,2}",
        domain in proptest::option::of("[a-z.:]{0,4}"),
        same_site in proptest::option::of(proptest::sample::select(vec![
            SameSite::Strict, SameSite::Lax, SameSite::None,
        ])),
        [is_secure, is_http_only, is_partitioned]: [bool; 3],
    ) {
        let mut cookie = SetCookie::new(format!("{prefix}a"))
            .with_path(path)
            .with_secure(is_secure)
            .with_http_only(is_http_only)
            .with_partitioned(is_partitioned);
        cookie = match same_site {
            Some(same_site) => cookie.with_same_site(same_site),
            None => cookie.without_same_site(),
        };
        if let Some(domain) = domain {
            cookie = cookie.with_domain(domain);
        }
        let written = cookie.to_header();
        let deletion = cookie.clone().into_deletion().to_header();
        prop_assert!(written.is_err() || deletion.is_ok(), "{:?} {:?}", written, deletion);
        let with_value = cookie.with_value("value").to_header();
        prop_assert_eq!(written.err(), with_value.err());
    }

    /// Several headers are read as one.
    #[test]
    fn several_headers_are_one(
        headers in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(b"ab=;\"\\ 01\n\xc3\xa9".to_vec()), 0..20),
            0..6,
        ),
    ) {
        let joined = headers.join(b"; ".as_slice());
        for name in ["a", "b", "ab", ""] {
            let several: Vec<_> = cookie::find(name, &headers).collect();
            let one: Vec<_> = cookie::find(name, [&joined]).collect();
            prop_assert_eq!(several, one);
        }
    }
}
