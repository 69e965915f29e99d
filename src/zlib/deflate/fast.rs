//! The fast parse: lazy matching, as zlib does it at level 6.

use super::matches::{MIN_MATCH, Matcher};
use super::tokens::Tokens;

/// A shorter match is not used if a longer one begins one byte later. (zlib: `max_lazy`.)
const LAZY: usize = 8;

/// The most matches of a block: the memory for them is kept.
const FULL: usize = 1024;

/// Appends tokens for the window from `start` on, until the block is full. Returns where they end.
pub(super) fn parse(
    matcher: &mut Matcher,
    window: &[u8],
    start: usize,
    tokens: &mut Tokens,
) -> usize {
    let (mut at, mut run) = (start, start);
    while at < window.len() && tokens.sequences.len() < FULL {
        let mut found = matcher.find(window, at, MIN_MATCH - 1);
        if found.distance == 0 {
            tokens.literal(window[at]);
            at += 1;
            continue;
        }
        let mut seen = at + 1;
        while found.length < LAZY {
            let later = matcher.find(window, seen, found.length);
            seen += 1;
            if later.distance == 0 {
                break;
            }
            tokens.literal(window[at]);
            at += 1;
            found = later;
        }
        tokens.repetition(at - run, found.length, found.distance);
        at += found.length;
        run = at;
        matcher.skip(window, seen, at);
    }
    at
}
