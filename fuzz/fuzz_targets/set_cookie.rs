//! A `Set-Cookie` header never breaks, and a browser reads exactly what went into it, or `to_header` returns an error. The
//! same holds for the deletion of the cookie, which is valid whenever the cookie is.
//!
//! Fields: name, value, path, domain, `Max-Age`, `Expires`, flags. The first four are any text, `-` for the default. The
//! next two are decimal numbers, or nothing. A flag is a letter: `s` not secure, `h` not `HttpOnly`, `p` partitioned, `l`,
//! `n` and `t` for lax, none and strict, and `o` for no `SameSite`.

#![no_main]

use hardtack::{SameSite, SetCookie, cookie};
use hardtack_fuzz::{assert_readable, browser, texts};
use libfuzzer_sys::fuzz_target;

/// Returns the header if the cookie is valid.
fn header(cookie: &SetCookie) -> Option<String> {
    match cookie.to_header() {
        Ok(header) => {
            assert!(
                header.bytes().all(|byte| matches!(byte, b' '..=b'~')),
                "{header}"
            );
            Some(header)
        }
        Err(error) => {
            assert_readable(error);
            None
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some([name, value, path, domain, max_age, expires, flags]) = texts(data) else {
        return;
    };
    let chosen = |text| Some(text).filter(|text| *text != "-");
    let path = chosen(path).unwrap_or("/");
    let domain = chosen(domain);
    let max_age: Option<i64> = max_age.parse().ok();
    let expires: Option<i64> = expires.parse().ok();
    let has = |flag| flags.contains(flag);
    let same_site = match () {
        () if has('l') => Some(SameSite::Lax),
        () if has('n') => Some(SameSite::None),
        () if has('t') => Some(SameSite::Strict),
        () if has('o') => None,
        () => Some(SameSite::Lax),
    };

    let mut made = SetCookie::new(name)
        .with_value(value)
        .with_path(path)
        .with_secure(!has('s'))
        .with_http_only(!has('h'))
        .with_partitioned(has('p'));
    made = match same_site {
        Some(same_site) => made.with_same_site(same_site),
        None => made.without_same_site(),
    };
    if let Some(domain) = domain {
        made = made.with_domain(domain);
    }
    if let Some(seconds) = max_age {
        made = made.with_max_age(seconds);
    }
    if let Some(instant) = expires {
        made = made.with_expires(instant);
    }
    let Some(header_text) = header(&made) else {
        return;
    };

    let expected = browser::Stored {
        name: name.into(),
        value: value.into(),
        domain: domain.map(|domain| domain.strip_prefix('.').unwrap_or(domain).to_lowercase()),
        path: Some(path.into()),
        max_age,
        expires,
        same_site: same_site.map(|same_site| match same_site {
            SameSite::Lax => browser::SameSite::Lax,
            SameSite::None => browser::SameSite::None,
            SameSite::Strict => browser::SameSite::Strict,
        }),
        is_secure: !has('s'),
        is_http_only: !has('h'),
        is_partitioned: has('p'),
    };
    let stored = browser::stored(&header_text).expect(&header_text);
    assert_eq!(stored, expected, "{header_text}");

    // What the browser sends back is found.
    let sent = format!("{}={}", stored.name, stored.value);
    assert_eq!(cookie::find(name, [&sent]).next().as_deref(), Some(value));

    let deletion = header(&made.into_deletion()).expect("the cookie is valid");
    let deleted = browser::stored(&deletion).expect(&deletion);
    let (max_age, expires) = (Some(0), Some(0));
    assert_eq!((deleted.max_age, deleted.expires), (max_age, expires));
    assert_eq!(deleted.value, "");
    // It is the same cookie for the browser.
    let key = |stored: browser::Stored| {
        (
            stored.name,
            stored.domain,
            stored.path,
            stored.is_partitioned,
        )
    };
    assert_eq!(key(deleted), key(stored));
});
