//! The middleware: when a response sets the session's cookie, deletes it or leaves it alone, and with which headers.

mod common;

use std::time::Duration;

use hardtack::auth::AuthHasher;
use hardtack::signing::{Signer, b62_encode};
use hardtack::{
    Answer, Error, Expiry, KeyRing, Loaded, MaxAge, SESSION_SALT, SameSite, Session, SessionCodec,
    SessionMiddleware, SessionSettings, SetCookie, Timestamp,
};
use sha2::{Digest, Sha256};

use common::{KEY, NOW, OTHER_KEY, codec, key, ring};

const DAY: i64 = 86_400;
const TWO_WEEKS: i64 = 14 * DAY;
/// No headers, for a response.
const NONE: [(&str, &str); 0] = [];
const STATUSES: [u16; 6] = [200, 302, 404, 499, 500, 503];
const DELETION: &str =
    "sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

fn middleware() -> SessionMiddleware {
    SessionMiddleware::new(codec())
}

fn with(settings: SessionSettings) -> SessionMiddleware {
    middleware().with_settings(settings).expect("one age")
}

fn with_cookie(cookie: SetCookie) -> SessionMiddleware {
    let settings = SessionSettings::default().with_cookie(cookie);
    with(settings.expect("a cookie that browsers take"))
}

fn renewing() -> SessionMiddleware {
    with(SessionSettings::default().with_renewal_after(Duration::from_secs(3600)))
}

fn saving_every_request() -> SessionMiddleware {
    with(SessionSettings::default().with_save_every_request(true))
}

/// Returns a middleware with a fallback key.
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
        &SessionCodec::new(KeyRing::new(key(OTHER_KEY))),
        r#"{"a":1}"#,
        NOW,
    )
}

