//! Converts JSON text from elsewhere to canonical text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json::scan::{Kind, Member, Scanner, scan};
use crate::json::string::{is_spelling_of, write_inner, write_unit};
use crate::limits::MAX_DEPTH;

/// Returns any JSON text in its canonical spelling. `members` (cleared first) receives the positions of an object's
/// members in the result, including duplicate keys; other JSON has none.
///
/// Errors as from [`scan`].
pub(crate) fn canonicalize<'t>(
    text: &'t str,
    members: &mut Vec<Member>,
) -> Result<Cow<'t, str>, Error> {
    if scan(text, members)? {
        return Ok(Cow::Borrowed(text));
    }
    let mut canonical = String::with_capacity(text.len());
    canonicalize_into(text, MAX_DEPTH, &mut canonical)?;
    scan(&canonical, members)?;
    Ok(Cow::Owned(canonical))
}

/// Returns the value of an object's `key`. If the key occurs several times, the last value counts. The text may have
/// any spelling, but `key` must not need escapes in JSON.
pub(crate) fn value_of<'t>(text: &'t str, members: &[Member], key: &str) -> Option<&'t str> {
    let mut from_last = members.iter().rev();
    let member = from_last.find(|member| is_spelling_of(member.name(text), key))?;
    text.get(member.value.clone())
}

/// Appends any JSON text to `out` in its canonical spelling: without white space, with strings escaped as Python does,
/// and numbers unchanged. Errors as from the scanner, after which `out` holds partial text.
pub(crate) fn canonicalize_into(
    text: &str,
    max_depth: usize,
    out: &mut String,
) -> Result<(), Error> {
    let mut scanner = Scanner::new(text, max_depth);
    let mut comma = false;
    while let Some(token) = scanner.next()? {
        let ends = matches!(token.kind, Kind::ObjectEnd | Kind::ArrayEnd);
        if comma && !ends {
            out.push(',');
        }
        #[expect(
            clippy::string_slice,
            reason = "a token starts and ends at ASCII characters"
        )]
        let spelled = &text[token.start..token.end];
        match token.kind {
            Kind::Key | Kind::String => canonicalize_string(spelled, out),
            _ => out.push_str(spelled),
        }
        if token.kind == Kind::Key {
            out.push(':');
        }
        comma = !matches!(token.kind, Kind::Key | Kind::ObjectStart | Kind::ArrayStart);
    }
    Ok(())
}

/// Appends a JSON string that the scanner accepted, escaped as Python does.
#[expect(
    clippy::string_slice,
    reason = "the scanner found two quotes, and `at` is the place of a backslash"
)]
fn canonicalize_string(string: &str, out: &mut String) {
    let mut rest = &string[1..string.len() - 1];
    out.push('"');
    while let Some(at) = rest.find('\\') {
        write_inner(&rest[..at], out);
        rest = canonicalize_escape(&rest[at..], out);
    }
    write_inner(rest, out);
    out.push('"');
}

/// Appends the escape that `text` starts with, as Python would write it. Returns the text after the escape.
fn canonicalize_escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let (escape, rest) = text.split_at(2);
    match escape {
        "\\u" => {
            let (digits, rest) = rest.split_at(4);
            let unit = u16::from_str_radix(digits, 16).unwrap_or_default();
            match u8::try_from(unit).map(char::from) {
                Ok(character @ '\0'..='\x7f') => {
                    write_inner(character.encode_utf8(&mut [0; 4]), out);
                }
                _ => write_unit(unit, out),
            }
            return rest;
        }
        "\\/" => out.push('/'),
        _ => out.push_str(escape),
    }
    rest
}
