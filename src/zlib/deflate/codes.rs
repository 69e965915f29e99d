//! Huffman codes from the frequencies of symbols (RFC 1951, section 3.2.2).

use super::symbols::LITERALS;

/// The most bits of a code (RFC 1951, section 3.2.7).
pub(super) const MAX_BITS: usize = 15;

/// Frequencies below this one are sorted by counting.
const COUNTED: usize = 64;

/// A code, its first bit lowest, and its length in bits, which is 0 for a symbol without a code.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

impl Code {
    pub(super) const NONE: Self = Self { bits: 0, length: 0 };
}

/// A code for each of `N` symbols.
pub(super) struct Codes<const N: usize> {
    pub(super) all: [Code; N],
    /// The symbols that have a code, in ascending order.
    used: [u16; N],
    count: usize,
}

impl<const N: usize> Codes<N> {
    pub(super) const NONE: Self = Self {
        all: [Code::NONE; N],
        used: [0; N],
        count: 0,
    };

    /// Makes the shortest codes for these frequencies, of which none has more than `max_bits`. A symbol that does not
    /// occur has none. If one occurs, two have codes: section 3.2.7 allows one distance code alone, but some decoders refuse it.
    pub(super) fn new(frequencies: &[u16; N], max_bits: usize) -> Self {
        let mut codes = Self::NONE;
        codes.count = find_used(frequencies, &mut codes.used);
        let used = &codes.used[..codes.count];
        assign(used, frequencies, max_bits, &mut codes.all);
        codes
    }

    /// Returns the symbols that have a code.
    pub(super) fn used(&self) -> impl Iterator<Item = usize> {
        self.used[..self.count]
            .iter()
            .map(|symbol| usize::from(*symbol))
    }

    /// Returns the number of symbols up to the last one that has a code.
    pub(super) fn end(&self) -> usize {
        self.used().last().map_or(0, |last| last + 1)
    }
}

/// Lists the symbols that get codes, and returns their number.
fn find_used(frequencies: &[u16], used: &mut [u16]) -> usize {
    let mut count = 0;
    for (symbol, &frequency) in frequencies.iter().enumerate() {
        if frequency > 0 {
            used[count] = symbol as u16;
            count += 1;
        }
    }
    if count == 1 {
        used[1] = used[0].max(1);
        used[0] = 0;
        count = 2;
    }
    count
}

/// Assigns codes to the used symbols.
fn assign(used: &[u16], frequencies: &[u16], max_bits: usize, codes: &mut [Code]) {
    if used.is_empty() {
        return;
    }
    let mut sorted = [(0, 0); LITERALS];
    let sorted = &mut sorted[..used.len()];
    sort(used, frequencies, sorted);
    let counts = count_lengths(sorted, max_bits);
    // The rarest symbols have the longest codes.
    let mut symbols = sorted.iter();
    for (length, &count) in counts.iter().enumerate().rev() {
        for &(_, symbol) in symbols.by_ref().take(count.into()) {
            codes[usize::from(symbol)].length = length as u8;
        }
    }
    // Those of one length have ascending codes.
    let mut next = [0_u16; MAX_BITS + 1];
    let mut first = 0;
    for (next, count) in next[1..].iter_mut().zip(counts) {
        first = (first + count) << 1;
        *next = first;
    }
    for &symbol in used {
        let code = &mut codes[usize::from(symbol)];
        let next = &mut next[usize::from(code.length)];
        code.bits = next.reverse_bits() >> (16 - code.length);
        *next += 1;
    }
}

/// Puts symbols with their frequencies in ascending order of the frequencies.
fn sort(symbols: &[u16], frequencies: &[u16], sorted: &mut [(u16, u16)]) {
    let frequency = |symbol: u16| frequencies[usize::from(symbol)];
    let bucket = |symbol: u16| usize::from(frequency(symbol)).min(COUNTED);
    let mut ends = [0_u16; COUNTED + 1];
    for &symbol in symbols {
        ends[bucket(symbol)] += 1;
    }
    let mut end = 0;
    for count in &mut ends {
        (*count, end) = (end, end + *count);
    }
    let frequent = usize::from(ends[COUNTED]);
    for &symbol in symbols {
        let end = &mut ends[bucket(symbol)];
        sorted[usize::from(*end)] = (frequency(symbol), symbol);
        *end += 1;
    }
    // Few symbols are frequent.
    for end in frequent + 1..sorted.len() {
        let mut place = end;
        while place > frequent && sorted[place - 1] > sorted[place] {
            sorted.swap(place - 1, place);
            place -= 1;
        }
    }
}

