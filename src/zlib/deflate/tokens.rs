//! The tokens of a block, and how often each symbol occurs.

use alloc::vec::Vec;

use super::symbols::{DISTANCES, END_OF_BLOCK, LITERALS, distance_symbol, length_symbol};

/// Literals, and the match that follows them.
pub(super) struct Sequence {
    pub(super) literals: u16,
    pub(super) length: u16,
    pub(super) distance: u16,
}

/// The tokens of a block, at most `WINDOW`, so that each frequency fits 16 bits. Literals after the last match are only
/// counted.
pub(super) struct Tokens {
    pub(super) sequences: Vec<Sequence>,
    pub(super) literals: [u16; LITERALS],
    pub(super) distances: [u16; DISTANCES],
}

impl Default for Tokens {
    fn default() -> Self {
        let mut literals = [0; LITERALS];
        literals[END_OF_BLOCK] = 1;
        Self {
            sequences: Vec::new(),
            literals,
            distances: [0; DISTANCES],
        }
    }
}

impl Tokens {
    pub(super) fn clear(&mut self) {
        self.sequences.clear();
        self.literals.fill(0);
        self.literals[END_OF_BLOCK] = 1;
        self.distances.fill(0);
    }

    #[inline]
    pub(super) fn literal(&mut self, byte: u8) {
        self.literals[usize::from(byte)] += 1;
    }

    /// Appends a match that follows `literals` literals.
    #[inline]
    pub(super) fn repetition(&mut self, literals: usize, length: usize, distance: usize) {
        self.literals[usize::from(length_symbol(length).code)] += 1;
        self.distances[usize::from(distance_symbol(distance).code)] += 1;
        self.sequences.push(Sequence {
            literals: literals as u16,
            length: length as u16,
            distance: distance as u16,
        });
    }
}
