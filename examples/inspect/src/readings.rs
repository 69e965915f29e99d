//! Undoes line breaks and encodings that a paste may have got on its way.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// As it is, joined in two ways, and each of them decoded up to three times.
const MOST_READINGS: usize = 9;
const JOINED: &str = "joining its lines";
const DECODED: &str = "undoing its percent-encoding";

/// Returns the paste as it is, then with line breaks and encodings undone.
pub(crate) fn readings(paste: &str) -> Vec<(Vec<&'static str>, String)> {
    let mut readings = vec![(Vec::new(), paste.to_owned())];
    for joined in [join_lines(paste), join_blanks(paste)]
        .into_iter()
        .flatten()
    {
        readings.push((vec![JOINED], joined));
    }
    // A text that was encoded twice is decoded twice.
    let mut at = 0;
    while let Some((undone, text)) = readings.get(at).filter(|_| at < MOST_READINGS) {
        let decoded = decode(text);
        if decoded != *text {
            let mut undone = undone.clone();
            if !undone.contains(&DECODED) {
                undone.push(DECODED);
            }
            readings.push((undone, decoded));
        }
        at += 1;
    }
    readings
}

/// Undoes `%3A` of a URL, `\u003a` of JSON, `&quot;` of HTML, `=3D` of mail and `^` of a Windows command line.
fn decode(text: &str) -> String {
    let text = if text.contains("^\"") || text.contains("^%") {
        text.replace('^', "")
    } else {
        text.to_owned()
    };
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    let text = text.replace("&amp;", "&").replace("=3D", "=");
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let escaped = rest
            .strip_prefix('%')
            .and_then(|rest| hex_character(rest, 2))
            .or_else(|| hex_character(rest.strip_prefix("\\u")?, 4));
        let (character, after) = escaped.unwrap_or((character, &rest[character.len_utf8()..]));
        decoded.push(character);
        rest = after;
    }
    decoded
}

/// A printable ASCII character that was written in `digits` hexadecimal digits, and the text after them.
fn hex_character(text: &str, digits: usize) -> Option<(char, &str)> {
    let (hex, rest) = text.split_at_checked(digits)?;
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = u8::from_str_radix(hex, 16).ok().filter(|_| is_hex)?;
    matches!(byte, b' '..=b'~').then_some((char::from(byte), rest))
}

/// Joins lines that a mail program or a terminal broke within a value.
fn join_lines(paste: &str) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut was_joined = false;
    for line in paste.lines().map(unquoted_mail) {
        match lines.last_mut() {
            Some(before) if is_continued(before, line) => {
                before.truncate(without_break(before).len());
                before.push_str(line);
                was_joined = true;
            }
            _ => lines.push(line.to_owned()),
        }
    }
    was_joined.then(|| lines.join("\n"))
}

/// A line without the sign of a shell or of a mail program that it goes on.
fn without_break(line: &str) -> &str {
    line.trim_end_matches(['\\', '='])
}

fn unquoted_mail(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t']).trim_end()
}

fn is_continued(before: &str, line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_header = first.ends_with(':');
    let is_named = first.trim_end_matches('=').contains('=');
    let goes_on = without_break(before).ends_with(is_of_value) && first.starts_with(is_of_value);
    goes_on && !is_header && !is_named
}

/// Joins a value that was broken at blanks, if nothing but one value was pasted.
fn join_blanks(paste: &str) -> Option<String> {
    let paste = paste.trim();
    let joined: String = paste.split_whitespace().collect();
    let is_value = joined.chars().all(is_of_value);
    (is_value && joined.len() < paste.len()).then_some(joined)
}

fn is_of_value(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.:%+/~".contains(character)
}
