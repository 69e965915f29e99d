//! The code lengths of a dynamic block, which are coded themselves (RFC 1951, section 3.2.7).

use super::bits::Bits;
use super::codes::Codes;
use super::symbols::{DISTANCES, LITERALS};

/// The code length alphabet: lengths 0 to 15, and three repetitions.
const SYMBOLS: usize = 19;
/// Copies the previous length 3 to 6 times.
const REPEAT: u16 = 16;
/// Repeats a length of 0 for 3 to 10 times.
const ZEROS: u16 = 17;
/// Repeats a length of 0 for 11 to 138 times.
const MANY_ZEROS: u16 = 18;

/// The order in which the lengths of these codes are written, in three bits each.
const ORDER: [usize; SYMBOLS] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
const MAX_LENGTH_BITS: usize = 7;

pub(super) struct Lengths {
    /// The numbers of lengths that are written.
    literals: usize,
    distances: usize,
    /// A symbol in the low five bits, the value of its extra bits in the others.
    symbols: [u16; LITERALS + DISTANCES],
    count: usize,
    frequencies: [u16; SYMBOLS],
    codes: Codes<SYMBOLS>,
    /// How many lengths of `codes` are written.
    written: usize,
}

impl Lengths {
    pub(super) fn new(literals: &Codes<LITERALS>, distances: &Codes<DISTANCES>) -> Self {
        let mut lengths = Self {
            literals: literals.end(),
            // One length of 0 says that there are no distances.
            distances: distances.end().max(1),
            symbols: [0; LITERALS + DISTANCES],
            count: 0,
            frequencies: [0; SYMBOLS],
            codes: Codes::NONE,
            written: 0,
        };
        // A run may continue from the literals to the distances.
        let literals = literals.all[..lengths.literals].iter();
        let distances = distances.all[..lengths.distances].iter();
        let (mut length, mut run) = (0, 0);
        for code in literals.chain(distances) {
            if code.length != length {
                lengths.push_run(length.into(), run);
                (length, run) = (code.length, 0);
            }
            run += 1;
        }
        lengths.push_run(length.into(), run);
        lengths.codes = Codes::new(&lengths.frequencies, MAX_LENGTH_BITS);
        let is_unused = |symbol: &&usize| lengths.codes.all[**symbol].length == 0;
        let unused = ORDER.iter().rev().take_while(is_unused).count();
        lengths.written = (SYMBOLS - unused).max(4); // HCLEN + 4
        lengths
    }

    fn push_run(&mut self, length: u16, mut run: usize) {
        if length == 0 {
            while run >= 11 {
                let count = run.min(138);
                self.push(MANY_ZEROS, count - 11);
                run -= count;
            }
            if run >= 3 {
                self.push(ZEROS, run - 3);
                run = 0;
            }
        } else if run > 3 {
            self.push(length, 0);
            run -= 1;
            while run >= 3 {
                let count = run.min(6);
                self.push(REPEAT, count - 3);
                run -= count;
            }
        }
        for _ in 0..run {
            self.push(length, 0);
        }
    }

    fn push(&mut self, symbol: u16, value: usize) {
        self.symbols[self.count] = symbol | (value as u16) << 5;
        self.count += 1;
        self.frequencies[usize::from(symbol)] += 1;
    }

    /// Returns how many bits [`write`](Self::write) writes.
    pub(super) fn bits(&self) -> usize {
        let used = self.codes.used().map(|symbol| {
            let bits = u32::from(self.codes.all[symbol].length) + extra(symbol as u16);
            usize::from(self.frequencies[symbol]) * bits as usize
        });
        5 + 5 + 4 + 3 * self.written + used.sum::<usize>()
    }

    /// Writes HLIT, HDIST and HCLEN, then the code lengths of the code length alphabet, then those of the literal/length
    /// and the distance alphabet.
    pub(super) fn write(&self, out: &mut Bits<'_>) {
        out.put((self.literals - 257) as u64, 5);
        out.put((self.distances - 1) as u64, 5);
        out.put((self.written - 4) as u64, 4);
        for &symbol in &ORDER[..self.written] {
            out.flush();
            out.put(self.codes.all[symbol].length.into(), 3);
        }
        for &symbol in &self.symbols[..self.count] {
            out.flush();
            let (symbol, value) = (symbol & 31, symbol >> 5);
            out.code(self.codes.all[usize::from(symbol)]);
            out.put(value.into(), extra(symbol));
        }
    }
}

/// Returns how many extra bits follow a symbol.
const fn extra(symbol: u16) -> u32 {
    match symbol {
        REPEAT => 2,
        ZEROS => 3,
        MANY_ZEROS => 7,
        _ => 0,
    }
}