fn expired() -> String {
    cookie_of(&codec(), r#"{"a":1}"#, NOW - TWO_WEEKS - 1)
}

/// Returns a cookie with a valid signature whose payload is not a session.
fn unreadable() -> String {
    let text = format!("bm90IEpTT04:{}", b62_encode(NOW));
    let value = Signer::new(ring()).with_salt(SESSION_SALT).sign(&text);
    format!("sessionid={value}")
}

fn load(cookie: &str) -> Loaded {
    middleware().load([cookie], NOW)
}

fn answer(loaded: &Loaded, status: u16) -> Answer {
    middleware()
        .answer(loaded, status, NONE, NOW)
        .expect("an answer")
}

fn set_cookie(answer: &Answer) -> Option<String> {
    let mut headers = answer
        .headers
        .iter()
        .filter(|header| header.name == "set-cookie");
    let header = headers.next()?;
    assert!(headers.next().is_none(), "one cookie");
    Some(String::from_utf8(header.value.clone()).expect("ASCII"))
}

fn varies(answer: &Answer) -> bool {
    let mut headers = answer.headers.iter().filter(|header| header.name == "vary");
    headers.next().is_some_and(|header| {
        assert!(header.replaces && header.value == b"Cookie");
        true
    })
}

/// Returns what the answer does with the cookie: `nothing`, `deleted`, or the JSON of the session that it sets.
fn told(answer: &Answer) -> String {
    match set_cookie(answer) {
        None => "nothing".into(),
        Some(header) if header == DELETION => "deleted".into(),
        Some(header) => json(&session_of(&header)),
    }
}

fn json(session: &Session) -> String {
    session.to_json()
}

fn session_of(header: &str) -> Session {
    let value = header.split([';', '=']).nth(1).expect("a value");
    codec().decode(value, NOW).expect("just written")
}

/// Checks a request with this cookie and this handler at every status: the result below 500, the result from 500 on,
/// and whether the response varies.
#[track_caller]
fn check(cookie: &str, handler: fn(&mut Session), below: &str, from: &str, varies: bool) {
    for status in STATUSES {
        let mut loaded = load(cookie);
        handler(&mut loaded.session);
        let answer = answer(&loaded, status);
        let expected = if status < 500 { below } else { from };
        assert_eq!(told(&answer), expected, "{status}");
        assert_eq!(self::varies(&answer), varies, "{status}");
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
fn a_request_without_a_cookie_gets_one_only_for_a_new_session() {
    check("", untouched, "nothing", "nothing", false);
    check("", read, "nothing", "nothing", true);
    check("", change, r#"{"b":2}"#, "nothing", true);
    check("", Session::clear, "nothing", "nothing", true);
    check("other=1", Session::flush, "nothing", "nothing", true);
}

#[test]
fn a_good_cookie_is_set_only_after_a_change() {
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
fn an_emptied_session_is_deleted() {
    let cookie = good(r#"{"a":1}"#);
    let pop = |session: &mut Session| assert_eq!(session.pop("a"), Ok(Some(1)));
    let remove = |session: &mut Session| assert!(session.remove("a"));
    for handler in [Session::clear, Session::flush, pop, remove] {
        check(&cookie, handler, "deleted", "deleted", true);
    }
    // It was already empty: no handler emptied it.
    check(&good("{}"), read, "nothing", "nothing", true);
    check(&good("{}"), Session::flush, "deleted", "deleted", true);
}

#[test]
fn a_useless_cookie_is_deleted_once_it_is_read() {
    let own = cookie_of(&codec(), r#"{"a":1,"_session_expiry":60}"#, NOW - 61);
    for cookie in [forged(), expired(), own] {
        assert!(load(&cookie).session.is_empty());
        check(&cookie, untouched, "nothing", "nothing", false);
        check(&cookie, read, "deleted", "nothing", true);
        check(&cookie, change, r#"{"b":2}"#, "nothing", true);
    }
}

/// The first row of the table applies at any status.
#[test]
fn an_emptied_useless_cookie_is_deleted_at_any_status() {
    for cookie in [forged(), expired()] {
        check(&cookie, Session::clear, "deleted", "deleted", true);
        check(&cookie, Session::flush, "deleted", "deleted", true);
    }
}

#[test]
fn an_unreadable_cookie_is_deleted_only_if_the_session_is_cleared() {
    let too_long = format!("sessionid={}", "x".repeat(5000));
    let odd_expiry = common::signed(r#"{"a":1,"_session_expiry":true}"#, NOW);
    let odd_expiry = format!("sessionid={odd_expiry}");
    // The same for a session key of another engine.
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

/// The handler neither writes nor clears the session.
#[test]
fn an_unreadable_cookie_is_left_alone() {
    let update = |session: &mut Session| {
        session.update([("a", 1); 0]).expect("JSON");
    };
    check(&unreadable(), update, "nothing", "nothing", true);
    check(&unreadable(), Session::cycle, "nothing", "nothing", true);
}

#[test]
fn refusal_returns_the_error_of_the_cookie() {
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

    // The last cookie's error counts, unless only an earlier one may be valid elsewhere. A good cookie has no error.
    let both = format!("{}; {}", forged(), expired());
    assert!(matches!(refusal(&both), Some(Error::Expired { .. })));
    let both = format!("{}; {}", unreadable(), forged());
    assert!(matches!(refusal(&both), Some(Error::MalformedJson { .. })));
    let both = format!("{}; {}", good("{}"), forged());
    assert_eq!(refusal(&both), None);
    // The error stays, whatever the handler does.
    let mut loaded = load(&forged());
    change(&mut loaded.session);
    assert_eq!(loaded.refusal(), Some(Error::BadSignature));
}

/// Each error that a cookie can be refused with: if no server with these keys will ever accept the cookie, it is
/// deleted once the session was read; any other cookie may be valid elsewhere.
#[test]
fn each_refused_cookie_is_deleted_or_left_alone() {
    const HOUR: Duration = Duration::from_secs(3600);
    let raw = |payload: &str, stamp: &str| {
        let text = format!("{payload}:{stamp}");
        Signer::new(ring()).with_salt(SESSION_SALT).sign(&text)
    };
    let payload = |payload: &str| raw(payload, &b62_encode(NOW));
    let json = |json: &str| common::signed(json, NOW);
    let nested = |levels| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let compressed = if cfg!(feature = "compress") {
        "MalformedZlib"
    } else {
        "CompressionDisabled"
    };
    let deleted = [
        (codec(), forged()[10..].to_owned(), "BadSignature"),
        (codec(), format!("{}x", json("{}")), "BadSignature"),
        (codec(), expired()[10..].to_owned(), "Expired"),
        (
            codec(),
            common::signed(r#"{"_session_expiry":5}"#, NOW - 6),
            "SessionExpired",
        ),
        (
            codec().refuse_issued_before(NOW + 1),
            json("{}"),
            "IssuedTooEarly",
        ),
    ];
    let left_alone = [
        (codec(), "x".repeat(4097), "TooLong"),
        (codec().with_max_length(9), json("{}"), "TooLong"),
        (codec(), String::new(), "NotSigned"),
        (
            codec(),
            "wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4".to_owned(),
            "NotSigned",
        ),
        (codec(), format!("a:{}", "b".repeat(43)), "NotSigned"),
        (codec(), raw("e30", "?"), "MalformedStamp"),
        (codec(), raw("e30", ""), "MalformedStamp"),
        (
            codec(),
            raw("e30", &b62_encode(NOW * 1000)),
            "TimeOutOfRange",
        ),
        (
            codec().with_max_future(HOUR),
            common::signed("{}", NOW + 3601),
            "FromFuture",
        ),
        (codec(), payload("a="), "MalformedBase64"),
        (codec(), payload(".AAAA"), compressed),
        (
            codec().with_max_json_length(9),
            json(r#"{"a":"bcde"}"#),
            "JsonTooLong",
        ),
        (codec(), json(r#"{"a":"#), "MalformedJson"),
        (codec(), json(&nested(128)), "TooDeep"),
        (
            codec().with_max_length(9999),
            json(&format!("{{\"a\":{}}}", "1".repeat(4301))),
            "IntegerTooLong",
        ),
        (codec(), json("[]"), "NotAnObject"),
        (codec(), json("null"), "NotAnObject"),
        (
            codec(),
            json(r#"{"_session_expiry":true}"#),
            "MalformedExpiry",
        ),
        (codec(), json(r#"{"\ud800":1}"#), "LoneSurrogate"),
    ];
    let left_alone = left_alone.into_iter().map(|case| (case, "nothing"));
    let cases = deleted.into_iter().map(|case| (case, "deleted"));
    for ((codec, value, error), on_reading) in cases.chain(left_alone) {
        let middleware = SessionMiddleware::new(codec);
        let answer = |handler: fn(&mut Session), status| {
            let mut loaded = middleware.load([&format!("sessionid={value}")], NOW);
            assert!(loaded.session.is_empty() && loaded.log_id().is_none());
            assert_eq!(loaded.refusal().map(Error::name), Some(error));
            handler(&mut loaded.session);
            told(
                &middleware
                    .answer(&loaded, status, NONE, NOW)
                    .expect("no error"),
            )
        };
        for status in [200, 302, 404] {
            assert_eq!(answer(read, status), on_reading, "{error}");
        }
        for status in [500, 503] {
            assert_eq!(answer(read, status), "nothing", "{error}");
            assert_eq!(answer(change, status), "nothing", "{error}");
        }
        for status in STATUSES {
            assert_eq!(answer(Session::flush, status), "deleted", "{error}");
            assert_eq!(answer(Session::clear, status), "deleted", "{error}");
        }
    }
}

#[test]
fn a_cookie_from_before_the_cut_off_is_deleted() {
    let middleware = SessionMiddleware::new(codec().refuse_issued_before(NOW));
    let cookie = cookie_of(&codec(), r#"{"a":1}"#, NOW - 1);
    let mut loaded = middleware.load([&cookie], NOW);
    assert_eq!(loaded.refusal(), Some(Error::IssuedTooEarly));
    read(&mut loaded.session);
    assert_eq!(told(&answer(&loaded, 200)), "deleted");
}

#[test]
fn a_log_id_identifies_the_cookie() {
    let cookie = good(r#"{"a":1}"#);
    let id = load(&cookie).log_id().expect("a good cookie");
    let text = id.to_string();
    assert_eq!(text.len(), 16);
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    assert!(text.chars().all(is_hex), "{text}");
    assert!(!cookie.contains(&text));
    // It is a hash of the signature, and contains nothing of the signature itself.
    let (_, signature) = cookie.rsplit_once(':').expect("a signature");
    let hash = Sha256::digest(signature);
    let expected: Vec<String> = hash[..8].iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(text, expected.concat());
    assert_eq!(format!("{id:?}"), format!("LogId({text})"));

    // The same cookie has the same id. Quotes do not change it, and neither does the handler.
    let quoted = format!("{}\"", cookie.replacen('=', "=\"", 1));
    let mut again = load(&quoted);
    change(&mut again.session);
    assert_eq!(again.log_id(), Some(id));

    // A save changes the id, even of an unchanged session, a second later.
    let later = set_cookie(&answer(&again, 200)).expect("it was changed");
    assert_ne!(load(&later).log_id(), Some(id));
    let resaved = cookie_of(&codec(), r#"{"a":1}"#, NOW + 1);
    assert_ne!(load(&resaved).log_id(), Some(id));

    for cookie in [String::new(), forged(), expired(), unreadable()] {
        assert_eq!(load(&cookie).log_id(), None);
    }
}

#[test]
fn issued_at_is_the_time_of_the_last_save() {
    let cookie = good(r#"{"a":1}"#);
    let mut loaded = middleware().load([&cookie], NOW + 60);
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW)));

    // It is that of the request's cookie, whatever the handler does.
    change(&mut loaded.session);
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW)));

    // With several cookies, it is that of the cookie that is used.
    let older = cookie_of(&codec(), r#"{"a":1}"#, NOW - 60);
    let loaded = load(&format!("{cookie}; {older}; {}", forged()));
    assert_eq!(loaded.issued_at(), Some(Timestamp::from(NOW)));

    for cookie in [String::new(), forged(), expired(), unreadable()] {
        assert_eq!(load(&cookie).issued_at(), None);
    }
}

/// Returns whether a cookie of this age is sent again.
fn after(middleware: &SessionMiddleware, age: i64, handler: fn(&mut Session), status: u16) -> bool {
    let cookie = good(r#"{"a":1}"#);
    let mut loaded = middleware.load([&cookie], NOW + age);
    handler(&mut loaded.session);
    let answer = middleware.answer(&loaded, status, NONE, NOW + age);
    set_cookie(&answer.expect("an answer")).is_some()
}

#[test]
fn a_due_renewal_sends_the_session_again() {
    assert!(!after(&renewing(), 3600, read, 200));
    assert!(after(&renewing(), 3601, read, 200));
    assert!(after(&renewing(), TWO_WEEKS, read, 302));
    assert!(!after(&renewing(), 3601, untouched, 200));
    assert!(!after(&middleware(), TWO_WEEKS, read, 200));

    // It has the same content, and a new stamp.
    let cookie = good(r#"{"a":1,"_session_expiry":9000}"#);
    let mut loaded = renewing().load([&cookie], NOW + 3601);
    read(&mut loaded.session);
    let answer = renewing().answer(&loaded, 200, NONE, NOW + 3601);
    let header = set_cookie(&answer.expect("an answer")).expect("it is old");
    assert!(header.contains("; Max-Age=9000; "), "{header}");
    let again = renewing().load([&header], NOW + 3601 + 9000);
    assert_eq!(again.session, loaded.session);
}

/// A slow request that only reads, and is answered after a sign-out, must not sign the user in again.
#[test]
fn reading_sends_nothing_under_a_fallback_key() {
    let old = SessionCodec::new(KeyRing::new(key(OTHER_KEY)));
    let cookie = cookie_of(&old, r#"{"a":1}"#, NOW);
    for status in STATUSES {
        for handler in [untouched, read] {
            let mut loaded = rotated().load([&cookie], NOW);
            handler(&mut loaded.session);
            let answer = rotated().answer(&loaded, status, NONE, NOW);
            assert_eq!(told(&answer.expect("an answer")), "nothing", "{status}");
        }
        let mut loaded = rotated().load([&cookie], NOW);
        change(&mut loaded.session);
        let answer = rotated().answer(&loaded, status, NONE, NOW);
        let told = told(&answer.expect("an answer"));
        // `told` reads with the new key only.
        let expected = if status < 500 {
            r#"{"a":1,"b":2}"#
        } else {
            "nothing"
        };
        assert_eq!(told, expected, "{status}");
    }
}

#[test]
fn save_every_request_sends_unchanged_sessions() {
    let every = saving_every_request();
    for handler in [untouched, read, change] {
        assert!(after(&every, 60, handler, 200));
        assert!(!after(&every, 60, handler, 500));
    }
    // A response that sets a cookie varies on it, even if nothing read the session.
    let loaded = every.load([&good(r#"{"a":1}"#)], NOW);
    assert!(varies(
        &every.answer(&loaded, 200, NONE, NOW).expect("an answer")
    ));
    // An empty session is not saved.
    for cookie in [String::new(), good("{}"), forged(), unreadable()] {
        let loaded = every.load([&cookie], NOW);
        let answer = every.answer(&loaded, 200, NONE, NOW).expect("an answer");
        assert_eq!(answer, Answer::default());
    }
}

/// A response that refuses the request must not give the session a new stamp.
#[test]
fn an_unchanged_session_is_not_sent_with_a_refusal() {
    for middleware in [renewing(), saving_every_request()] {
        for status in [200, 204, 302, 399] {
            assert!(after(&middleware, 4000, read, status), "{status}");
        }
        for status in [400, 401, 403, 404, 429, 499, 500, 503] {
            assert!(!after(&middleware, 4000, read, status), "{status}");
            assert!(!after(&middleware, 4000, untouched, status), "{status}");
            // A changed session is sent nevertheless.
            assert_eq!(after(&middleware, 4000, change, status), status < 500);
        }
    }
}

/// The answer reports a change that the response does not save.
#[test]
fn unsaved_changes_are_reported() {
    let unsaved = |cookie: &str, handler: fn(&mut Session), status| {
        let mut loaded = load(cookie);
        handler(&mut loaded.session);
        let answer = answer(&loaded, status);
        if status == 101 {
            assert_eq!(answer.headers, []);
        }
        answer.unsaved
    };
    let cookie = good(r#"{"a":1}"#);
    for (status, of_change, of_end) in [
        (101, true, true),
        (200, false, false),
        (404, false, false),
        (500, true, false),
        (503, true, false),
    ] {
        for cookie in ["", &cookie, &forged(), &unreadable()] {
            assert_eq!(unsaved(cookie, change, status), of_change, "{status}");
            assert!(!unsaved(cookie, untouched, status), "{status}");
            assert!(!unsaved(cookie, read, status), "{status}");
        }
        for end in [Session::flush, |session: &mut Session| {
            *session = Session::new();
        }] {
            assert_eq!(unsaved(&cookie, end, status), of_end, "{status}");
            assert!(!unsaved("", end, status), "nothing to end: {status}");
        }
    }
}

/// Returns a session whose only change is the login's hash, which a check wrote again after the keys were rotated.
fn rehashed() -> Loaded {
    let old = AuthHasher::new(&KeyRing::new(key(OTHER_KEY))).hash("password");
    let hasher = AuthHasher::new(&ring().with_fallback(key(OTHER_KEY)));
    let mut session = Session::new();
    session.set_auth_user("7", "backend", &old).expect("text");
    let mut loaded = load(&good(&session.to_json()));
    let is_signed_in = hasher.check(&mut loaded.session, Some("password"));
    assert_eq!(is_signed_in, Ok(true));
    assert!(loaded.session.modified());
    loaded
}

/// Only a new hash of the login may be lost, because the next request writes it again. A session that the handler assigned
/// may not, even if nothing else has changed it.
#[test]
fn only_a_new_hash_may_be_lost() {
    assert!(!answer(&rehashed(), 500).unsaved);
    let mut other = load(&good(r#"{"a":1}"#));
    other.session = rehashed().session;
    assert!(answer(&other, 500).unsaved);
}

/// No handler asked for a new hash, so it is saved only where a renewal is.
#[test]
fn a_new_hash_is_saved_like_a_renewal() {
    let sets = |loaded: &Loaded, status, headers: &[(&str, &str)]| {
        let headers = headers.iter().copied();
        let answer = middleware().answer(loaded, status, headers, NOW + 1);
        let headers = answer.expect("an answer").headers;
        assert!(headers.iter().any(|it| it.name == "vary") || status == 101);
        headers.iter().any(|it| it.name == "set-cookie")
    };
    let changed = || {
        let mut loaded = rehashed();
        change(&mut loaded.session);
        loaded
    };
    let own = ("set-cookie", "sessionid=; Max-Age=0; Path=/");
    let shared = ("cache-control", "public, max-age=60");
    for (status, headers, of_hash, of_change) in [
        (200, &[][..], true, true),
        (302, &[], true, true),
        (200, &[own], false, true),
        (200, &[shared], false, true),
        (101, &[], false, false),
        (400, &[], false, true),
        (403, &[], false, true),
        (500, &[], false, false),
    ] {
        assert_eq!(sets(&rehashed(), status, headers), of_hash, "{status}");
        assert_eq!(sets(&changed(), status, headers), of_change, "{status}");
    }
}

// Other headers of the response.

/// Returns what the answer does with the cookie of a session that was saved an hour and a second ago, for a response
/// with these headers.
fn told_beside(
    middleware: &SessionMiddleware,
    headers: &[(&str, &str)],
    handler: fn(&mut Session),
) -> Vec<(&'static str, String, bool)> {
    let mut loaded = middleware.load([&good(r#"{"a":1}"#)], NOW + 3601);
    handler(&mut loaded.session);
    let headers = headers.iter().copied();
    let answer = middleware.answer(&loaded, 200, headers, NOW + 3601);
    let headers = answer.expect("an answer").headers.into_iter();
    let text = |value| String::from_utf8(value).expect("ASCII");
    headers
        .map(|header| (header.name, text(header.value), header.replaces))
        .collect()
}

#[test]
fn shared_caches_get_no_unchanged_session() {
    let sets = |value: &str, handler| {
        let headers = [("Cache-Control", value), ("X-Other", "public")];
        let told =
            [renewing(), saving_every_request()].map(|it| told_beside(&it, &headers, handler));
        let sets = told.map(|headers| headers.iter().any(|(name, ..)| *name == "set-cookie"));
        assert_eq!(sets[0], sets[1]);
        sets[0]
    };
    for value in [
        "public",
        "PUBLIC",
        "public, max-age=60",
        "max-age=60 , Public",
        "s-maxage=3600",
        "S-MaxAge=3600",
        "max-age=0,s-maxage=1",
        "max-age=0, s-maxage = 1",
        r#"private="x, y", public"#,
        r#"no-cache="a\", b", public"#,
        "public=1",
        // In quotes, closed or not: it is safer not to send the session.
        r#"private="set-cookie, public, x""#,
        r#"x="a, public"#,
    ] {
        assert!(!sets(value, read), "{value}");
        assert!(sets(value, change), "{value}");
    }
    for value in [
        "",
        "private",
        "no-store",
        "max-age=3600",
        "publicly",
        "x-public",
        "s-maxage2=1",
        r#"private="public""#,
        "x=public",
    ] {
        assert!(sets(value, read), "{value}");
    }
    // Headers for some caches alone.
    for (name, value, expected) in [
        ("CDN-Cache-Control", "max-age=600", false),
        ("cdn-cache-control", "public, max-age=600", false),
        ("Cloudflare-CDN-Cache-Control", "max-age=600", false),
        ("Surrogate-Control", "max-age=600", false),
        ("CDN-Cache-Control", "", false),
        (
            "CDN-Cache-Control",
            r#"max-age=600;x="a, private, b""#,
            false,
        ),
        ("CDN-Cache-Control", "no-store", true),
        ("CDN-Cache-Control", "max-age=600, private", true),
        ("Surrogate-Control", "no-store", true),
        ("X-CDN-Cache-Control-2", "max-age=600", true),
        ("X-Surrogate-Control", "max-age=600", true),
        ("\u{e9}-cache-control", "max-age=600", true),
    ] {
        for (handler, expected) in [(read as fn(&mut Session), expected), (change, true)] {
            let told = told_beside(&renewing(), &[(name, value)], handler);
            let sets = told.iter().any(|(name, ..)| *name == "set-cookie");
            assert_eq!(sets, expected, "{name}: {value}");
        }
    }
    // Several headers count as one, and the name's case does not matter.
    let [one, other] = [("cache-control", "max-age=60"), ("CACHE-CONTROL", "public")];
    for headers in [[one, other], [other, one]] {
        assert_eq!(
            told_beside(&renewing(), &headers, read),
            [("vary", "Cookie".to_owned(), true)]
        );
    }
    // A forged cookie is not deleted for all users of a cache.
    let mut loaded = load(&forged());
    read(&mut loaded.session);
    let public = [("cache-control", "public")];
    let answer = middleware().answer(&loaded, 200, public, NOW);
    assert_eq!(told(&answer.expect("an answer")), "nothing");
}

#[test]
fn the_responses_own_cookie_is_replaced_only_after_a_change() {
    let there = ("Set-Cookie", "sessionid=of-another; Path=/; HttpOnly");
    // Nothing changed the session: the response's own cookie is kept.
    for middleware in [renewing(), saving_every_request()] {
        let told = told_beside(&middleware, &[there], read);
        assert_eq!(told, [("vary", "Cookie".into(), true)]);
    }
    // A changed session replaces it, and keeps all other cookies.
    let others = [
        "theme=dark; Path=/",
        "sessionid2=x",
        "sessionid=x; Path=/app",
    ];
    let headers = [
        ("set-cookie", others[0]),
        there,
        ("set-cookie", others[1]),
        ("SET-COOKIE", "sessionid=; Max-Age=0; Path=/"),
        ("set-cookie", others[2]),
    ];
    for handler in [change, Session::flush, |session: &mut Session| {
        *session = Session::new();
    }] {
        let told = told_beside(&middleware(), &headers, handler);
        let names = told.iter().map(|(name, ..)| *name);
        assert!(names.eq(["set-cookie"; 4].into_iter().chain(["vary"])));
        let kept = told[..3].iter().map(|(_, value, _)| value.as_str());
        assert!(kept.eq(others));
        assert!(told[3].1.starts_with("sessionid="));
        let replaces: Vec<bool> = told.iter().map(|(.., replaces)| *replaces).collect();
        assert_eq!(replaces, [true, false, false, false, true]);
    }
    // If it is the only one, it is replaced.
    let told = told_beside(&middleware(), &[there], change);
    assert_eq!((told[0].0, told[0].2, told.len()), ("set-cookie", true, 2));
    // If there are only other cookies, they are not listed again.
    let told = told_beside(&middleware(), &[headers[0], headers[2]], change);
    assert_eq!((told[0].0, told[0].2, told.len()), ("set-cookie", false, 2));
}

/// A browser distinguishes cookies by name, domain and path, and keeps partitioned ones apart.
#[test]
fn the_same_cookie_has_the_same_name_domain_and_path() {
    fn is_same(cookie: SetCookie, header: &str) -> bool {
        let settings = SessionSettings::default().with_cookie(cookie);
        let settings = settings.expect("a good one").with_save_every_request(true);
        let told = told_beside(&with(settings), &[("set-cookie", header)], read);
        !told.iter().any(|(name, ..)| *name == "set-cookie")
    }
    let host = || SetCookie::new("sessionid");
    let path = || host().with_path("/app/");
    let domain = || host().with_domain(".example.org");
    let partitioned = || host().with_partitioned(true);
    for header in [
        "sessionid=x; Path=/",
        "sessionid=x",
        " sessionid = x ;PATH = / ; Secure",
        "sessionid=x; Path=/other; path=/",
        "sessionid=; Max-Age=0; Path=",
        "sessionid=x; Path=no-slash",
        "sessionid=x; Path=/; Domain=",
        "sessionid=\"a=b\"; Path=/",
    ] {
        assert!(is_same(host(), header), "{header}");
        assert!(!is_same(domain(), header), "{header}");
    }
    for header in [
        "Sessionid=x; Path=/",
        "sessionid",
        "sessionid2=x; Path=/",
        "=sessionid; Path=/",
        "sessionid=x; Path=/app/",
        "sessionid=x; Path=/; Path=/app",
        "sessionid=x; Path=/; Domain=example.org",
        "theme=sessionid=x; Path=/",
        "",
    ] {
        assert!(!is_same(host(), header), "{header}");
    }
    assert!(is_same(path(), "sessionid=x; Path=/app/"));
    assert!(!is_same(path(), "sessionid=x; Path=/app"));
    assert!(!is_same(path(), "sessionid=x; Path=/"));
    assert!(is_same(
        partitioned(),
        "sessionid=x; Path=/; Secure; partitioned"
    ));
    assert!(!is_same(partitioned(), "sessionid=x; Path=/; Secure"));
    assert!(!is_same(host(), "sessionid=x; Path=/; Secure; Partitioned"));
    assert!(is_same(domain(), "sessionid=x; Path=/; domain=Example.ORG"));
    assert!(is_same(
        domain(),
        "sessionid=x; Path=/; Domain=.example.org"
    ));
    assert!(!is_same(
        domain(),
        "sessionid=x; Path=/; Domain=www.example.org"
    ));
}

#[test]
fn vary_is_one_header() {
    #[track_caller]
    fn becomes(before: &[&str], after: Option<&str>) {
        let headers: Vec<_> = before.iter().map(|value| ("Vary", *value)).collect();
        let told = told_beside(&middleware(), &headers, read);
        let expected = after.map(|value| ("vary", value.to_owned(), true));
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }
    becomes(&[], Some("Cookie"));
    becomes(&["Accept-Encoding"], Some("Accept-Encoding, Cookie"));
    becomes(&["a", "b"], Some("a, b, Cookie"));
    becomes(&["", "  "], Some("Cookie"));
    becomes(&["Cookie2"], Some("Cookie2, Cookie"));
    for there in ["Cookie", "cOOKIE", "a,\tcookie ,b", "*", "a, *"] {
        becomes(&[there], None);
        becomes(&["a", there], None);
    }
}

// The session that the handler left is saved.

#[test]
fn an_assigned_session_replaces_the_loaded_one() {
    let cookie = good(r#"{"a":1}"#);
    let new = |session: &mut Session| *session = Session::new();
    let taken = |session: &mut Session| drop(std::mem::take(session));
    let read_and_taken = |session: &mut Session| assert!(std::mem::take(session).contains_key("a"));
    let swapped = |session: &mut Session| {
        let mut other = Session::new();
        std::mem::swap(session, &mut other);
    };
    for handler in [new, taken, swapped] {
        check(&cookie, handler, "deleted", "deleted", true);
        check("", handler, "nothing", "nothing", true);
        // This counts as a flush.
        check(&forged(), handler, "deleted", "deleted", true);
        check(&unreadable(), handler, "deleted", "deleted", true);
    }
    check(&cookie, read_and_taken, "deleted", "deleted", true);
    let from_json = |session: &mut Session| {
        *session = Session::from_json(r#"{"_auth_user_id":"9"}"#).expect("a session");
    };
    let decoded = |session: &mut Session| {
        let cookie = cookie_of(&codec(), r#"{"_auth_user_id":"9"}"#, NOW);
        *session = codec().decode(&cookie[10..], NOW).expect("a session");
    };
    let deserialized = |session: &mut Session| {
        *session = serde_json::from_str(r#"{"_auth_user_id":"9"}"#).expect("a session");
    };
    let written = |session: &mut Session| {
        *session = Session::new();
        session.insert("_auth_user_id", "9").expect("JSON");
    };
    for handler in [from_json, decoded, deserialized, written] {
        for cookie in [&cookie, "", &forged(), &unreadable()] {
            check(cookie, handler, r#"{"_auth_user_id":"9"}"#, "nothing", true);
        }
    }
    // A session with the same content is still another session.
    let equal = |session: &mut Session| {
        *session = Session::from_json(r#"{"a":1}"#).expect("a session");
    };
    check(&cookie, equal, r#"{"a":1}"#, "nothing", true);
}

#[test]
fn assigning_the_loaded_session_changes_nothing() {
    let cookie = good(r#"{"a":1}"#);
    let put_back = |session: &mut Session| {
        let taken = std::mem::take(session);
        *session = taken;
    };
    check(&cookie, put_back, "nothing", "nothing", false);
    let restored = |session: &mut Session| {
        let before = session.clone();
        session.flush();
        *session = before;
        read(session);
    };
    check(&cookie, restored, "nothing", "nothing", true);
    let changed = |session: &mut Session| {
        let mut copy = session.clone();
        change(&mut copy);
        *session = copy;
    };
    check(&cookie, changed, r#"{"a":1,"b":2}"#, "nothing", true);
}

#[test]
fn two_swapped_sessions_of_one_request_are_both_saved() {
    let admin = with_cookie(SetCookie::new("admin"));
    let cookies = good(r#"{"a":1}"#) + "; " + &good(r#"{"a":2}"#).replacen("sessionid", "admin", 1);
    for (site_cookie, admin_cookie) in [(true, true), (true, false), (false, true)] {
        let cookies = |is_sent: bool| if is_sent { cookies.as_str() } else { "" };
        let mut of_site = middleware().load([cookies(site_cookie)], NOW);
        let mut of_admin = admin.load([cookies(admin_cookie)], NOW);
        std::mem::swap(&mut of_site.session, &mut of_admin.session);
        let told = |middleware: &SessionMiddleware, loaded: &Loaded| {
            let answer = middleware
                .answer(loaded, 200, NONE, NOW)
                .expect("an answer");
            let header = set_cookie(&answer).expect("another session");
            match header.split([';', '=']).nth(1).expect("a value") {
                "" => "deleted".to_owned(),
                _ => json(&session_of(&header)),
            }
        };
        let expected = |is_sent, json: &str| if is_sent { json } else { "deleted" }.to_owned();
        assert_eq!(
            told(&middleware(), &of_site),
            expected(admin_cookie, r#"{"a":2}"#)
        );
        assert_eq!(told(&admin, &of_admin), expected(site_cookie, r#"{"a":1}"#));
    }
}

// What counts as reading.

#[test]
fn asking_about_the_cookie_counts_as_reading() {
    let varies = |cookie: &str, ask: fn(&Loaded)| {
        let loaded = load(cookie);
        ask(&loaded);
        self::varies(&answer(&loaded, 200))
    };
    for cookie in [String::new(), good(r#"{"a":1}"#), forged(), expired()] {
        assert!(varies(&cookie, |loaded| _ = loaded.refusal()));
        assert!(varies(&cookie, |loaded| _ = loaded.issued_at()));
        assert!(!varies(&cookie, |loaded| _ = loaded.log_id()));
        assert!(!varies(&cookie, |loaded| _ = format!("{loaded:?}")));
        assert!(!varies(&cookie, |_| ()));
    }
    // The middleware's own steps do not: a renewal that fails does not make a page vary.
    let loaded = load(&good(r#"{"a":1}"#));
    let never = SessionMiddleware::new(codec().with_max_length(10))
        .with_settings(SessionSettings::default().with_save_every_request(true))
        .expect("one age");
    let answer = never.answer(&loaded, 200, NONE, NOW).expect("an answer");
    assert!(matches!(answer.unsent, Some(Error::TooLong { .. })));
    assert_eq!(answer.headers, []);
}

#[test]
fn a_changed_session_that_is_too_large_is_an_error() {
    let mut loaded = load(&good(r#"{"a":1}"#));
    // Noise that zlib cannot shorten enough.
    let noise: String = common::sessions()[2].1.to_json();
    loaded.session.insert("large", noise).expect("JSON");
    let tight = SessionMiddleware::new(codec().with_max_length(1000));
    let error = tight.answer(&loaded, 200, NONE, NOW).expect_err("too long");
    let length = codec().encode(&loaded.session, NOW).expect("encodes").len();
    let limit = 1000;
    assert_eq!(error, Error::TooLong { length, limit });
    // If it is not saved, there is no error.
    let answer = tight.answer(&loaded, 500, NONE, NOW).expect("an answer");
    assert_eq!(set_cookie(&answer), None);

    // The name counts as well: the value alone would fit.
    let named = |bytes| with_cookie(SetCookie::new("n".repeat(bytes)));
    let error = named(4500 - length)
        .answer(&loaded, 200, NONE, NOW)
        .expect_err("too large");
    let (size, limit) = (4500, 4096);
    assert_eq!(error, Error::CookieTooLarge { size, limit });
    // Where little is missing, the value is compressed with more effort.
    let answer = named(4097 - length).answer(&loaded, 200, NONE, NOW);
    assert_eq!(answer.is_ok(), cfg!(feature = "compress"));
}

#[test]
fn a_good_cookie_is_found_among_bad_ones() {
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
    // There may be several of them, and a bad one that comes first changes nothing.
    assert_eq!(a(&[&forged(), &unreadable(), &one, &expired()]), Some(1));
    // The limit: eight are tried.
    let crowd = |others: usize| format!("{one}; {}", vec![forged(); others].join("; "));
    assert_eq!(a(&[&crowd(7)]), Some(1));
    assert_eq!(a(&[&crowd(8)]), None);
}

/// The deletion of a forged cookie would only reach the good one that it hides. The forged one has another domain.
#[test]
fn a_cookie_that_may_hide_another_is_not_deleted() {
    let sets_cookie = |cookies: &[String], handler: fn(&mut Session)| {
        let mut loaded = middleware().load([&cookies.join("; ")], NOW);
        assert_eq!(loaded.refusal(), Some(Error::BadSignature));
        handler(&mut loaded.session);
        set_cookie(&answer(&loaded, 200)).is_some()
    };
    let hidden = |others| {
        let mut cookies = vec![forged(); others];
        cookies.insert(0, good(r#"{"a":1}"#));
        cookies
    };
    assert!(!sets_cookie(&hidden(8), |_| {}));
    assert!(!sets_cookie(&hidden(100), |_| {}));
    assert!(sets_cookie(&hidden(8), Session::clear));
    // All were tried.
    assert!(sets_cookie(&vec![forged(); 8], |_| {}));
}

/// A stale cookie of another path or domain must not win, because signing in would loop.
#[test]
fn the_youngest_cookie_counts() {
    let at = |a: i32, offset: i64| cookie_of(&codec(), &format!("{{\"a\":{a}}}"), NOW + offset);
    let a = |cookies: &[String]| {
        let mut seen = Vec::new();
        // In one header or in several.
        for headers in [&[cookies.join("; ")][..], cookies] {
            let loaded = middleware().load(headers, NOW);
            seen.push(loaded.session.get::<i32>("a").expect("a number"));
        }
        assert_eq!(seen[0], seen[1]);
        seen[0]
    };
    let (old, new) = (at(1, -60), at(2, -1));
    assert_eq!(a(&[old.clone(), new.clone()]), Some(2));
    assert_eq!(a(&[new.clone(), old.clone()]), Some(2));
    assert_eq!(a(&[old.clone(), new.clone(), old.clone()]), Some(2));
    // Among equally young ones, the last.
    assert_eq!(a(&[at(3, -1), new.clone(), old.clone()]), Some(2));
    // A stamp ahead of the clock counts as now: it wins against older cookies, but not against later ones from now.
    assert_eq!(a(&[at(3, 1000), new.clone()]), Some(3));
    assert_eq!(a(&[at(3, 1000), at(4, 0)]), Some(4));
    assert_eq!(a(&[at(4, 0), at(3, 1000)]), Some(3));
    assert_eq!(a(&[at(3, 1000), at(4, 10)]), Some(4));
    // A cookie that cannot be read or has ended does not count, however young it is.
    let ended = cookie_of(&codec(), r#"{"a":9,"_session_expiry":5}"#, NOW - 6);
    for bad in [unreadable(), ended, forged()] {
        assert_eq!(a(&[old.clone(), bad.clone()]), Some(1));
        assert_eq!(a(&[bad, old.clone()]), Some(1));
    }
    // Up to the limit, all are tried.
    let mut crowd = vec![new];
    crowd.extend(vec![old; 7]);
    assert_eq!(a(&crowd), Some(2));
    crowd.push(at(1, -60));
    assert_eq!(a(&crowd), Some(1));
}

/// If several were refused, one that may be valid for another service prevents the deletion.
#[test]
fn several_refused_cookies_are_deleted_only_if_all_are_useless() {
    for (cookies, is_deleted) in [
        ([forged(), expired()], true),
        ([forged(), unreadable()], false),
        ([unreadable(), forged()], false),
        ([unreadable(), unreadable()], false),
    ] {
        let cookies = cookies.join("; ");
        let on_reading = if is_deleted { "deleted" } else { "nothing" };
        check(&cookies, read, on_reading, "nothing", true);
        check(&cookies, Session::flush, "deleted", "deleted", true);
        check(&cookies, change, r#"{"b":2}"#, "nothing", true);
    }
}

#[test]
fn hostile_headers_are_an_empty_session() {
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
        // None of it appears in the answer.
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
fn debug_shows_no_value() {
    let cookie = good(r#"{"a":"SECRET"}"#);
    let (payload, signature) = (&cookie[10..20], cookie.rsplit(':').next().expect("a part"));
    let mut loaded = load(&cookie);
    change(&mut loaded.session);
    let answer = answer(&loaded, 200);
    let middleware = with_cookie(SetCookie::new("sessionid").with_value(&cookie[10..]));
    for shown in [
        format!("{loaded:?} {loaded:#?}"),
        format!("{answer:?} {answer:#?}"),
        format!("{middleware:?} {middleware:#?}"),
        format!("{:?}", load(&forged())),
    ] {
        for secret in ["SECRET", payload, signature, &signature[..8], KEY] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let [header, _] = &answer.headers[..] else {
        panic!("two headers");
    };
    let length = header.value.len();
    assert_eq!(
        format!("{header:?}"),
        format!("Header {{ name: \"set-cookie\", value_length: {length}, replaces: false }}")
    );
}

#[test]
fn a_malformed_expiry_of_the_handler_is_an_error() {
    let mut loaded = load("");
    loaded
        .session
        .insert("_session_expiry", true)
        .expect("JSON");
    let result = middleware().answer(&loaded, 200, NONE, NOW);
    assert_eq!(result, Err(Error::MalformedExpiry));
    assert_eq!(set_cookie(&answer(&loaded, 500)), None);
}

/// An unchanged session loses nothing if it cannot be sent again.
#[test]
fn an_unchanged_session_is_never_an_error() {
    let every = |codec: SessionCodec| {
        SessionMiddleware::new(codec)
            .with_settings(
                SessionSettings::default()
                    .with_save_every_request(true)
                    .with_renewal_after(Duration::from_secs(1)),
            )
            .expect("one age")
    };
    // A session from a Django that compresses better, or uncompressed; and an expiry that reading ignores.
    let ignoring = codec().ignore_session_expiry();
    for (codec, json, error) in [
        (
            codec().with_max_length(70),
            r#"{"a":1,"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#,
            "TooLong",
        ),
        (
            ignoring.clone(),
            r#"{"a":1,"_session_expiry":true}"#,
            "MalformedExpiry",
        ),
        (
            ignoring.clone(),
            r#"{"a":1,"_session_expiry":NaN}"#,
            "MalformedExpiry",
        ),
        (
            ignoring,
            r#"{"a":1,"_session_expiry":-5}"#,
            "SessionExpired",
        ),
    ] {
        let cookie = format!("sessionid={}", common::signed(json, NOW));
        let reader = every(codec.clone().with_max_length(4096));
        for handler in [untouched, read] {
            let mut loaded = reader.load([&cookie], NOW + 2);
            assert!(!loaded.session.accessed());
            assert!(loaded.log_id().is_some(), "{json}");
            handler(&mut loaded.session);
            let is_read = loaded.session.accessed();
            let answer = every(codec.clone()).answer(&loaded, 200, NONE, NOW + 2);
            let answer = answer.expect("an answer");
            assert_eq!(told(&answer), "nothing", "{json}");
            assert_eq!(answer.unsent.map(Error::name), Some(error), "{json}");
            assert_eq!((varies(&answer), answer.unsaved), (is_read, false));
        }
    }
}

/// Django with `USE_TZ = False` writes local times. A codec that ignores expiries reads and writes them.
#[test]
fn a_session_with_an_ignored_expiry_is_sent() {
    let json = r#"{"a":1,"_session_expiry":"2030-01-01T00:00:00"}"#;
    let cookie = format!("sessionid={}", common::signed(json, NOW));
    for (ends_with_browser, lasts) in [(false, "; Max-Age=1209600; "), (true, "; HttpOnly; Path=/")]
    {
        let settings = SessionSettings::default()
            .with_save_every_request(true)
            .with_expire_at_browser_close(ends_with_browser);
        let ignoring = SessionMiddleware::new(codec().ignore_session_expiry());
        let ignoring = ignoring.with_settings(settings).expect("one age");
        for handler in [untouched, read, change] {
            let mut loaded = ignoring.load([&cookie], NOW);
            handler(&mut loaded.session);
            let answer = ignoring.answer(&loaded, 200, NONE, NOW);
            let header = set_cookie(&answer.expect("an answer")).expect("it is sent");
            assert!(header.contains(lasts), "{header}");
        }
    }
}

/// If a session's own expiry is in the past, its cookie is deleted, as by Django's negative `Max-Age`.
#[test]
fn an_expiry_in_the_past_deletes_the_cookie() {
    for seconds in [-1, -60, -100_000_000] {
        let ends = [
            Expiry::At((NOW + seconds).into()),
            Expiry::At(Timestamp::from_unix_nanos(
                i128::from(NOW) * 1_000_000_000 - 1000,
            )),
        ];
        for end in ends {
            for (cookie, expected) in [
                (good(r#"{"a":1}"#), "deleted"),
                (forged(), "deleted"),
                (unreadable(), "deleted"),
                (String::new(), "nothing"),
            ] {
                let mut loaded = load(&cookie);
                change(&mut loaded.session);
                loaded.session.set_expiry(end).expect("an instant");
                let answer = self::answer(&loaded, 200);
                assert_eq!(told(&answer), expected);
                assert!(varies(&answer) && answer.unsent.is_none());
                // Without a cookie to delete, the handler's changes are lost, so the answer reports them as unsaved.
                assert_eq!(answer.unsaved, expected == "nothing");
            }
        }
    }
}

/// Returns `Max-Age` and `Expires` of a new session with this expiry.
fn lasts(middleware: &SessionMiddleware, expiry: Expiry, now: Timestamp) -> String {
    let mut loaded = middleware.load([""], now);
    change(&mut loaded.session);
    loaded.session.set_expiry(expiry).expect("an expiry");
    let answer = middleware
        .answer(&loaded, 200, NONE, now)
        .expect("an answer");
    let header = set_cookie(&answer).expect("it was changed");
    let parts = header.split("; ").skip(1);
    let lasting = parts.filter(|part| part.starts_with("Max-Age") || part.starts_with("Expires"));
    lasting.collect::<Vec<_>>().join("; ")
}

#[test]
fn the_cookie_ends_with_the_session() {
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
    assert_eq!(
        lasts_here(Expiry::At(NOW.into())),
        "Expires=Tue, 14 Nov 2023 22:13:20 GMT; Max-Age=0"
    );
    assert_eq!(lasts_here(Expiry::WithBrowser), "");

    let with_browser = with(SessionSettings::default().with_expire_at_browser_close(true));
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
fn the_cookie_has_the_attributes_of_the_settings() {
    let cookie = SetCookie::new("__Host-sid")
        .with_value("ignored")
        .with_same_site(SameSite::Strict)
        .with_max_age(1)
        .with_expires(1);
    let settings = SessionSettings::default().with_cookie(cookie);
    let settings = settings.expect("a good one");
    let middleware = with(settings.with_expire_at_browser_close(true));
    let mut loaded = middleware.load([good(r#"{"a":1}"#)].iter(), NOW);
    assert!(loaded.session.is_empty(), "another name");
    change(&mut loaded.session);
    let answer = middleware
        .answer(&loaded, 200, NONE, NOW)
        .expect("an answer");
    let header = set_cookie(&answer).expect("it was changed");
    let (pair, attributes) = header.split_once("; ").expect("attributes");
    let mut again = middleware.load([pair], NOW);
    assert_eq!(again.session, loaded.session);
    again.session.flush();
    let answer = middleware
        .answer(&again, 500, NONE, NOW)
        .expect("an answer");
    assert_eq!(
        set_cookie(&answer).as_deref(),
        Some(
            "__Host-sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Strict; Secure"
        )
    );
    // The template's own value, `Max-Age` and `Expires` are ignored.
    assert_eq!(attributes, "HttpOnly; Path=/; SameSite=Strict; Secure");
}

/// Checked when the settings are created, not at the first sign-in.
#[test]
fn a_cookie_that_browsers_drop_is_refused() {
    let cookie = || SetCookie::new("sessionid");
    for (cookie, error) in [
        (
            cookie().with_same_site(SameSite::None).with_secure(false),
            Error::InsecureCookie,
        ),
        (
            cookie().with_domain("localhost:3000"),
            Error::InvalidCookieDomain,
        ),
        (cookie().with_domain(""), Error::InvalidCookieDomain),
        (cookie().with_path("app"), Error::InvalidCookiePath),
        (SetCookie::new(""), Error::InvalidCookieName),
        (SetCookie::new("a b"), Error::InvalidCookieName),
        (
            SetCookie::new("__Host-sid").with_secure(false),
            Error::InsecureCookie,
        ),
        (
            SetCookie::new("__Host-sid").with_domain("example.org"),
            Error::HostCookieNotOfHost,
        ),
        (
            SetCookie::new("__Host-sid").with_path("/app"),
            Error::HostCookieNotOfHost,
        ),
    ] {
        let settings = SessionSettings::default().with_cookie(cookie);
        assert_eq!(settings, Err(error));
    }
}

/// An end that no date can hold becomes the last possible date.
#[test]
fn the_largest_age_ends_with_the_last_date() {
    let codec = common::codec().with_max_age(std::time::Duration::MAX);
    let middleware = SessionMiddleware::new(codec);
    let mut loaded = middleware.load([""], common::NOW);
    loaded.session.insert("a", 1).expect("inserts");
    let answer = middleware
        .answer(&loaded, 200, NONE, common::NOW)
        .expect("a header");
    let header = set_cookie(&answer).expect("it was modified");
    assert!(
        header.contains("; Expires=Fri, 31 Dec 9999 23:59:59 GMT; "),
        "{header}"
    );
}
