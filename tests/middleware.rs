//! The middleware: when a response sets the session's cookie, deletes it or leaves it alone, and what it says.

mod common;

use std::time::Duration;

use hardtack::signing::{Signer, b62_encode};
use hardtack::{
    Answer, Error, Expiry, Loaded, MaxAge, SESSION_SALT, SameSite, Session, SessionCodec,
    SessionMiddleware, SetCookie, Timestamp,
};

use common::{KEY, NOW, OTHER_KEY, codec, key, ring};

const DAY: i64 = 86_400;
const TWO_WEEKS: i64 = 14 * DAY;
const STATUSES: [u16; 6] = [200, 302, 404, 499, 500, 503];
const DELETION: &str =
    "sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

fn middleware() -> SessionMiddleware {
    SessionMiddleware::new(codec())
}

/// With a fallback key.
fn rotated() -> SessionMiddleware {
    SessionMiddleware::new(SessionCodec::new(ring().with_fallback(key(OTHER_KEY))))
}

fn cookie_of(codec: &SessionCodec, json: &str, at: i64) -> String {
    let session = Session::from_json(json).expect("a session");
    let value = codec.encode(&session, at).expect("encodes");
    format!("sessionid={value}")
}

fn good(json: &str) -> String {
    cookie_of(&codec(), json, NOW)
}

fn forged() -> String {
    cookie_of(
        &SessionCodec::new(hardtack::KeyRing::new(key(OTHER_KEY))),
        r#"{"a":1}"#,
        NOW,
    )
}

