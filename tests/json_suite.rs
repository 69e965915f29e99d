//! The JSON parsing suite of Nicolas Seriot. `tests/django/json_suite.rs` compares the same answers with CPython's.

mod common;
#[path = "common/json_suite.rs"]
mod json_suite;

use std::collections::BTreeSet;

use hardtack::{Error, Session};

use common::{NOW, codec};
use json_suite::{File, files, read};

/// These are not JSON, but Python writes and reads them.
const PYTHONS: [&str; 3] = [
    "n_number_NaN",
    "n_number_infinity",
    "n_number_minus_infinity",
];

/// A parser may read or refuse files whose names begin with `i_`. We refuse these.
const REFUSED: [&str; 15] = [
    // UTF-16, and a byte order mark.
    "i_string_UTF-16LE_with_BOM",
    "i_string_utf16BE_no_BOM",
    "i_string_utf16LE_no_BOM",
    "i_structure_UTF-8_BOM_empty_object",
    // Not UTF-8.
    "i_string_UTF-8_invalid_sequence",
    "i_string_UTF8_surrogate_U+D800",
    "i_string_invalid_utf-8",
    "i_string_iso_latin_1",
    "i_string_lone_utf8_continuation_byte",
    "i_string_not_in_unicode_range",
    "i_string_overlong_sequence_2_bytes",
    "i_string_overlong_sequence_6_bytes",
    "i_string_overlong_sequence_6_bytes_null",
    "i_string_truncated-utf-8",
    // More than `limits::MAX_DEPTH` levels.
    "i_structure_500_nested_arrays",
];

fn must_be_read(name: &str) -> bool {
    match name.as_bytes()[0] {
        b'y' => true,
        b'n' => PYTHONS.contains(&name),
        _ => !REFUSED.contains(&name),
    }
}

#[test]
fn every_file() {
    for file in files() {
        let name = &file.name;
        let result = read(&file.member());
        assert_eq!(result.is_ok(), must_be_read(name), "{name}: {result:?}");
        match result {
            Ok(_) | Err(Error::MalformedJson { .. }) => {}
            Err(error) => assert_eq!(error, Error::TooDeep { limit: 128 }, "{name}"),
        }
    }
    // Each name in the lists is a file's.
    let names: BTreeSet<String> = files().into_iter().map(|file| file.name).collect();
    assert!(PYTHONS.iter().chain(&REFUSED).all(|it| names.contains(*it)));
}

/// `from_json` and `encode_json` give the answers of a cookie.
#[test]
fn every_way_to_read_text() {
    let codec = codec().with_max_length(16 * 1024);
    let is_text = |file: &File| String::from_utf8(file.member()).ok();
    let texts: Vec<String> = files().iter().filter_map(is_text).collect();
    assert!(texts.len() > 250);
    for text in texts {
        let cookie = read(text.as_bytes());
        let error = cookie.as_ref().err().copied();
        assert_eq!(Session::from_json(&text), cookie);
        let encoded = codec.encode_json(&text, NOW);
        assert_eq!(encoded.as_ref().err().copied(), error);
        if let (Ok(encoded), Ok(session)) = (encoded, cookie) {
            let again = codec.decode(&encoded, NOW).expect("decodes");
            assert_eq!(again.to_json(), session.to_json());
        }
    }
}
