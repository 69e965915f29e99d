//! Which session is saved, with which date, and which cookie is set.

use std::time::Duration;

use hardtack::{
    Action, Error, Expiry, Found, KeyMiddleware, Loaded, Outcome, Session, SessionSettings,
    SetCookie, Timestamp,
};
use time::UtcOffset;

use super::common::NOW;
use super::request::{NO_HEADERS, Request, key, set_cookie};
use super::store::{Record, Store};

const DAY: i64 = 86_400;

fn at(nanos: i128) -> Timestamp {
    Timestamp::from_unix_nanos(i128::from(NOW) * 1_000_000_000 + nanos)
}

/// Returns the record and the cookie's attributes after a handler, for a visitor without a session.
fn saved(
    sessions: &KeyMiddleware,
    now: Timestamp,
    handler: impl FnOnce(&mut Loaded),
) -> (Record, String) {
    let store = Store::default();
    let mut request = Request::new(sessions, &store, NOW);
    request.now = now;
    let response = request.send("", handler).expect("the store works");
    let cookie = set_cookie(&response.answer.expect("an answer")).expect("it is set");
    let (_, attributes) = cookie.split_once("; ").expect("attributes");
    (
        store.get(&key(101)).expect("it is saved"),
        attributes.into(),
    )
}

#[test]
fn record_and_cookie_end_at_the_same_time() {
    let default = KeyMiddleware::default();
    let hour = SessionSettings::default().with_age(Duration::from_secs(3600));
    let with_browser = hour.clone().with_expire_at_browser_close(true);
    let (hour, with_browser) = (KeyMiddleware::new(hour), KeyMiddleware::new(with_browser));
    let until = |seconds: i64| format!("Max-Age={seconds}; ");
    for (sessions, now, expiry, end, lasts) in [
        (&default, at(0), Expiry::Default, at(0), Some(14 * DAY)),
        (&hour, at(5), Expiry::Default, at(5), Some(3600)),
        (&with_browser, at(0), Expiry::Default, at(0), None),
        (&hour, at(0), Expiry::WithBrowser, at(0), None),
        (
            &hour,
            at(0),
            Expiry::After(Duration::from_secs(90 * 86_400)),
            at(0),
            Some(90 * DAY),
        ),
        (
            &with_browser,
            at(0),
            Expiry::After(Duration::from_secs(60)),
            at(0),
            Some(60),
        ),
        (&hour, at(0), Expiry::At((NOW + 10).into()), at(0), Some(10)),
        (
            &hour,
            at(500_000_000),
            Expiry::At((NOW + 10).into()),
            at(0),
            Some(9),
        ),
        (
            &hour,
            at(1000),
            Expiry::At((NOW + 1).into()),
            at(0),
            Some(0),
        ),
    ] {
        let (record, attributes) = saved(sessions, now, |loaded| {
            loaded.session.insert("a", 1).expect("JSON");
            loaded.session.set_expiry(expiry).expect("a date");
        });
        let Record::Session(_, date) = record else {
            unreachable!()
        };
        // The age for a session without its own expiry.
        let age = if std::ptr::eq(sessions, &raw const default) {
            14 * DAY
        } else {
            3600
        };
        let seconds = match expiry {
            Expiry::Default | Expiry::WithBrowser => age,
            _ => lasts.expect("seconds") + i64::from(now > at(0)),
        };
        let end =
            Timestamp::from_unix_nanos(end.as_unix_nanos() + i128::from(seconds) * 1_000_000_000);
        assert_eq!(date, end, "{expiry:?}");
        match lasts {
            Some(seconds) => assert!(attributes.contains(&until(seconds)), "{attributes}"),
            None => assert!(
                !attributes.contains("Max-Age") && !attributes.contains("Expires"),
                "{attributes}"
            ),
        }
    }
    // An end that no date can hold becomes the last possible date.
    let ages = KeyMiddleware::new(SessionSettings::default().with_age(Duration::MAX));
    let (record, attributes) = saved(&ages, at(0), |it| it.session.insert("a", 1).expect("JSON"));
    assert_eq!(
        record,
        Record::Session(r#"{"a":1}"#.into(), 253_402_300_799.into())
    );
    assert!(attributes.contains("31 Dec 9999"), "{attributes}");
}

/// A renewal is due if it would move the record's end far enough.
#[test]
fn a_renewal_is_due_if_the_record_would_end_much_later() {
    let record = |expiry: &str, left: i64| {
        let json = format!(r#"{{"a":1{expiry}}}"#);
        Record::Session(json, (NOW + left).into())
    };
    let iso = r#","_session_expiry":"2030-01-01T00:00:00+00:00""#;
    let week = 7 * DAY;
    for (record, hides_date, is_due) in [
        (record("", 14 * DAY), false, false),
        (record("", week), false, false),
        (record("", week - 1), false, true),
        (record("", 1), false, true),
        (
            record(r#","_session_expiry":1209600"#, week - 1),
            false,
            true,
        ),
        (record(r#","_session_expiry":600000"#, 1), false, false),
        (record(r#","_session_expiry":700000"#, 1), false, true),
        (record(iso, 100), false, true),
        (record(iso, 1_893_456_000 - NOW), false, false),
        (record(r#","_session_expiry":true"#, 1), false, false),
        (record("", 14 * DAY), true, true),
    ] {
        let settings =
            SessionSettings::default().with_renewal_after(Duration::from_secs(7 * 86_400));
        for (settings, may_be_due) in [(settings, true), (SessionSettings::default(), false)] {
            let sessions = KeyMiddleware::new(settings);
            let store = Store::with(&key(1), record.clone());
            store.state().hides_dates = hides_date;
            let cookies = format!("sessionid={}", key(1).as_str());
            let response = Request::new(&sessions, &store, NOW).send(&cookies, |loaded| {
                assert!(!loaded.session.accessed());
                assert!(loaded.session.contains_key("a"));
            });
            let answer = response
                .expect("the store works")
                .answer
                .expect("an answer");
            assert_eq!(
                set_cookie(&answer).is_some(),
                is_due && may_be_due,
                "{record:?}"
            );
            assert_eq!(answer.unsent, None, "{record:?}");
        }
    }
}

/// A handler that can set this expiry.
type EndedHandler = fn(&mut Loaded, Expiry);

fn berlin() -> Session {
    Session::new().with_site_time_zone(|_| UtcOffset::from_hms(1, 0, 0).expect("an offset"))
}

/// Each session of a request has the site's time zone, and is saved with local times, as Django writes them on such a
/// site.
#[test]
fn sessions_of_a_site_with_a_time_zone_have_local_times() {
    let sessions = KeyMiddleware::default();
    let lookup = || sessions.lookup([format!("sessionid={}", key(1).as_str())].iter());
    let end = Expiry::At((NOW + 600).into());
    let local = r#"{"a":1,"_session_expiry":"2023-11-14T23:23:20"}"#;
    let zoneless = r#"{"a":1,"_session_expiry":"2023-11-14T22:23:20+00:00"}"#;
    let found = || {
        let session = Session::from_json(local)?;
        let expires_at = Some((NOW + 600).into());
        Ok(Some(Found {
            session,
            expires_at,
        }))
    };
    let cases: [(_, EndedHandler); 4] = [
        (found(), |it, _| it.session.cycle()),
        (Ok(None), |it, end| {
            it.session.insert("a", 1).expect("JSON");
            it.session.set_expiry(end).expect("a date");
        }),
        (found(), |it, end| {
            it.session = Session::new();
            it.session.insert("a", 1).expect("JSON");
            it.session.set_expiry(end).expect("a date");
        }),
        (found(), |it, _| {
            it.session = Session::from_json(r#"{"a":1,"_session_expiry":"2023-11-14T23:23:20"}"#)
                .expect("JSON");
        }),
    ];
    for (found, handler) in cases {
        let mut loaded = sessions.loaded(lookup(), found, berlin(), NOW);
        handler(&mut loaded, end);
        let step = sessions
            .step(&loaded, 200, NO_HEADERS, NOW)
            .expect("a step");
        let new = key(2);
        let save = step.save(&new);
        assert_eq!(save.session.to_json(), local);
        assert_eq!(
            (save.key, save.now, save.expires_at),
            (&new, NOW.into(), (NOW + 600).into())
        );
        // The saved session has the same instant.
        let date = save.session.expiry_date(NOW, Duration::ZERO);
        assert_eq!(date, Ok((NOW + 600).into()));
        let answer = sessions.answer(step, Outcome::Saved(new.clone()), NO_HEADERS);
        let cookie = set_cookie(&answer.expect("an answer")).expect("it is set");
        assert!(cookie.contains("Max-Age=600; "), "{cookie}");
    }
    // The renewal is computed in the same zone.
    let renewing = SessionSettings::default().with_renewal_after(Duration::from_secs(60));
    let renewing = KeyMiddleware::new(renewing);
    for (left, is_due) in [(600, false), (500, true)] {
        let found = Found {
            session: Session::from_json(local).expect("JSON"),
            expires_at: Some((NOW + left).into()),
        };
        let loaded = renewing.loaded(lookup(), Ok(Some(found)), berlin(), NOW);
        assert!(loaded.session.contains_key("a"));
        let step = renewing
            .step(&loaded, 200, NO_HEADERS, NOW)
            .expect("a step");
        assert_eq!(*step.action() == Action::Update(key(1)), is_due);
    }
    // Without a zone, local times are refused, and an offset is kept.
    let local = Session::from_json(local).expect("JSON");
    let mut loaded = sessions.loaded(lookup(), Ok(None), Session::new(), NOW);
    loaded.session = local;
    let step = sessions.step(&loaded, 200, NO_HEADERS, NOW);
    assert_eq!(step.err(), Some(Error::MalformedExpiry));
    loaded.session = Session::from_json(zoneless).expect("JSON");
    let step = sessions
        .step(&loaded, 200, NO_HEADERS, NOW)
        .expect("a step");
    assert_eq!(step.save(&key(2)).session.to_json(), zoneless);
}

/// The values are saved byte for byte, and saving does not change the handler's session.
#[test]
fn values_are_saved_byte_for_byte() {
    let json = r#"{"big":1180591620717411303424,"nan":NaN,"name":"Zo\u00eb","a":1.0}"#;
    let store = Store::with(&key(1), Record::Session(json.into(), (NOW + 9).into()));
    let sessions = KeyMiddleware::default();
    let cookies = format!("sessionid={}", key(1).as_str());
    let mut request = Request::new(&sessions, &store, NOW);
    let response = request.send(&cookies, |it| it.session.cycle());
    let response = response.expect("the store works");
    let (Some(Record::Session(saved, _)), Ok(_)) = (store.get(&key(101)), &response.answer) else {
        unreachable!()
    };
    assert_eq!(saved, json);
}

/// The cookie has the name, path and domain of the settings.
#[test]
fn the_cookie_is_that_of_the_settings() {
    let cookie = SetCookie::new("__Secure-sid")
        .with_path("/app")
        .with_domain("example.org");
    let settings = SessionSettings::default()
        .with_cookie(cookie)
        .expect("a cookie");
    let sessions = KeyMiddleware::new(settings);
    let store = Store::default();
    let mut request = Request::new(&sessions, &store, NOW);
    let response = request.send("", |it| it.session.insert("a", 1).expect("JSON"));
    let set = set_cookie(
        &response
            .expect("the store works")
            .answer
            .expect("an answer"),
    );
    let set = set.expect("it is set");
    let (pair, attributes) = set.split_once("; ").expect("attributes");
    assert_eq!(pair, format!("__Secure-sid={}", key(101).as_str()));
    for attribute in [
        "Domain=example.org",
        "Path=/app",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=1209600",
    ] {
        assert!(attributes.split("; ").any(|it| it == attribute), "{set}");
    }
    let mut request = Request::new(&sessions, &store, NOW);
    let response = request.send(pair, |it| it.session.clear());
    let deleted = set_cookie(
        &response
            .expect("the store works")
            .answer
            .expect("an answer"),
    );
    let deleted = deleted.expect("it is deleted");
    assert!(
        deleted.starts_with("__Secure-sid=; ") && deleted.contains("; Path=/app; "),
        "{deleted}"
    );
    assert!(store.state().records.is_empty());
}
