//! A session that is edited behaves like an ordered map from keys to texts, and comes back from a cookie as that map. `Debug`
//! does not depend on the values.
//!
//! Fields: one edit each, a letter, the key and `=` with a value where there is one. The value is JSON text, or else the
//! text of a string.
//!
//! | letter | edit |
//! |---|---|
//! | `i` | inserts a string |
//! | `j` | inserts JSON text, as a value of another session |
//! | `d` | sets a default, a string |
//! | `u` | updates two keys: this one, and one with a `2` after it |
//! | `r` | removes |
//! | `p` | removes and returns a string |
//! | `s` | copies the value to the key after `=`, through serde |
//! | `o` | reads an object as a session |
//! | `m` | moves the value to the key after `=` |
//! | `c` | clears |
//! | `f` | flushes |
//! | `w` | writes the session and reads it again |

#![no_main]

use std::fmt::Write as _;

use hardtack::{Error, Session};
use hardtack_fuzz::{NOW, PLAIN, canonical, fields, masked};
use libfuzzer_sys::fuzz_target;

/// The most edits of an input, for speed.
const MAX_EDITS: usize = 100;

/// The model: keys and texts of values in their order.
#[derive(Default)]
struct Members(Vec<(String, String)>);

impl Members {
    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, text)| text.as_str())
    }

    fn set(&mut self, key: &str, text: String) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = text,
            None => self.0.push((key.into(), text)),
        }
    }

    fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != key);
        self.0.len() < before
    }

    fn json(&self) -> String {
        let pair = |(key, text): &(String, String)| format!("{}:{text}", spelled(key));
        let pairs: Vec<String> = self.0.iter().map(pair).collect();
        format!("{{{}}}", pairs.join(","))
    }
}

/// A string as `json.dumps` spells it.
fn spelled(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match char::from_u32(unit.into()) {
            Some(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\x08') => out.push_str("\\b"),
            Some('\x0c') => out.push_str("\\f"),
            Some(c @ ' '..='~') => out.push(c),
            _ => write!(out, "\\u{unit:04x}").expect("a string takes it"),
        }
    }
    out + "\""
}

/// Copies a value in both, through serde. A value that `serde_json` could not read is refused.
fn copy(from: &str, to: &str, session: &mut Session, members: &mut Members) {
    let lender = session.clone();
    let Some(text) = lender.get_json(from) else {
        return;
    };
    let result = session.insert(to, text);
    if ["NaN", "Infinity"]
        .iter()
        .any(|word| text.as_str().contains(word))
        && result.is_err()
    {
        assert_eq!(result, Err(Error::Unserializable));
        return;
    }
    assert_eq!(result, Ok(()));
    members.set(to, text.as_str().into());
}

/// An object is read as the session that its text is, unless `serde_json` cannot read it.
fn reads_as_session(session: &Session, key: &str, text: Option<&str>) {
    let read = session.get::<Session>(key);
    if let Ok(inner) = read {
        assert_eq!(inner.map(Ok), text.map(Session::from_json));
        return;
    }
    let text = text.expect("there is a value");
    let foreign = ["NaN", "Infinity", "\\ud"];
    let is_foreign = foreign.iter().any(|part| text.contains(part));
    assert!(is_foreign || !text.starts_with('{'), "{text}");
}

/// Edits both. If the session refuses an edit, it is unchanged.
fn edit(letter: u8, key: &str, value: &str, session: &mut Session, members: &mut Members) {
    const FITS: &str = "a string fits";
    match letter {
        b'i' => {
            session.insert(key, value).expect(FITS);
            members.set(key, spelled(value));
        }
        b'j' => {
            if let Ok(lender) = Session::from_json(&format!("{{\"a\":{value}}}"))
                && let Some(text) = lender.get_json("a")
            {
                session.insert_json(key, text);
                members.set(key, text.as_str().into());
            }
        }
        b'd' => {
            let text = session
                .set_default(key, value)
                .expect(FITS)
                .as_str()
                .to_owned();
            if members.get(key).is_none() {
                members.set(key, spelled(value));
            }
            assert_eq!(members.get(key), Some(&*text));
        }
        b'u' => {
            let second = format!("{key}2");
            session.update([(key, value), (&second, "")]).expect(FITS);
            members.set(key, spelled(value));
            members.set(&second, spelled(""));
        }
        b'r' => assert_eq!(session.remove(key), members.remove(key)),
        b'p' => match session.pop::<String>(key) {
            Ok(None) => assert_eq!(members.get(key), None),
            Ok(Some(text)) => {
                assert_eq!(members.get(key), Some(&*spelled(&text)));
                members.remove(key);
            }
            Err(error) => {
                let is_other = matches!(
                    error,
                    Error::WrongType { .. }
                        | Error::NotFinite
                        | Error::LoneSurrogate
                        | Error::NumberOutOfRange
                );
                assert!(is_other && members.get(key).is_some(), "{error}");
            }
        },
        b's' => copy(key, value, session, members),
        b'o' => reads_as_session(session, key, members.get(key)),
        b'm' => {
            let lender = session.clone();
            if let Some(text) = lender.get_json(key) {
                session.insert_json(value, text);
                session.remove(key);
                let text = members.get(key).expect("as the session has it").to_owned();
                members.set(value, text);
                members.remove(key);
            }
        }
        b'c' | b'f' => {
            members.0.clear();
            if letter == b'c' {
                session.clear();
            } else {
                session.flush();
            }
            assert!(session.modified());
        }
        b'w' => *session = Session::from_json(&session.to_json()).expect("our own text"),
        _ => {}
    }
    assert_eq!(session.contains_key(key), members.get(key).is_some());
    assert_eq!(session.iter().len(), members.0.len());
}

/// Asserts that `Debug` does not depend on the values.
fn shows_no_values(session: &Session) {
    let read = Session::from_json(&session.to_json()).expect("our own text");
    let masked = masked(&read);
    // Comparing them is reading them both.
    assert_eq!(masked.iter().len(), read.iter().len());
    assert_eq!(format!("{masked:?}"), format!("{read:?}"));
    for (_, value) in session.iter() {
        let length = value.as_str().len();
        assert_eq!(
            format!("{value:?}"),
            format!("JsonText {{ bytes: {length}, .. }}")
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let (mut session, mut members) = (Session::new(), Members::default());
    for field in fields(data).take(MAX_EDITS) {
        let Some((&letter, rest)) = field.split_first() else {
            continue;
        };
        let Ok(rest) = str::from_utf8(rest) else {
            continue;
        };
        let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
        edit(letter, key, value, &mut session, &mut members);
    }
    let pairs: Vec<(String, String)> = session
        .iter()
        .map(|(key, value)| (key.into_owned(), value.as_str().to_owned()))
        .collect();
    assert_eq!(pairs, members.0);
    let backwards = session.iter().rev().map(|(key, _)| key.into_owned());
    assert!(backwards.eq(pairs.iter().rev().map(|(key, _)| key.clone())));
    shows_no_values(&session);
    assert_eq!(canonical(&session), members.json());
    match PLAIN.encode(&session, NOW) {
        Ok(value) => assert_eq!(PLAIN.decode(&value, NOW).as_ref(), Ok(&session)),
        // A key that was inserted like any other may be the session's own expiry.
        Err(error) => {
            assert_eq!(error, Error::MalformedExpiry);
            assert!(session.contains_key("_session_expiry"));
        }
    }
});
