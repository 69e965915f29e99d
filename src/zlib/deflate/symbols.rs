//! The symbols of lengths and distances (RFC 1951, section 3.2.5).

/// The literal/length alphabet: literals 0 to 255, the end of a block, and lengths. The last two have fixed codes, but never
/// occur; nor do two distances (section 3.2.6), which are left out here.
pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCES: usize = 30;
pub(super) const END_OF_BLOCK: usize = 256;

pub(super) const MIN_LENGTH: usize = 3;
pub(super) const MAX_LENGTH: usize = 258;
pub(super) const MAX_DISTANCE: usize = 32_768;

const LENGTHS: usize = MAX_LENGTH + 1 - MIN_LENGTH;

/// The symbol of a length or distance, and the extra bits that follow it.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    pub(super) code: u16,
    /// The number of extra bits.
    pub(super) extra: u8,
    /// The smallest length or distance of the symbol. The extra bits are the difference from it.
    pub(super) base: u16,
}

static LENGTH_SYMBOLS: [Symbol; LENGTHS] = {
    let longest = Symbol {
        code: 285,
        extra: 0,
        base: MAX_LENGTH as u16,
    };
    let mut symbols = [longest; LENGTHS];
    let (mut code, mut base) = (END_OF_BLOCK + 1, MIN_LENGTH);
    while base < MAX_LENGTH {
        let extra = length_extra(code);
        let mut length = base;
        while length < base + (1 << extra) && length < MAX_LENGTH {
            symbols[length - MIN_LENGTH] = Symbol {
                code: code as u16,
                extra,
                base: base as u16,
            };
            length += 1;
        }
        base = length;
        code += 1;
    }
    symbols
};

/// Returns the symbol of a length of 3 to 258.
#[inline]
pub(super) fn length_symbol(length: usize) -> Symbol {
    // Always in range; the remainder leaves out the check.
    LENGTH_SYMBOLS[(length - MIN_LENGTH) % LENGTHS]
}

/// Returns the number of extra bits of a symbol from 257 on: none for eight symbols, then one more for every four. A
/// literal has none.
pub(super) const fn length_extra(code: usize) -> u8 {
    match code {
        265..=284 => ((code - 261) / 4) as u8,
        _ => 0,
    }
}

/// Returns the symbol of a distance of 1 to 32,768.
#[inline]
pub(super) fn distance_symbol(distance: usize) -> Symbol {
    // Two symbols for each power of two, counted from 0: the bit below the highest one tells which.
    let offset = (distance - 1) as u32;
    if offset < 4 {
        return Symbol {
            code: offset as u16,
            extra: 0,
            base: distance as u16,
        };
    }
    let log = offset.ilog2();
    let extra = log - 1;
    let half = (offset >> extra) & 1;
    Symbol {
        code: (2 * log + half) as u16,
        extra: extra as u8,
        base: (((2 + half) << extra) + 1) as u16,
    }
}

/// Returns the number of extra bits of a symbol: none for four symbols, then one more for every two.
pub(super) const fn distance_extra(code: usize) -> u8 {
    (code as u8 / 2).saturating_sub(1)
}