/// Returns how many codes there are of each length, for at least two symbols in ascending order of their frequencies.
/// This is done in place, after Moffat and Katajainen, "In-Place Calculation of Minimum-Redundancy Codes" (1995).
fn count_lengths(sorted: &[(u16, u16)], max_bits: usize) -> [u16; MAX_BITS + 1] {
    // First the weights of the inner nodes, in ascending order; then the parent of each one; then its depth.
    let mut nodes = [0_u16; LITERALS];
    let root = sorted.len() - 2;
    let (mut leaf, mut node) = (0, 0);
    for next in 0..=root {
        for _ in 0..2 {
            match sorted.get(leaf) {
                Some(&(weight, _)) if node == next || weight <= nodes[node] => {
                    nodes[next] += weight;
                    leaf += 1;
                }
                _ => {
                    nodes[next] += nodes[node];
                    nodes[node] = next as u16;
                    node += 1;
                }
            }
        }
    }
    // From the root on, each node replaces a leaf by two that are one level below it.
    let mut counts = [0_u16; MAX_BITS + 1];
    counts[1] = 2;
    nodes[root] = 0;
    for at in (0..root).rev() {
        nodes[at] = nodes[usize::from(nodes[at])] + 1;
        let mut depth = usize::from(nodes[at]);
        if depth >= max_bits {
            // Too deep: the longest code that is still shorter than the limit is split.
            depth = max_bits - 1;
            while counts[depth] == 0 {
                depth -= 1;
            }
        }
        counts[depth] -= 1;
        counts[depth + 1] += 2;
    }
    counts
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Codes, MAX_BITS};

    fn check<const N: usize>(frequencies: [u16; N], max_bits: usize) -> Vec<u8> {
        let codes = Codes::new(&frequencies, max_bits);
        let lengths: Vec<u8> = codes.all.iter().map(|code| code.length).collect();
        // The codes are complete: they fill the tree.
        let used = lengths.iter().filter(|length| **length > 0);
        let filled: u32 = used
            .map(|length| 1 << (max_bits - usize::from(*length)))
            .sum();
        assert_eq!(filled, 1 << max_bits);
        for (frequency, length) in frequencies.iter().zip(&lengths) {
            assert!(*frequency == 0 || *length > 0);
            assert!(usize::from(*length) <= max_bits);
        }
        lengths
    }

    #[test]
    fn codes_are_as_short_as_their_symbols_are_frequent() {
        assert_eq!(check([1, 1, 2, 4], MAX_BITS), [3, 3, 2, 1]);
        assert_eq!(check([5, 5, 5, 5], MAX_BITS), [2, 2, 2, 2]);
        // Frequencies above 64 are sorted in another way.
        assert_eq!(check([1000, 70, 300, 0, 70], MAX_BITS), [1, 3, 2, 0, 3]);
        assert_eq!(check([1; 288], MAX_BITS).iter().max(), Some(&9));
    }

    #[test]
    fn one_symbol_gets_two_codes() {
        assert_eq!(check([0, 0, 9], MAX_BITS), [1, 0, 1]);
        assert_eq!(check([9, 0, 0], MAX_BITS), [1, 1, 0]);
    }

    /// Each frequency is the sum of the two before it, so that each symbol would have one bit more.
    #[test]
    fn no_code_is_longer_than_the_limit() {
        let mut fibonacci = [1; 22];
        for at in 2..fibonacci.len() {
            fibonacci[at] = fibonacci[at - 1] + fibonacci[at - 2];
        }
        for max_bits in [MAX_BITS, 7] {
            let lengths = check(fibonacci, max_bits);
            assert_eq!(usize::from(lengths[0]), max_bits);
            assert!(lengths.is_sorted_by(|left, right| left >= right));
        }
    }
}
