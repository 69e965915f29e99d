//! Finds the cookie in a paste: a value, a header, a `curl` line, JSON, a table of a browser's tools.

use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

use crate::kind::{Recognized, is_generated_secret, recognize};
use crate::pieces::{Piece, SESSION_NAME, pieces, place, unquoted};
use crate::readings::readings;

/// Bytes of a paste. The headers of a request fit eight times over.
pub const LONGEST_PASTE: usize = 64 * 1024;

/// Invisible characters: zero-width ones, the soft hyphen, and the byte order mark.
const INVISIBLE: &[char] = &[
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}',
];

/// The piece that is most likely meant.
pub(crate) struct Found {
    pub(crate) piece: Piece,
    pub(crate) recognized: Option<Recognized>,
    /// The encodings and line breaks that were undone to read it, in words.
    pub(crate) undone: Vec<&'static str>,
    /// Which one of several cookies of its name it is.
    pub(crate) place: Option<(usize, usize)>,
}

/// Whether it has the name that is looked for, then how much its kind says, then when it was signed if that is proven.
type Rank = (bool, u8, Option<i64>);

/// Returns the piece that is most likely meant. Where the paste has none that is recognized, that is all of it. Of several
/// cookies, the youngest is meant that one of the keys signed, as in `SessionCodec::read_youngest`: `signed_at` says when.
pub(crate) fn find(paste: &str, signed_at: impl Fn(&Piece) -> Option<i64>) -> Found {
    let paste = paste.replace(INVISIBLE, "");
    if is_generated_secret(unquoted(&paste)) {
        return exact(unquoted(&paste));
    }
    let mut best: Option<(Rank, Found)> = None;
    for (undone, text) in readings(paste.trim()) {
        let Some((rank, piece, recognized)) = best_piece(&text, &signed_at) else {
            continue;
        };
        // Of equals, the reading that undoes less comes first.
        if best.as_ref().is_none_or(|(best, _)| rank > *best) {
            let found = Found {
                place: place(&text, &piece),
                piece,
                recognized,
                undone,
            };
            best = Some((rank, found));
        }
    }
    match best {
        Some((rank, found)) if rank > (false, 0, None) => found,
        _ => exact(unquoted(&paste)),
    }
}

fn best_piece(
    text: &str,
    signed_at: impl Fn(&Piece) -> Option<i64>,
) -> Option<(Rank, Piece, Option<Recognized>)> {
    let mut best: Option<(Rank, Piece, Option<Recognized>)> = None;
    for piece in pieces(text) {
        let recognized = recognize(piece.name.as_deref(), &piece.value);
        let is_named = piece.name.as_deref() == Some(SESSION_NAME);
        let is_signed = recognized
            .as_ref()
            .is_some_and(|known| known.parts.is_some());
        let rank = (
            is_named,
            recognized.as_ref().map_or(0, Recognized::rank),
            signed_at(&piece).filter(|_| is_signed),
        );
        // Of several cookies named sessionid the last one counts, as in Django; of others the first one.
        let is_better = |best: Rank| rank > best || rank == best && is_named;
        if best.as_ref().is_none_or(|(best, ..)| is_better(*best)) {
            best = Some((rank, piece, recognized));
        }
    }
    best
}

/// Takes all of the paste as the value.
pub(crate) fn exact(paste: &str) -> Found {
    Found {
        recognized: recognize(None, paste),
        piece: Piece {
            name: None,
            value: paste.to_owned(),
        },
        undone: Vec::new(),
        place: None,
    }
}

/// The lines of a paste, if two or more of them are signed values of Django on their own; otherwise all of it.
#[must_use]
pub fn split(paste: &str) -> Vec<&str> {
    let lines = || paste.lines().filter(|line| !line.trim().is_empty());
    let is_signed = |line: &&str| {
        let has_more = |c: char| c.is_whitespace() || c == ';';
        let found = || best_piece(line, |_| None).and_then(|(.., recognized)| recognized);
        !line.trim().contains(has_more) && found().is_some_and(|known| known.parts.is_some())
    };
    if lines().filter(is_signed).nth(1).is_some() {
        lines().collect()
    } else {
        vec![paste]
    }
}
