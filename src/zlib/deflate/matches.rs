//! Finds earlier bytes that are the same as the next ones (RFC 1951, section 4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::symbols::{MAX_DISTANCE, MAX_LENGTH};

/// A match is found by its first four bytes, so it has at least as many.
pub(super) const MIN_MATCH: usize = 4;

/// The most heads: 2 to this power.
const MAX_HEAD_BITS: u32 = 14;
/// How many of the last places keep their predecessor.
pub(super) const CHAINED: usize = 4096;
/// How many places are tried, and the length that ends the search.
const DEPTH: usize = 5;
const NICE: usize = 32;

/// Earlier bytes that are the same as the next `length` ones; there are none if `distance` is 0.
#[derive(Clone, Copy)]
pub(super) struct Match {
    pub(super) length: usize,
    pub(super) distance: usize,
}

impl Match {
    const fn none(length: usize) -> Self {
        Self {
            length,
            distance: 0,
        }
    }
}

/// For each hash of four bytes, the last place that has it; for each place, the one before it with the same hash.
///
/// 0 ends a chain, so nothing matches the first byte of a window. Bytes of one hash may differ, and a predecessor may be
/// overwritten by a later place: bytes are compared before they are used, and a chain ends at a place that is not earlier.
pub(super) struct Matcher {
    heads: Vec<u16>,
    shift: u32,
    before: Box<[u16; CHAINED]>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            heads: Vec::new(),
            shift: 0,
            before: Box::new([0; CHAINED]),
        }
    }
}

impl Matcher {
    /// Forgets all places, and prepares for `length` bytes, for which there are two to four times as many heads.
    pub(super) fn reset(&mut self, length: usize) {
        let bits = (length | 31).ilog2().saturating_add(2).min(MAX_HEAD_BITS);
        self.shift = u32::BITS - bits;
        self.heads.clear();
        self.heads.resize(1 << bits, 0);
    }

    /// Moves all places back, as the window has moved ahead.
    pub(super) fn slide(&mut self, by: u16) {
        for place in self.heads.iter_mut().chain(self.before.as_mut_slice()) {
            *place = place.saturating_sub(by);
        }
    }

    /// Notes the place `at`, and returns the place before it with the same hash.
    #[inline]
    fn visit(&mut self, word: u32, at: usize) -> u16 {
        // Knuth's multiplicative hash, with the golden ratio.
        let hash = word.wrapping_mul(0x9e37_79b1) >> self.shift;
        // Never out of range: `shift` leaves as many bits as the table has.
        let Some(head) = self.heads.get_mut(hash as usize) else {
            return 0;
        };
        let earlier = *head;
        *head = at as u16;
        self.before[at % CHAINED] = earlier;
        earlier
    }

    /// Notes the places inside a match.
    #[inline]
    pub(super) fn skip(&mut self, window: &[u8], from: usize, to: usize) {
        let end = window.len().min(to + MIN_MATCH - 1);
        let bytes = window.get(from..end).unwrap_or_default();
        for (place, bytes) in (from..).zip(bytes.windows(MIN_MATCH)) {
            if let Some(word) = word(bytes, 0) {
                self.visit(word, place);
            }
        }
    }

    /// Notes the place `at`, and finds the longest match there that is longer than `over`, which is at least 3.
    #[inline]
    pub(super) fn find(&mut self, window: &[u8], at: usize, over: usize) -> Match {
        match word(window, at).map_or(0, |word| self.visit(word, at)) {
            0 => Match::none(over),
            earlier => longest(&self.before, window, at, earlier.into(), over),
        }
    }
}

/// Finds the longest match at `at` among `place` and those before it.
#[inline(never)]
fn longest(
    before: &[u16; CHAINED],
    window: &[u8],
    at: usize,
    mut place: usize,
    over: usize,
) -> Match {
    let mut found = Match::none(over);
    // A longer match also has the same last four of `found.length + 1` bytes. Few others have.
    let Some(mut end) = word(window, at + over + 1 - MIN_MATCH) else {
        return found;
    };
    for _ in 0..DEPTH {
        if word(window, place + found.length + 1 - MIN_MATCH) == Some(end) {
            let length = match_length(window, place, at);
            let distance = at - place;
            if length > found.length && distance <= MAX_DISTANCE {
                found = Match { length, distance };
                match word(window, at + length + 1 - MIN_MATCH) {
                    Some(word) if length < NICE => end = word,
                    _ => break,
                }
            }
        }
        let earlier = before[place % CHAINED].into();
        if earlier == 0 || earlier >= place {
            break;
        }
        place = earlier;
    }
    found
}

#[inline]
fn word(window: &[u8], at: usize) -> Option<u32> {
    let bytes = window.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

#[inline]
fn long_word(window: &[u8], at: usize) -> Option<u64> {
    let bytes = window.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

/// Returns how many bytes from `at` on are the same as those from `place` on, up to the most that a match can have.
#[inline]
pub(super) fn match_length(window: &[u8], place: usize, at: usize) -> usize {
    let most = MAX_LENGTH.min(window.len() - at);
    let mut same = 0;
    while let (Some(left), Some(right)) = (
        long_word(window, place + same),
        long_word(window, at + same),
    ) {
        let difference = left ^ right;
        same += difference.trailing_zeros() as usize / 8;
        if difference != 0 || same >= most {
            return same.min(most);
        }
    }
    while same < most && window[place + same] == window[at + same] {
        same += 1;
    }
    same
}
