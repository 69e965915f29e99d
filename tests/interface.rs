//! Django's session interface: the result of each method, and the flags that it sets.

mod common;

use hardtack::{Error, Session, SetCookie};

use common::{NOW, codec, session, sessions};

/// Returns a session as if it had just been read from a cookie: neither accessed nor modified.
fn read(text: &str) -> Session {
    Session::from_json(text).expect("a session")
}

#[track_caller]
fn flags(session: &Session, accessed: bool, modified: bool) {
    assert_eq!(
        (session.accessed(), session.modified()),
        (accessed, modified)
    );
}

#[track_caller]
fn holds(session: &Session, text: &str) {
    assert_eq!(session.to_json(), text);
}

#[test]
fn pop_removes_and_returns_a_value() {
    let mut session = read(r#"{"a":1,"b":"x"}"#);
    assert_eq!(session.pop::<u8>("none"), Ok(None));
    flags(&session, true, false);
    assert_eq!(session.pop::<u8>("b"), Err(Error::WrongType { offset: 0 }));
    flags(&session, true, false);
    holds(&session, r#"{"a":1,"b":"x"}"#);
    assert_eq!(session.pop::<String>("b"), Ok(Some("x".into())));
    flags(&session, true, true);
    holds(&session, r#"{"a":1}"#);
}

#[test]
fn set_default_inserts_only_a_missing_key() {
    let mut session = read(r#"{"a":NaN}"#);
    assert_eq!(
        session
            .set_default("a", 2)
            .map(|value| value.as_str().to_owned()),
        Ok("NaN".into())
    );
    flags(&session, true, false);
    assert_eq!(
        session.set_default("b", f64::NAN).err(),
        Some(Error::NotFinite)
    );
    flags(&session, true, false);
    assert_eq!(
        session
            .set_default("b", 2)
            .map(|value| value.as_str().to_owned()),
        Ok("2".into())
    );
    flags(&session, true, true);
}

#[test]
fn update_inserts_all_pairs_or_none() {
    let mut session = read(r#"{"a":1}"#);
    assert_eq!(
        session.update([("b", 1.0), ("a", f64::NAN)]),
        Err(Error::NotFinite)
    );
    flags(&session, false, false);
    holds(&session, r#"{"a":1}"#);
    session
        .update([("b", 2), ("a", 3)])
        .expect("all can be written");
    holds(&session, r#"{"a":3,"b":2}"#);
    flags(&session, true, true);
    // As in Django, an empty update also counts as a change.
    let mut session = read("{}");
    session.update([("", 0); 0]).expect("nothing");
    flags(&session, true, true);
}

#[test]
fn flush_and_cycle_mark_the_session_modified() {
    let mut session = read(r#"{"a":1}"#);
    session.cycle();
    flags(&session, true, true);
    holds(&session, r#"{"a":1}"#);
    let mut session = read(r#"{"a":1}"#);
    session.flush();
    flags(&session, true, true);
    assert!(session.is_empty());
}

#[test]
fn the_test_cookie_is_set_found_and_deleted() {
    let mut session = Session::new();
    assert!(!session.test_cookie_worked());
    session.set_test_cookie().expect("it is text");
    holds(&session, r#"{"testcookie":"worked"}"#);
    assert!(session.test_cookie_worked());
    assert!(session.delete_test_cookie() && !session.delete_test_cookie());
    for other in [r#"{"testcookie":"no"}"#, r#"{"testcookie":1}"#] {
        assert!(!read(other).test_cookie_worked());
    }
}

/// Entries that were removed or replaced no longer count.
#[test]
fn a_size_report_is_that_of_the_present_entries() {
    for number in [3, 100] {
        let mut session = session((0..number).map(|key| (key.to_string(), "a longer value")));
        session.insert("0", 1).expect("inserts");
        assert!(session.remove("1"));
        let report = |session: &Session| codec().size_report(session, NOW);
        assert_eq!(report(&session), report(&read(&session.to_json())));
    }
}

#[test]
fn a_size_report_adds_up() {
    let codec = codec();
    for (name, session) in sessions() {
        let report = codec.size_report(&session, NOW).expect("a report");
        assert_eq!(
            report.length,
            codec.encode(&session, NOW).expect("encodes").len(),
            "{name}"
        );
        assert_eq!(report.limit, 4096);
        assert_eq!(report.members.len(), session.iter().len());
        assert!(
            report
                .members
                .is_sorted_by(|one, next| one.bytes >= next.bytes)
        );
        // Every member except the last has a comma, and there are two braces: together one byte more than if all had
        // commas.
        let sum: usize = report.members.iter().map(|member| member.bytes).sum();
        assert_eq!(sum + 1, session.to_json().len());
        let shares: f64 = report.members.iter().map(|member| member.share).sum();
        assert!((0.98..=1.0).contains(&shares), "{shares}");
    }
    let session = session([("note", "VALUE".repeat(10)), ("k", String::new())]);
    let small = codec.with_max_length(50);
    assert!(small.encode(&session, NOW).is_err());
    let report = small.size_report(&session, NOW).expect("a report");
    assert!(report.length > report.limit);
    let text = format!("{report}");
    assert!(
        text.ends_with(r#" bytes, 50 fit; as JSON: "note" 60 (88 %), "k" 7 (10 %)"#),
        "{text}"
    );
    assert!(!text.contains("VALUE") && !format!("{report:?}").contains("VALUE"));
    let empty = small
        .with_max_length(4096)
        .size_report(&Session::new(), NOW)
        .expect("a report");
    assert!(empty.members.is_empty());
    assert_eq!(
        empty.to_string(),
        format!("{} bytes, 4096 fit", empty.length)
    );
}

/// Limit and name together are exactly what a browser accepts.
#[test]
fn a_size_report_subtracts_the_cookies_name() {
    let codec = codec().with_compression(hardtack::Compression::Never);
    let mut filled = Session::new();
    for length in 2_900..3_100 {
        filled
            .insert("pad", "x".repeat(length))
            .expect("it is text");
        for name in ["s", "sessionid", "__Host-Http-sessionid"] {
            let report = codec.size_report(&filled, NOW).expect("a report");
            let report = report.with_cookie_name(name);
            assert_eq!(report.limit, 4096 - name.len());
            let cookie = |value: usize| SetCookie::new(name).with_value("v".repeat(value));
            let fits = cookie(report.length).to_header().is_ok();
            assert_eq!(fits, report.length <= report.limit, "{length}");
            if fits {
                assert!(cookie(report.limit).to_header().is_ok());
                assert!(cookie(report.limit + 1).to_header().is_err());
            }
        }
    }
    // A smaller limit of the codec is kept, and a long name may leave nothing.
    let small = codec.with_max_length(50);
    let report = || small.size_report(&Session::new(), NOW).expect("a report");
    assert_eq!(report().with_cookie_name("sessionid").limit, 50);
    assert_eq!(report().with_cookie_name(&"n".repeat(5_000)).limit, 0);
}

/// The line is for a log, and a client may have chosen the keys.
#[test]
fn the_line_of_a_size_report_is_short() {
    let codec = codec();
    for (count, more) in [(10, ""), (11, ", and 1 more"), (3_000, ", and 2990 more")] {
        let many = session((0..count).map(|at| (format!("key {at}"), at)));
        let report = codec.size_report(&many, NOW).expect("a report");
        assert_eq!(report.members.len(), count);
        let line = report.to_string();
        assert_eq!(line.matches(" %)").count(), 10, "{line}");
        assert!(line.ends_with(&format!(" %){more}")), "{line}");
    }
    // Long keys, with characters that are longest when they are escaped.
    let long = session((0..100_u32).map(|at| (format!("{}{at}", "\u{e0fff}".repeat(100)), at)));
    let report = codec.size_report(&long, NOW).expect("a report");
    let line = report.to_string();
    assert!(line.len() < 8 * 1024, "{}", line.len());
    let cut = session([("k".repeat(65), 1), ("l".repeat(64), 1)]);
    let line = codec.size_report(&cut, NOW).expect("a report").to_string();
    let (k, l) = ("k".repeat(64), "l".repeat(64));
    let shown = format!(r#"; as JSON: "{k}"... 70 (50 %), "{l}" 69 (49 %)"#);
    assert!(line.ends_with(&shown), "{line}");
}