fn expired() -> String {
    cookie_of(&codec(), r#"{"a":1}"#, NOW - TWO_WEEKS - 1)
}

/// A good signature around what is no session.
fn unreadable() -> String {
    let text = format!("bm90IEpTT04:{}", b62_encode(NOW));
    let value = Signer::new(ring()).with_salt(SESSION_SALT).sign(&text);
    format!("sessionid={value}")
}

fn load(cookie: &str) -> Loaded {
    middleware().load([cookie], NOW)
}

fn answer(loaded: &Loaded, status: u16) -> Answer {
    middleware().answer(loaded, status, NOW).expect("an answer")
}

/// What became of the cookie: nothing, a deletion, or the session's JSON.
fn told(answer: &Answer) -> String {
    match &answer.set_cookie {
        None => "nothing".into(),
        Some(header) if header == DELETION => "deleted".into(),
        Some(header) => session_of(header).to_json(),
    }
}

fn session_of(header: &str) -> Session {
    let value = header.split([';', '=']).nth(1).expect("a value");
    codec().decode(value, NOW).expect("just written")
}

/// A request with this cookie through this handler, at every status: what is told below 500, what from 500 on, and
/// whether the response varies.
#[track_caller]
fn check(cookie: &str, handler: fn(&mut Session), below: &str, from: &str, varies: bool) {
    for status in STATUSES {
        let mut loaded = load(cookie);
        handler(&mut loaded.session);
        let answer = answer(&loaded, status);
        let expected = if status < 500 { below } else { from };
        assert_eq!(told(&answer), expected, "{status}");
        assert_eq!(answer.vary, varies, "{status}");
    }
}

fn untouched(_: &mut Session) {}

fn read(session: &mut Session) {
    session.contains_key("a");
}

fn change(session: &mut Session) {
    session.insert("b", 2).expect("JSON");
}

#[test]
fn no_cookie() {
    check("", untouched, "nothing", "nothing", false);
    check("", read, "nothing", "nothing", true);
    check("", change, r#"{"b":2}"#, "nothing", true);
    check("", Session::clear, "nothing", "nothing", true);
    check("other=1", Session::flush, "nothing", "nothing", true);
}

#[test]
fn good_cookie() {
    let cookie = good(r#"{"a":1}"#);
    check(&cookie, untouched, "nothing", "nothing", false);
    check(&cookie, read, "nothing", "nothing", true);
    check(&cookie, change, r#"{"a":1,"b":2}"#, "nothing", true);
    check(&cookie, Session::cycle, r#"{"a":1}"#, "nothing", true);
    let overwrite = |session: &mut Session| {
        session.flush();
        change(session);
    };
    check(&cookie, overwrite, r#"{"b":2}"#, "nothing", true);
}

#[test]
fn emptied() {
    let cookie = good(r#"{"a":1}"#);
    let pop = |session: &mut Session| assert_eq!(session.pop("a"), Ok(Some(1)));
    let remove = |session: &mut Session| assert!(session.remove("a"));
    for handler in [Session::clear, Session::flush, pop, remove] {
        check(&cookie, handler, "deleted", "deleted", true);
    }
    // It came empty: nobody emptied it.
    check(&good("{}"), read, "nothing", "nothing", true);
    check(&good("{}"), Session::flush, "deleted", "deleted", true);
}

#[test]
fn useless_cookies() {
    let own = cookie_of(&codec(), r#"{"a":1,"_session_expiry":60}"#, NOW - 61);
    for cookie in [forged(), expired(), own] {
        assert!(load(&cookie).session.is_empty());
        check(&cookie, untouched, "nothing", "nothing", false);
        check(&cookie, read, "deleted", "nothing", true);
        check(&cookie, change, r#"{"b":2}"#, "nothing", true);
    }
}

/// The first row of the table: at any status.
#[test]
fn useless_cookies_emptied() {
    for cookie in [forged(), expired()] {
        check(&cookie, Session::clear, "deleted", "deleted", true);
        check(&cookie, Session::flush, "deleted", "deleted", true);
    }
}

#[test]
fn unreadable_cookie() {
    let too_long = format!("sessionid={}", "x".repeat(5000));
    let odd_expiry = common::signed(r#"{"a":1,"_session_expiry":true}"#, NOW);
    let odd_expiry = format!("sessionid={odd_expiry}");
    // A session key of another engine, too.
    let [key, empty] = ["wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4", ""];
    let not_signed = [key, empty].map(|value| format!("sessionid={value}"));
    for cookie in [unreadable(), too_long, odd_expiry]
        .into_iter()
        .chain(not_signed)
    {
        check(&cookie, untouched, "nothing", "nothing", false);
        check(&cookie, read, "nothing", "nothing", true);
        check(&cookie, change, r#"{"b":2}"#, "nothing", true);
        check(&cookie, Session::flush, "deleted", "deleted", true);
        check(&cookie, Session::clear, "deleted", "deleted", true);
    }
}

/// Neither writes nor empties anything.
#[test]
fn unreadable_cookie_is_left_alone() {
    let update = |session: &mut Session| {
        session.update([("a", 1); 0]).expect("JSON");
    };
    check(&unreadable(), update, "nothing", "nothing", true);
    check(&unreadable(), Session::cycle, "nothing", "nothing", true);
}

#[test]
fn refusals() {
    let refusal = |cookie: &str| load(cookie).refusal();
    assert_eq!(refusal(""), None);
    assert_eq!(refusal(&good("{}")), None);
    assert_eq!(refusal(&forged()), Some(Error::BadSignature));
    let is_expired = matches!(refusal(&expired()), Some(Error::Expired { .. }));
    assert!(is_expired);
    let own = cookie_of(&codec(), r#"{"_session_expiry":60}"#, NOW - 61);
    assert_eq!(refusal(&own), Some(Error::SessionExpired));
    let is_malformed = matches!(refusal(&unreadable()), Some(Error::MalformedJson { .. }));
    assert!(is_malformed);

    // That of the last one counts, and a good one has none.
    let both = format!("{}; {}", unreadable(), forged());
    assert_eq!(refusal(&both), Some(Error::BadSignature));
    let both = format!("{}; {}", good("{}"), forged());
    assert_eq!(refusal(&both), None);
    // It stays whatever the handler does.
    let mut loaded = load(&forged());
    change(&mut loaded.session);
    assert_eq!(loaded.refusal(), Some(Error::BadSignature));
}

#[test]
fn issued_too_early() {
    let middleware = SessionMiddleware::new(codec().refuse_issued_before(NOW));
    let cookie = cookie_of(&codec(), r#"{"a":1}"#, NOW - 1);
    let mut loaded = middleware.load([&cookie], NOW);
    assert_eq!(loaded.refusal(), Some(Error::IssuedTooEarly));
    read(&mut loaded.session);
    assert_eq!(told(&answer(&loaded, 200)), "deleted");
}

#[test]
fn log_ids() {
    let cookie = good(r#"{"a":1}"#);
    let id = load(&cookie).log_id().expect("a good cookie");
    let text = id.to_string();
    assert_eq!(text.len(), 16);
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    assert!(text.chars().all(is_hex), "{text}");
    assert!(!cookie.contains(&text));
    assert_eq!(format!("{id:?}"), format!("LogId({text})"));

    // The same cookie, the same id; quotes are no part of it, and neither is what the handler does.
    let quoted = format!("{}\"", cookie.replacen('=', "=\"", 1));
    let mut again = load(&quoted);
    change(&mut again.session);
    assert_eq!(again.log_id(), Some(id));

    // Saved, even unchanged but a second later, it is another.
    let later = middleware().answer(&again, 200, NOW).expect("an answer");
    let later = later.set_cookie.expect("it was changed");
    assert_ne!(load(&later).log_id(), Some(id));
    let resaved = cookie_of(&codec(), r#"{"a":1}"#, NOW + 1);
    assert_ne!(load(&resaved).log_id(), Some(id));

    for cookie in [String::new(), forged(), expired(), unreadable()] {
        assert_eq!(load(&cookie).log_id(), None);
    }
}

#[test]
fn when_the_cookie_was_signed() {
    let cookie = good(r#"{"a":1}"#);
    let mut loaded = middleware().load([&cookie], NOW + 60);
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW)));

    // It is the cookie's, whatever the handler does, and asking for it is not reading.
    assert!(!loaded.session.accessed());
    change(&mut loaded.session);
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW)));

    // Of several cookies, that of the one that counts.
    let older = cookie_of(&codec(), r#"{"a":1}"#, NOW - 60);
    let loaded = load(&format!("{cookie}; {older}; {}", forged()));
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW - 60)));

    for cookie in [String::new(), forged(), expired(), unreadable()] {
        assert_eq!(load(&cookie).issued_at(), None);
    }
}

/// What a read of this old a cookie tells, at this status.
fn after(middleware: &SessionMiddleware, age: i64, handler: fn(&mut Session), status: u16) -> bool {
    let cookie = good(r#"{"a":1}"#);
    let mut loaded = middleware.load([&cookie], NOW + age);
    handler(&mut loaded.session);
    let answer = middleware
        .answer(&loaded, status, NOW + age)
        .expect("an answer");
    answer.set_cookie.is_some()
}

#[test]
fn renewal() {
    let renewing = middleware().with_renewal_after(Duration::from_secs(3600));
    assert!(!after(&renewing, 3600, read, 200));
    assert!(after(&renewing, 3601, read, 200));
    assert!(after(&renewing, TWO_WEEKS, read, 404));
    assert!(!after(&renewing, 3601, read, 500));
    assert!(!after(&renewing, 3601, untouched, 200));
    assert!(!after(&middleware(), TWO_WEEKS, read, 200));

    // It starts anew, with the content that it had.
    let cookie = good(r#"{"a":1,"_session_expiry":9000}"#);
    let mut loaded = renewing.load([&cookie], NOW + 3601);
    read(&mut loaded.session);
    let header = renewing
        .answer(&loaded, 200, NOW + 3601)
        .expect("an answer");
    let header = header.set_cookie.expect("it is old");
    assert!(header.contains("; Max-Age=9000; "), "{header}");
    let again = renewing.load([&header], NOW + 3601 + 9000);
    assert_eq!(again.session, loaded.session);
}

#[test]
fn signed_afresh_after_a_rotation() {
    let old = SessionCodec::new(hardtack::KeyRing::new(key(OTHER_KEY)));
    let cookie = cookie_of(&old, r#"{"a":1}"#, NOW);
    let told = |handler: fn(&mut Session), status| {
        let mut loaded = rotated().load([&cookie], NOW);
        handler(&mut loaded.session);
        told(&rotated().answer(&loaded, status, NOW).expect("an answer"))
    };
    // `told` reads with the new key alone.
    assert_eq!(told(read, 200), r#"{"a":1}"#);
    assert_eq!(told(read, 500), "nothing");
    assert_eq!(told(untouched, 200), "nothing");
    assert_eq!(told(Session::flush, 500), "deleted");
}

#[test]
fn save_every_request() {
    let every = middleware().with_save_every_request(true);
    for handler in [untouched, read, change] {
        assert!(after(&every, 60, handler, 200));
        assert!(!after(&every, 60, handler, 500));
    }
    // A response with a cookie varies on it, even where nobody read the session.
    let loaded = every.load([&good(r#"{"a":1}"#)], NOW);
    assert!(every.answer(&loaded, 200, NOW).expect("an answer").vary);
    // An empty session is none.
    for cookie in [String::new(), good("{}"), forged(), unreadable()] {
        let loaded = every.load([&cookie], NOW);
        let answer = every.answer(&loaded, 200, NOW).expect("an answer");
        assert_eq!((answer.set_cookie, answer.vary), (None, false));
    }
}

#[test]
fn too_large() {
    let mut loaded = load(&good(r#"{"a":1}"#));
    // Noise that zlib cannot shorten enough.
    let noise: String = common::sessions()[2].1.to_json();
    loaded.session.insert("large", noise).expect("JSON");
    let tight = SessionMiddleware::new(codec().with_max_length(1000));
    let error = tight.answer(&loaded, 200, NOW).expect_err("too long");
    let length = codec().encode(&loaded.session, NOW).expect("encodes").len();
    let limit = 1000;
    assert_eq!(error, Error::TooLong { length, limit });
    // Where it is not saved, nothing is wrong.
    let answer = tight.answer(&loaded, 500, NOW).expect("an answer");
    assert_eq!(answer.set_cookie, None);

    // The name counts, too: the value alone would do.
    let name = "n".repeat(4097 - length);
    let named = middleware().with_cookie(SetCookie::new(name));
    let error = named.answer(&loaded, 200, NOW).expect_err("too large");
    let (size, limit) = (4097, 4096);
    assert_eq!(error, Error::CookieTooLarge { size, limit });
}

#[test]
fn several_cookies() {
    let (one, two) = (good(r#"{"a":1}"#), good(r#"{"a":2}"#));
    let a = |headers: &[&String]| {
        let loaded = middleware().load(headers.iter().copied(), NOW);
        loaded.session.get::<i32>("a").expect("a number")
    };
    assert_eq!(a(&[&one, &two]), Some(2));
    assert_eq!(a(&[&two, &one]), Some(1));
    assert_eq!(a(&[&format!("{one}; {two}")]), Some(2));
    for bad in [forged(), expired(), unreadable(), "sessionid=".into()] {
        assert_eq!(a(&[&one, &bad]), Some(1));
        assert_eq!(a(&[&bad, &one]), Some(1));
        assert_eq!(a(&[&format!("{two}; {one}; {bad}; {bad}")]), Some(1));
    }
    // The cap: eight are tried.
    let crowd = |others: usize| format!("{one}; {}", vec![forged(); others].join("; "));
    assert_eq!(a(&[&crowd(7)]), Some(1));
    assert_eq!(a(&[&crowd(8)]), None);
}

#[test]
fn hostile_headers() {
    let signed = good(r#"{"a":1}"#);
    let value = signed.strip_prefix("sessionid=").expect("the name");
    let headers: &[&[u8]] = &[
        b"",
        b";;;=;==;",
        b"\xff\xfe=\xff; sessionid",
        b"sessionid=\xff\xff",
        b"sessionid=\"\\377\\0\\",
        b"sessionid=::::",
        b"sessionid=\0\r\nSet-Cookie: x=1",
        &b";".repeat(100_000),
        &b"sessionid=;".repeat(10_000),
    ];
    for header in headers {
        let mut loaded = middleware().load([header], NOW);
        assert!(loaded.session.is_empty());
        assert_eq!(loaded.log_id(), None);
        assert!(matches!(
            loaded.refusal(),
            None | Some(Error::BadSignature | Error::NotSigned)
        ));
        // None of it comes back.
        read(&mut loaded.session);
        let told = told(&answer(&loaded, 200));
        assert!(told == "deleted" || told == "nothing", "{told}");
    }
    for name in ["Sessionid", "sessionid2", "xsessionid", "session id", ""] {
        let loaded = load(&format!("{name}={value}"));
        assert!(
            loaded.session.is_empty() && loaded.refusal().is_none(),
            "{name}"
        );
    }
}

#[test]
fn debug_is_silent() {
    let cookie = good(r#"{"a":"SECRET"}"#);
    let (payload, signature) = (&cookie[10..20], cookie.rsplit(':').next().expect("a part"));
    let mut loaded = load(&cookie);
    change(&mut loaded.session);
    let answer = answer(&loaded, 200);
    let middleware =
        middleware().with_cookie(SetCookie::new("sessionid").with_value(&cookie[10..]));
    for shown in [
        format!("{loaded:?} {loaded:#?}"),
        format!("{answer:?} {answer:#?}"),
        format!("{middleware:?} {middleware:#?}"),
        format!("{:?}", load(&forged())),
    ] {
        for secret in ["SECRET", payload, signature, KEY] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert_eq!(
        format!("{answer:?}"),
        "Answer { sets_cookie: true, vary: true }"
    );
}

#[test]
fn malformed_expiry_of_the_handler() {
    let mut loaded = load("");
    loaded
        .session
        .insert("_session_expiry", true)
        .expect("JSON");
    let result = middleware().answer(&loaded, 200, NOW);
    assert_eq!(result, Err(Error::MalformedExpiry));
    assert_eq!(answer(&loaded, 500).set_cookie, None);
}

/// `Max-Age` and `Expires` of a new session of this expiry.
fn lasts(middleware: &SessionMiddleware, expiry: Expiry, now: Timestamp) -> String {
    let mut loaded = middleware.load([""], now);
    change(&mut loaded.session);
    loaded.session.set_expiry(expiry).expect("an expiry");
    let answer = middleware.answer(&loaded, 200, now).expect("an answer");
    let header = answer.set_cookie.expect("it was changed");
    let parts = header.split("; ").skip(1);
    let lasting = parts.filter(|part| part.starts_with("Max-Age") || part.starts_with("Expires"));
    lasting.collect::<Vec<_>>().join("; ")
}

#[test]
fn expiries() {
    let now = Timestamp::from(NOW);
    let lasts_here = |expiry| lasts(&middleware(), expiry, now);
    // NOW is Tuesday, 14 November 2023, 22:13:20.
    let default = "Expires=Tue, 28 Nov 2023 22:13:20 GMT; Max-Age=1209600";
    assert_eq!(lasts_here(Expiry::Default), default);
    assert_eq!(
        lasts_here(Expiry::After(Duration::from_secs(600))),
        "Expires=Tue, 14 Nov 2023 22:23:20 GMT; Max-Age=600"
    );
    assert_eq!(
        lasts_here(Expiry::At((NOW + DAY).into())),
        "Expires=Wed, 15 Nov 2023 22:13:20 GMT; Max-Age=86400"
    );
    // A past one deletes the cookie, unless the codec does not look at it.
    let past = Expiry::At((NOW - 60).into());
    assert_eq!(
        lasts_here(past),
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
    );
    let ignoring = SessionMiddleware::new(codec().ignore_session_expiry());
    assert_eq!(
        lasts(&ignoring, past, now),
        "Expires=Tue, 14 Nov 2023 22:12:20 GMT; Max-Age=-60"
    );
    assert_eq!(lasts_here(Expiry::WithBrowser), "");

    let with_browser = middleware().with_expire_at_browser_close(true);
    assert_eq!(lasts(&with_browser, Expiry::Default, now), "");
    assert_eq!(
        lasts(&with_browser, Expiry::After(Duration::from_secs(600)), now),
        "Expires=Tue, 14 Nov 2023 22:23:20 GMT; Max-Age=600"
    );
    // The codec's age is the default; without one, Django's is.
    let aged = |age: MaxAge| SessionMiddleware::new(codec().with_max_age(age));
    let hour = aged(Duration::from_secs(3600).into());
    assert_eq!(
        lasts(&hour, Expiry::Default, now),
        "Expires=Tue, 14 Nov 2023 23:13:20 GMT; Max-Age=3600"
    );
    assert_eq!(lasts(&aged(MaxAge::NoLimit), Expiry::Default, now), default);
}

#[test]
fn attributes() {
    let cookie = SetCookie::new("__Host-sid")
        .with_value("ignored")
        .with_same_site(SameSite::Strict)
        .with_max_age(1)
        .with_expires(1);
    let middleware = middleware()
        .with_cookie(cookie)
        .with_expire_at_browser_close(true);
    let mut loaded = middleware.load([good(r#"{"a":1}"#)].iter(), NOW);
    assert!(loaded.session.is_empty(), "another name");
    change(&mut loaded.session);
    let answer = middleware.answer(&loaded, 200, NOW).expect("an answer");
    let header = answer.set_cookie.expect("it was changed");
    let (pair, attributes) = header.split_once("; ").expect("attributes");
    let mut again = middleware.load([pair], NOW);
    assert_eq!(again.session, loaded.session);
    again.session.flush();
    let answer = middleware.answer(&again, 500, NOW).expect("an answer");
    assert_eq!(
        answer.set_cookie.as_deref(),
        Some(
            "__Host-sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Strict; Secure"
        )
    );
    // Its own value, `Max-Age` and `Expires` are none of the cookie's.
    assert_eq!(attributes, "HttpOnly; Path=/; SameSite=Strict; Secure");
}

#[test]
fn what_no_browser_takes() {
    let mut loaded = load("");
    change(&mut loaded.session);
    let cookie = SetCookie::new("__Host-sid").with_secure(false);
    let result = middleware().with_cookie(cookie).answer(&loaded, 200, NOW);
    assert_eq!(result, Err(Error::InsecureCookie));
}

/// An end beyond all dates is the last one.
#[test]
fn an_age_without_end() {
    let codec = common::codec().with_max_age(std::time::Duration::MAX);
    let middleware = SessionMiddleware::new(codec);
    let mut loaded = middleware.load([""], common::NOW);
    loaded.session.insert("a", 1).expect("inserts");
    let answer = middleware
        .answer(&loaded, 200, common::NOW)
        .expect("a header");
    let header = answer.set_cookie.expect("it was modified");
    assert!(
        header.contains("; Expires=Fri, 31 Dec 9999 23:59:59 GMT; "),
        "{header}"
    );
}
