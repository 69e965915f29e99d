//! The same as `zlib` and `zlib_thorough`, for data at the limits of tokens, codes, blocks and windows.
//!
//! It does far fewer than 5,000 executions a second: most of its data fill at least a window or a block, so each has
//! thousands of bytes, and is compressed three times.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use hardtack_fuzz::zlib::{check_fast, check_thorough};
use libfuzzer_sys::fuzz_target;

/// The most bytes of the data, and of most inputs' data, for speed.
const MOST: usize = 200_000;
const USUAL: usize = 15_000;
/// The thorough parse takes fifty times as long as the fast one, so only few longer inputs get it.
const THOROUGH: usize = 1000;

#[derive(Arbitrary, Debug)]
enum Instruction<'a> {
    Literals(&'a [u8]),
    /// Copies earlier bytes, from the first one on if there are too few.
    Copy(
        #[arbitrary(with = length)] usize,
        #[arbitrary(with = distance)] usize,
    ),
    /// One byte, repeated.
    Run(u8, #[arbitrary(with = length)] usize),
    /// Each byte from 0 to 255.
    AllBytes,
    Noise(#[arbitrary(with = length)] usize),
    /// Noise up to this length of the data.
    FillTo(#[arbitrary(with = edge)] usize),
    /// One byte up to this length of the data.
    RunTo(u8, #[arbitrary(with = edge)] usize),
    /// Copies of 4 to 11 earlier bytes, with a byte of noise after each.
    Matches(#[arbitrary(with = count)] usize),
    /// Replaces the data by 9 to 12 bytes, each of which occurs as often as the two before it together (the first of these
    /// is the end of the block), and 64 more frequent ones, so that few matches form. Ten make codes that would exceed 15
    /// bits.
    Fibonacci(u8),
    /// The numbers of codes of 6 to 15 bits have this relation: the codes of the lengths would exceed 7 bits.
    FibonacciLengths,
}

/// Returns a length at the limits of a match.
fn length(u: &mut Unstructured<'_>) -> Result<usize> {
    near(u, &[3, 4, 258, 259, 516])
}

/// Returns a distance at the limits of a match, of the chain and of the window.
fn distance(u: &mut Unstructured<'_>) -> Result<usize> {
    near(u, &[1, 4096, 32_768, 65_534])
}

/// Returns a length of the data at which a block or a window is full.
fn edge(u: &mut Unstructured<'_>) -> Result<usize> {
    near(u, &[4096, 32_768, 65_534, 98_300, 131_068])
}

/// Returns a number of matches at the limit of a block.
fn count(u: &mut Unstructured<'_>) -> Result<usize> {
    near(u, &[1, 512, 1024, 2048])
}

/// Returns a number that differs by at most 2 from one of these, or an arbitrary one.
fn near(u: &mut Unstructured<'_>, numbers: &[usize]) -> Result<usize> {
    let by: usize = u.int_in_range(0..=5)?;
    if by == 5 {
        return Ok(usize::from(u16::arbitrary(u)?));
    }
    Ok((u.choose(numbers)? + by).saturating_sub(2))
}

/// The data, and a generator of numbers (xorshift), so that a short input makes much noise.
struct Data {
    bytes: Vec<u8>,
    most: usize,
    noise: u64,
}

impl Data {
    fn random(&mut self) -> usize {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        usize::try_from(self.noise >> 32).expect("32 bits")
    }

    fn noise(&mut self, length: usize) {
        for _ in 0..length {
            let [byte, ..] = self.random().to_le_bytes();
            self.bytes.push(byte);
        }
    }

    fn run(&mut self, byte: u8, length: usize) {
        self.bytes.resize(self.bytes.len() + length, byte);
    }

    fn copy(&mut self, length: usize, distance: usize) {
        let distance = distance.clamp(1, self.bytes.len().max(1));
        for _ in 0..length {
            let from = self.bytes.len().wrapping_sub(distance);
            self.bytes.push(self.bytes.get(from).copied().unwrap_or(0));
        }
    }

    fn matches(&mut self, count: usize) {
        for _ in 0..count {
            let (length, distance) = (4 + self.random() % 8, self.random() % 32_768);
            self.copy(length, distance);
            self.noise(1);
        }
    }

    /// Appends symbols with these frequencies, in random order.
    fn shuffled(&mut self, frequencies: impl Iterator<Item = usize>) {
        let start = self.bytes.len();
        for (symbol, frequency) in (0..=u8::MAX).zip(frequencies) {
            // Neighbours are often equally frequent, and not all of them shall be neighbours in the block's lengths.
            self.run(symbol.wrapping_mul(89), frequency);
        }
        for at in (start + 1..self.bytes.len()).rev() {
            let other = start + self.random() % (at + 1 - start);
            self.bytes.swap(at, other);
        }
    }

    fn follow(&mut self, instruction: &Instruction<'_>) {
        let room = self.most - self.bytes.len();
        match *instruction {
            Instruction::Literals(bytes) => self.bytes.extend(bytes),
            Instruction::Copy(length, distance) => self.copy(length, distance),
            Instruction::Run(byte, length) => self.run(byte, length),
            Instruction::AllBytes => self.bytes.extend(0..=u8::MAX),
            Instruction::Noise(length) => self.noise(length),
            Instruction::FillTo(edge) => self.noise(edge.saturating_sub(self.bytes.len())),
            Instruction::RunTo(byte, edge) => {
                self.run(byte, edge.saturating_sub(self.bytes.len()));
            }
            Instruction::Matches(count) => self.matches(count.min(room / 12)),
            Instruction::Fibonacci(symbols) => {
                self.bytes.clear();
                let rare = usize::from(9 + symbols % 4);
                let common = fibonacci().nth(rare + 1).into_iter().cycle().take(64);
                self.shuffled(fibonacci().skip(1).take(rare).chain(common));
            }
            Instruction::FibonacciLengths => {
                // In this order they fill the tree: the sum of count / 2^length is 1.
                let lengths = [7, 12, 15, 13, 14, 10, 9, 8, 11, 6];
                let frequencies = fibonacci()
                    .zip(lengths)
                    .flat_map(|(count, length)| std::iter::repeat_n(1 << (15 - length), count));
                self.shuffled(frequencies);
            }
        }
        self.bytes.truncate(self.most);
    }
}

fn fibonacci() -> impl Iterator<Item = usize> {
    std::iter::successors(Some((1, 1)), |&(one, next)| Some((next, one + next))).map(|(one, _)| one)
}

fuzz_target!(|input: (u32, Vec<Instruction<'_>>)| {
    let (seed, instructions) = input;
    let mut data = Data {
        bytes: Vec::new(),
        most: if seed % 16 == 15 { MOST } else { USUAL },
        noise: (u64::from(seed) << 1) | 1,
    };
    for instruction in &instructions {
        data.follow(instruction);
    }
    check_fast(&data.bytes);
    // Of the inputs with a longer text, one in 64, and one in 4,096 of those that may have the longest.
    if data.bytes.len() <= THOROUGH || seed % 64 == 62 || seed % 4096 == 4095 {
        check_thorough(&data.bytes);
    }
});
