//! Any session comes back from an uncompressed cookie to the byte, and from `serde_json`. (`compressed` does the same for
//! compressed cookies.)
//!
//! The input is JSON text.

#![no_main]

use hardtack::{Error, Session, SessionCodec, cookie};
use hardtack_fuzz::{NOW, PLAIN, canonical};
use libfuzzer_sys::fuzz_target;

fn comes_back(codec: &SessionCodec, session: &Session, json: &str) -> String {
    let value = codec.encode(session, NOW).expect("no limit");
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    assert!(value.bytes().all(legal), "{value}");
    let verified = codec.verify(&value, NOW).expect("our own value");
    assert_eq!(verified.session().as_ref(), Ok(session));
    assert_eq!(verified.raw_json().as_deref(), Ok(json));
    value
}

fuzz_target!(|text: &str| {
    let Ok(session) = Session::from_json(text) else {
        return;
    };
    let json = canonical(&session);
    if session.ends_with_browser(false).is_err() {
        // A malformed expiry is never written. A local time is one that another server of the site may be able to read.
        let encoded = PLAIN.encode(&session, NOW);
        assert!(matches!(encoded, Ok(_) | Err(Error::MalformedExpiry)));
        return;
    }
    let value = comes_back(&PLAIN, &session, &json);
    let report = PLAIN.size_report(&session, NOW).expect("it was encoded");
    assert_eq!(report.length, value.len());
    assert_eq!(report.members.len(), session.iter().len());
    assert!(!report.to_string().contains('\n'));

    let header = format!("a=1; sessionid={value}; b=2");
    let found: Vec<_> = cookie::find("sessionid", [&header]).collect();
    assert_eq!(found, [&*value]);

    // The text may have duplicate keys. A reader uses the last one.
    let foreign = PLAIN.encode_json(text, NOW).expect("it is a session");
    assert_eq!(PLAIN.decode(&foreign, NOW).as_ref(), Ok(&session));

    // serde_json writes the whole session or fails.
    match serde_json::to_string(&session) {
        Ok(text) => {
            assert_eq!(text, json);
            let again: Session = serde_json::from_str(&text).expect("an object");
            assert_eq!(again, session);
        }
        Err(_) => assert!(json.contains("NaN") || json.contains("Infinity")),
    }
});
