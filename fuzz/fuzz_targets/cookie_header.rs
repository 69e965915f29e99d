//! The values that are found in `Cookie` headers are parts of the headers, or what Python's `http.cookies` unquotes from a
//! part. Each header is taken once, only a value with escapes or invalid UTF-8 is copied, and then only in memory that is
//! linear in its length.
//!
//! Fields: the cookie's name, then the headers.

#![no_main]

use std::borrow::Cow;
use std::cell::Cell;

use hardtack::cookie;
use hardtack::limits::MAX_COOKIE_CANDIDATES;
use hardtack_fuzz::fields;
use libfuzzer_sys::fuzz_target;

/// A header that counts how often it is taken.
struct Counted<'a> {
    bytes: &'a [u8],
    times: Cell<u32>,
}

impl AsRef<[u8]> for Counted<'_> {
    fn as_ref(&self) -> &[u8] {
        self.times.set(self.times.get() + 1);
        self.bytes
    }
}

/// White space, as Python's `str.strip` has it.
fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}

/// `_unquote` of Python's `http/cookies.py`, one character at a time.
fn unquoted(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let ['"', inner @ .., '"'] = &characters[..] else {
        return text.into();
    };
    let mut out = String::new();
    let mut rest = inner;
    loop {
        rest = match rest {
            ['\\', a @ '0'..='3', b @ '0'..='7', c @ '0'..='7', rest @ ..] => {
                let digits = String::from_iter([a, b, c]);
                let byte = u8::from_str_radix(&digits, 8).expect("octal digits");
                out.push(byte.into());
                rest
            }
            ['\\', escaped, rest @ ..] if *escaped != '\n' => {
                out.push(*escaped);
                rest
            }
            [character, rest @ ..] => {
                out.push(*character);
                rest
            }
            [] => return out,
        }
    }
}

/// `parse_cookie` of `django/http/cookie.py`, for one name, from the last value to the first. But names are stripped as
/// browsers do it.
fn parsed(name: &str, headers: &[Counted<'_>]) -> Vec<String> {
    let headers: Vec<&[u8]> = headers.iter().map(|header| header.bytes).collect();
    let joined = headers.join(&b"; "[..]);
    let joined = String::from_utf8_lossy(&joined);
    let mut values: Vec<String> = joined
        .split(';')
        .map(|pair| pair.split_once('=').unwrap_or(("", pair)))
        .map(|(key, value)| (key.trim_matches([' ', '\t']), stripped(value)))
        .filter(|pair| *pair != ("", "") && pair.0 == name)
        .map(|(_, value)| unquoted(value))
        .collect();
    values.reverse();
    values.truncate(MAX_COOKIE_CANDIDATES);
    values
}

fn is_part(value: &str, header: &[u8]) -> bool {
    let (value, header) = (value.as_bytes().as_ptr_range(), header.as_ptr_range());
    header.start <= value.start && value.end <= header.end
}

fuzz_target!(|data: &[u8]| {
    let mut fields = fields(data);
    let Some(Ok(name)) = fields.next().map(str::from_utf8) else {
        return;
    };
    // A name with bytes that are not UTF-8 never matches. In the model, they become this character.
    if name.contains('\u{fffd}') {
        return;
    }
    let headers: Vec<Counted<'_>> = fields
        .map(|bytes| Counted {
            bytes,
            times: Cell::new(0),
        })
        .collect();

    let mut found = None;
    let cost = allocation_counter::measure(|| found = Some(cookie::find(name, &headers)));
    assert_eq!(cost.count_total, 0, "allocations");
    assert!(headers.iter().all(|header| header.times.get() == 1));
    let mut found = found.expect("measured");

    let longest = headers.iter().map(|header| header.bytes.len()).max();
    let bound = 16 * longest.unwrap_or(0) as u64 + 64;
    let expected = parsed(name, &headers);
    assert_eq!(found.len(), expected.len());
    assert_eq!(
        format!("{found:?}"),
        format!("Candidates {{ left: {}, .. }}", expected.len())
    );
    for expected in expected {
        let mut value = None;
        let cost = allocation_counter::measure(|| value = found.next());
        let value = value.expect("as many as its length says");
        assert_eq!(value, expected);
        match &value {
            Cow::Borrowed(value) => {
                assert!(
                    value.is_empty() || headers.iter().any(|header| is_part(value, header.bytes))
                );
                assert_eq!(cost.count_total, 0, "allocations");
            }
            Cow::Owned(value) => {
                assert!(headers.iter().any(|header| {
                    header.bytes.contains(&b'\\') || str::from_utf8(header.bytes).is_err()
                }));
                assert!(cost.bytes_total <= bound, "{} bytes", cost.bytes_total);
                assert!(value.len() as u64 <= bound);
            }
        }
    }
    assert!(found.next().is_none());
});
