//! The thorough parse: finds tokens that take the fewest bits under given codes, first the fixed ones, then those of the
//! round before. It is for a value that is somewhat too long.

use alloc::vec;
use alloc::vec::Vec;

use super::block::Block;
use super::codes::Code;
use super::fixed::{FIXED_DISTANCES, FIXED_LITERALS};
use super::matches::match_length;
use super::symbols::{
    DISTANCES, LITERALS, MAX_DISTANCE, MAX_LENGTH, MIN_LENGTH, distance_symbol, length_symbol,
};
use super::tokens::Tokens;

/// The most rounds after the first one. More make a stream shorter by a few bytes.
const ROUNDS: usize = 2;
/// How many places are tried for a match (zlib tries 128 at level 6), and the length that is taken at once.
const DEPTH: usize = 64;
const NICE: usize = 128;
const HASH_BITS: u32 = 13;

/// A match that is longer than those before it at the same place.
#[derive(Clone, Copy)]
struct Candidate {
    length: u16,
    distance: u16,
}

/// The matches of each place.
struct Candidates {
    all: Vec<Candidate>,
    /// Where those of each place end.
    ends: Vec<u32>,
}

/// Returns tokens for the window from `start` on.
pub(super) fn parse(window: &[u8], start: usize) -> Tokens {
    let candidates = Candidates::new(window, start);
    let data = &window[start..];
    let costs = Costs::new(&FIXED_LITERALS, &FIXED_DISTANCES);
    let mut best = collect(data, &cheapest(data, &candidates, &costs));
    for _ in 0..ROUNDS {
        let block = Block::new(&best);
        let costs = Costs::new(&block.literals.all, &block.distances.all);
        let next = collect(data, &cheapest(data, &candidates, &costs));
        if Block::new(&next).bits() >= block.bits() {
            break;
        }
        best = next;
    }
    best
}

impl Candidates {
    fn new(window: &[u8], start: usize) -> Self {
        const NONE: u32 = u32::MAX;
        let mut heads = vec![NONE; 1 << HASH_BITS];
        let mut before = vec![NONE; window.len()];
        let mut candidates = Self {
            all: Vec::new(),
            ends: Vec::with_capacity(window.len() - start),
        };
        let mut skipped = start;
        for at in 0..window.len() {
            if let Some(&[a, b, c]) = window[at..].first_chunk() {
                let hash = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9e37_79b1);
                let head = &mut heads[(hash >> (u32::BITS - HASH_BITS)) as usize];
                before[at] = *head;
                *head = at as u32;
                if at >= skipped {
                    let longest = candidates.search(window, at, &before);
                    if longest >= NICE {
                        skipped = at + longest;
                    }
                }
            }
            if at >= start {
                candidates.ends.push(candidates.all.len() as u32);
            }
        }
        candidates
    }

    /// Finds the matches of a place, and returns the length of the longest one.
    fn search(&mut self, window: &[u8], at: usize, before: &[u32]) -> usize {
        let mut longest = MIN_LENGTH - 1;
        let mut place = before[at] as usize;
        for _ in 0..DEPTH {
            if place >= at || at - place > MAX_DISTANCE || longest >= NICE {
                break;
            }
            if window.get(place + longest) == window.get(at + longest) {
                let length = match_length(window, place, at);
                if length > longest {
                    longest = length;
                    self.all.push(Candidate {
                        length: length as u16,
                        distance: (at - place) as u16,
                    });
                }
            }
            place = before[place] as usize;
        }
        longest
    }
}

/// How many bits each symbol takes. A length's extra bits are included.
struct Costs {
    literals: [u32; LITERALS],
    lengths: [u32; MAX_LENGTH + 1],
    distances: [u32; DISTANCES],
}

impl Costs {
    fn new(literals: &[Code; LITERALS], distances: &[Code; DISTANCES]) -> Self {
        let literals = costs(literals);
        Self {
            lengths: core::array::from_fn(|length| {
                let symbol = length_symbol(length.max(MIN_LENGTH));
                literals[usize::from(symbol.code)] + u32::from(symbol.extra)
            }),
            literals,
            distances: costs(distances),
        }
    }
}

/// Returns the bits of each code. A symbol without one takes one more than the longest.
fn costs<const N: usize>(codes: &[Code; N]) -> [u32; N] {
    let longest = codes.iter().map(|code| code.length).max().unwrap_or(0);
    codes.map(|code| match code.length {
        0 => u32::from(longest) + 1,
        length => length.into(),
    })
}

/// Returns the last step of the cheapest way to each place: a match, or a literal, whose length is 1.
fn cheapest(data: &[u8], candidates: &Candidates, costs: &Costs) -> Vec<Candidate> {
    let literal = Candidate {
        length: 1,
        distance: 0,
    };
    let mut ways = vec![(u32::MAX, literal); data.len() + 1];
    ways[0].0 = 0;
    let mut first = 0;
    for (at, &end) in candidates.ends.iter().enumerate() {
        let cost = ways[at].0;
        let mut reach = |step: Candidate, bits: u32| {
            let way = &mut ways[at + usize::from(step.length)];
            if cost + bits < way.0 {
                *way = (cost + bits, step);
            }
        };
        reach(literal, costs.literals[usize::from(data[at])]);
        let mut shortest = MIN_LENGTH;
        for &Candidate { length, distance } in &candidates.all[first..end as usize] {
            let symbol = distance_symbol(distance.into());
            let bits = costs.distances[usize::from(symbol.code)] + u32::from(symbol.extra);
            let longest = usize::from(length);
            if longest >= NICE {
                shortest = longest;
            }
            for length in shortest..=longest {
                let step = Candidate {
                    length: length as u16,
                    distance,
                };
                reach(step, bits + costs.lengths[length]);
            }
            shortest = longest + 1;
        }
        first = end as usize;
    }
    ways.into_iter().map(|(_, step)| step).collect()
}

/// Collects the tokens of the cheapest way to the end.
fn collect(data: &[u8], steps: &[Candidate]) -> Tokens {
    let mut way = Vec::new();
    let mut at = data.len();
    while at > 0 {
        way.push(steps[at]);
        at -= usize::from(steps[at].length);
    }
    let mut tokens = Tokens::default();
    let mut run = 0;
    for step in way.into_iter().rev() {
        if step.distance == 0 {
            tokens.literal(data[at]);
            run += 1;
        } else {
            tokens.repetition(run, step.length.into(), step.distance.into());
            run = 0;
        }
        at += usize::from(step.length);
    }
    tokens
}
