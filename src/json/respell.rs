//! JSON text from elsewhere becomes canonical text.

use alloc::string::String;

use crate::error::Error;
use crate::json::escape::{write_inner, write_unit};
use crate::json::scan::{Kind, Scanner};
use crate::limits::MAX_DEPTH;

/// Any JSON text in its canonical spelling.
pub(crate) fn respell(text: &str) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    write_canonical(text, MAX_DEPTH, &mut out)?;
    Ok(out)
}

/// Appends `text`, any JSON, in its canonical spelling to `out`: without white space, its strings escaped as Python
/// does, its numbers as they are. Errors as from the scanner; then `out` holds a part.
pub(crate) fn write_canonical(text: &str, max_depth: usize, out: &mut String) -> Result<(), Error> {
    let mut scanner = Scanner::new(text, max_depth);
    let mut comma = false;
    while let Some(token) = scanner.next()? {
        let ends = matches!(token.kind, Kind::ObjectEnd | Kind::ArrayEnd);
        if comma && !ends {
            out.push(',');
        }
        let spelled = &text[token.start..token.end];
        match token.kind {
            Kind::Key | Kind::String => write_respelled(spelled, out),
            _ => out.push_str(spelled),
        }
        if token.kind == Kind::Key {
            out.push(':');
        }
        comma = !matches!(token.kind, Kind::Key | Kind::ObjectStart | Kind::ArrayStart);
    }
    Ok(())
}

/// Appends a JSON string that the scanner took, escaped as Python does.
fn write_respelled(string: &str, out: &mut String) {
    let inner = &string[1..string.len() - 1];
    out.push('"');
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        write_inner(&rest[..at], out);
        let escape = &rest[at..];
        let length = if escape.as_bytes().get(1) == Some(&b'u') {
            6
        } else {
            2
        };
        write_escape(&escape[..length], out);
        rest = &escape[length..];
    }
    write_inner(rest, out);
    out.push('"');
}

/// Appends one escape that the scanner took: as it is if Python would write it so, else the character.
fn write_escape(escape: &str, out: &mut String) {
    match escape
        .get(2..)
        .and_then(|digits| u16::from_str_radix(digits, 16).ok())
    {
        Some(unit) if escape.len() == 6 => match char::from_u32(u32::from(unit)) {
            Some(character @ '\0'..='\x7f') => write_inner(character.encode_utf8(&mut [0; 4]), out),
            _ => write_unit(unit, out),
        },
        _ if escape == "\\/" => out.push('/'),
        _ => out.push_str(escape),
    }
}
