//! The JSON text of a pickle's values, as Python's `json.dumps(value, separators=(",", ":"))` writes it.

use std::fmt::Write as _;

use hardtack::limits::MAX_DEPTH;
use hardtack::{Error, Session};
use num_bigint::BigInt;

use super::read::{Id, Node, USUAL_LENGTH, unreadable};

/// Returns the text of the node `root`, at most `limit` bytes. A shared value is written each time it occurs.
pub(super) fn spell(nodes: &[Node<'_>], root: Id, limit: usize) -> Result<String, Error> {
    let mut out = String::with_capacity(limit.min(nodes.len() * USUAL_LENGTH));
    // Used for text and floats, which it writes as Python does.
    let mut speller = Session::new();
    // The lists and dicts that are open, from the outermost: their elements, how many are written, and the closing bracket.
    let mut open: Vec<(&[Id], usize, char)> = Vec::new();
    let mut next = root;
    loop {
        match &nodes[next] {
            Node::Word(word) => out.push_str(word),
            // Writing to a `String` cannot fail.
            Node::Small(number) => drop(write!(out, "{number}")),
            Node::Integer(bytes) => drop(match <[u8; 4]>::try_from(*bytes) {
                Ok(bytes) => write!(out, "{}", i32::from_le_bytes(bytes)),
                Err(_) => write!(out, "{}", BigInt::from_signed_bytes_le(bytes)),
            }),
            Node::Float(float) => push_float(*float, &mut speller, &mut out)?,
            Node::Text(text) if text.len() > limit => return Err(Error::JsonTooLong { limit }),
            Node::Text(text) => push_text(text, &mut speller, &mut out)?,
            Node::List(elements) => {
                out.push('[');
                open.push((elements, 0, ']'));
            }
            Node::Dict(items) => {
                out.push('{');
                open.push((items, 0, '}'));
            }
        }
        // A list that contains itself reaches this limit, too.
        if open.len() > MAX_DEPTH {
            return Err(Error::TooDeep { limit: MAX_DEPTH });
        }
        while let Some((.., bracket)) = open.pop_if(|(elements, at, _)| *at == elements.len()) {
            out.push(bracket);
        }
        if out.len() > limit {
            return Err(Error::JsonTooLong { limit });
        }
        let Some((elements, at, bracket)) = open.last_mut() else {
            return Ok(out);
        };
        match (*at, *bracket) {
            (0, _) => {}
            (at, '}') if at % 2 == 1 => out.push(':'),
            _ => out.push(','),
        }
        next = elements[*at];
        *at += 1;
    }
}

fn push_float(float: f64, speller: &mut Session, out: &mut String) -> Result<(), Error> {
    if float.is_finite() {
        speller.insert("", float)?;
        out.push_str(speller.get_json("").map_or("", |text| text.as_str()));
    } else {
        out.push_str(match float {
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            _ => "NaN",
        });
    }
    Ok(())
}

fn push_text(text: &[u8], speller: &mut Session, out: &mut String) -> Result<(), Error> {
    out.push('"');
    // All of most texts.
    let plain = text.iter().take_while(|byte| is_plain(**byte)).count();
    let (plain, mut rest) = text.split_at(plain);
    out.push_str(str::from_utf8(plain).unwrap_or_default());
    let mut after_high = false;
    loop {
        let valid = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        if !valid.is_empty() {
            speller.insert("", valid)?;
            let quoted = speller.get_json("").map_or("\"\"", |text| text.as_str());
            out.push_str(&quoted[1..quoted.len() - 1]);
        }
        rest = &rest[valid.len()..];
        let Some(([0xed, high @ 0xa0..=0xbf, low @ 0x80..=0xbf], after)) = rest.split_first_chunk()
        else {
            break;
        };
        let is_high = *high < 0xb0;
        if after_high && valid.is_empty() && !is_high {
            // JSON spells them in the same way as the character.
            return unreadable("its pickle has two surrogates in place of a character");
        }
        after_high = is_high;
        let unit = 0xd000 | u32::from(high & 0x3f) << 6 | u32::from(low & 0x3f);
        // Writing to a `String` cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
        rest = after;
    }
    out.push('"');
    match rest {
        [] => Ok(()),
        _ => unreadable("its pickle has text that is not UTF-8"),
    }
}

/// Whether `json.dumps` writes the character as it is (`ESCAPE_ASCII` in Python's `json/encoder.py`).
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}
