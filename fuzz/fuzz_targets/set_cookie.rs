//! A `Set-Cookie` header never breaks, and a browser reads exactly what went into it, or `to_header` returns an error. The
//! same holds for the deletion of the cookie, which is valid whenever the cookie is, and for the cookie of a session that has
//! these attributes. `Debug` does not depend on the value.
//!
//! Fields: name, value, path, domain, `Max-Age`, `Expires`, flags. The first four are any text, `-` for the default. The
//! next two are decimal numbers, or nothing. A flag is a letter: `s` not secure, `h` not `HttpOnly`, `p` partitioned, `l`,
//! `n` and `t` for lax, none and strict, `o` for no `SameSite`, and `b` for a session that ends with the browser.

#![no_main]

use hardtack::limits::DEFAULT_MAX_AGE;
use hardtack::{
    Error, KeyMiddleware, Outcome, SameSite, Session, SessionKey, SessionSettings, SetCookie,
    cookie,
};
use hardtack_fuzz::{NOW, assert_readable, browser, texts};
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

/// Returns the `Set-Cookie` header of a response that saves a session under a key. It replaces the one that the response
/// had.
fn response(settings: SessionSettings, had: &str, key: &SessionKey) -> Option<String> {
    let sessions = KeyMiddleware::new(settings);
    let lookup = sessions.lookup([""]);
    let mut loaded = sessions.loaded(lookup, Ok(None), Session::new(), NOW);
    loaded.session.insert("a", 1).expect("a number");
    let headers = [("Set-Cookie", had)];
    let step = sessions.step(&loaded, 200, headers, NOW).expect("it fits");
    match sessions.answer(step, Outcome::Saved(key.clone()), headers) {
        Ok(answer) => {
            let mut cookies = answer
                .headers
                .into_iter()
                .filter(|header| header.name == "set-cookie");
            let cookie = cookies.next().expect("the session is new");
            assert!(cookie.replaces && cookies.next().is_none());
            Some(String::from_utf8(cookie.value).expect("ASCII"))
        }
        Err(error) => {
            assert!(matches!(error, Error::CookieTooLarge { .. }), "{error}");
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
    let settings = SessionSettings::default()
        .with_expire_at_browser_close(has('b'))
        .with_cookie(match max_age {
            Some(seconds) => made.clone().with_max_age(seconds).with_expires(seconds),
            None => made.clone(),
        });
    let is_refused = made.clone().with_value("").to_header().err();
    assert_eq!(settings.as_ref().err(), is_refused.as_ref());
    let other = made.clone().with_value("x".repeat(value.len()));
    assert_eq!(format!("{made:?}"), format!("{other:?}"));

    if let Some(seconds) = max_age {
        made = made.with_max_age(seconds);
    }
    if let Some(instant) = expires {
        made = made.with_expires(instant);
    }
    let Some(header_text) = header(&made) else {
        return;
    };

    let mut expected = browser::Stored {
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

    let settings = settings.expect("a longer one is valid");
    let key = SessionKey::from_random([7; 32]);
    if let Some(set) = response(settings, &header_text, &key) {
        let age = DEFAULT_MAX_AGE.as_secs().cast_signed();
        expected.value = key.as_str().into();
        expected.max_age = (!has('b')).then_some(age);
        expected.expires = (!has('b')).then_some(NOW + age);
        assert_eq!(browser::stored(&set), Some(expected), "{set}");
    }

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
