//! The fixed codes (RFC 1951, section 3.2.6).

use super::codes::Code;
use super::symbols::{DISTANCES, LITERALS};

pub(super) static FIXED_LITERALS: [Code; LITERALS] = {
    let mut codes = [Code::NONE; LITERALS];
    let mut symbol = 0;
    while symbol < LITERALS {
        let (code, length) = match symbol as u16 {
            low @ 0..144 => (0b0011_0000 + low, 8),
            high @ 144..256 => (0b1_1001_0000 + high - 144, 9),
            short @ 256..280 => (short - 256, 7),
            long => (0b1100_0000 + long - 280, 8),
        };
        codes[symbol] = Code {
            bits: code.reverse_bits() >> (16 - length),
            length,
        };
        symbol += 1;
    }
    codes
};

pub(super) static FIXED_DISTANCES: [Code; DISTANCES] = {
    let mut codes = [Code::NONE; DISTANCES];
    let mut symbol = 0;
    while symbol < DISTANCES {
        codes[symbol] = Code {
            bits: (symbol as u16).reverse_bits() >> 11,
            length: 5,
        };
        symbol += 1;
    }
    codes
};
