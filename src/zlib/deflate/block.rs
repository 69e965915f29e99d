//! Writes a block in the form that takes the fewest bits. The size is known before any bit is written (RFC 1951, section
//! 3.2.3).

use super::bits::Bits;
use super::codes::{Code, Codes, MAX_BITS};
use super::fixed::{FIXED_DISTANCES, FIXED_LITERALS};
use super::lengths::Lengths;
use super::symbols::{
    DISTANCES, END_OF_BLOCK, LITERALS, distance_extra, distance_symbol, length_extra, length_symbol,
};
use super::tokens::Tokens;

/// BTYPE (RFC 1951, section 3.2.3).
const STORED: u64 = 0;
const FIXED: u64 = 1;
const DYNAMIC: u64 = 2;

/// The bits of BFINAL and BTYPE.
const TYPE: usize = 3;

/// A block that is ready to be written.
pub(super) struct Block<'t> {
    tokens: &'t Tokens,
    pub(super) literals: Codes<LITERALS>,
    pub(super) distances: Codes<DISTANCES>,
    lengths: Lengths,
    /// The bits of the block in each form, without BFINAL and BTYPE.
    dynamic: usize,
    fixed: usize,
}

impl<'t> Block<'t> {
    pub(super) fn new(tokens: &'t Tokens) -> Self {
        let literals = Codes::new(&tokens.literals, MAX_BITS);
        let distances = Codes::new(&tokens.distances, MAX_BITS);
        let lengths = Lengths::new(&literals, &distances);
        let (mut dynamic, mut fixed) = (lengths.bits(), 0);
        for symbol in literals.used() {
            let frequency = usize::from(tokens.literals[symbol]);
            let extra = usize::from(length_extra(symbol));
            dynamic += frequency * (usize::from(literals.all[symbol].length) + extra);
            fixed += frequency * (usize::from(FIXED_LITERALS[symbol].length) + extra);
        }
        for symbol in distances.used() {
            let frequency = usize::from(tokens.distances[symbol]);
            let extra = usize::from(distance_extra(symbol));
            dynamic += frequency * (usize::from(distances.all[symbol].length) + extra);
            fixed += frequency * (usize::from(FIXED_DISTANCES[symbol].length) + extra);
        }
        Self {
            tokens,
            literals,
            distances,
            lengths,
            dynamic,
            fixed,
        }
    }

    /// Returns how many bits its tokens take, in the shorter form.
    pub(super) fn bits(&self) -> usize {
        self.dynamic.min(self.fixed)
    }

    /// Writes the block, whose tokens are those of `data`. Returns whether it stays within the limit.
    pub(super) fn write(&self, data: &[u8], is_last: bool, out: &mut Bits<'_>) -> bool {
        // LEN and NLEN follow the padding (section 3.2.4).
        let stored = out.padding(TYPE) + 32 + 8 * data.len();
        if !out.reserve(TYPE + self.bits().min(stored)) {
            return false;
        }
        let before = out.written();
        out.put(u64::from(is_last), 1);
        if stored <= self.bits() {
            out.put(STORED, 2);
            let length = data.len() as u16;
            return out.bytes(&length.to_le_bytes())
                && out.bytes(&(!length).to_le_bytes())
                && out.bytes(data);
        }
        if self.fixed <= self.dynamic {
            out.put(FIXED, 2);
            self.write_tokens(data, &FIXED_LITERALS, &FIXED_DISTANCES, out);
        } else {
            out.put(DYNAMIC, 2);
            self.lengths.write(out);
            self.write_tokens(data, &self.literals.all, &self.distances.all, out);
        }
        debug_assert_eq!(out.written() - before, TYPE + self.bits());
        true
    }

    fn write_tokens(
        &self,
        data: &[u8],
        literals: &[Code; LITERALS],
        distances: &[Code; DISTANCES],
        out: &mut Bits<'_>,
    ) {
        out.flush();
        let mut rest = data;
        for sequence in &self.tokens.sequences {
            let (run, after) = rest.split_at(sequence.literals.into());
            rest = &after[usize::from(sequence.length)..];
            write_literals(run, literals, out);
            // A match has at most 48 bits: 15 and 5 of the length, 15 and 13 of the distance.
            let symbol = length_symbol(sequence.length.into());
            out.code(literals[usize::from(symbol.code)]);
            out.put((sequence.length - symbol.base).into(), symbol.extra.into());
            let symbol = distance_symbol(sequence.distance.into());
            out.code(distances[usize::from(symbol.code)]);
            out.put(
                (sequence.distance - symbol.base).into(),
                symbol.extra.into(),
            );
            out.flush();
        }
        write_literals(rest, literals, out);
        out.code(literals[END_OF_BLOCK]);
        out.flush();
    }
}

#[inline]
fn write_literals(run: &[u8], literals: &[Code; LITERALS], out: &mut Bits<'_>) {
    // Three literals have at most 45 bits.
    let (threes, rest) = run.as_chunks::<3>();
    for three in threes {
        for &byte in three {
            out.code(literals[usize::from(byte)]);
        }
        out.flush();
    }
    for &byte in rest {
        out.code(literals[usize::from(byte)]);
    }
    out.flush();
}
