//! Integers of any size: decimal text, and bytes as in a pickle, the least significant one first.

use std::fmt::Write as _;
use std::iter::once;

use hardtack::limits::MAX_INTEGER_DIGITS;

/// Bytes of the longest integer that is converted, since the work grows with the square of its length. A byte has more
/// than 2.4 digits.
pub(super) const MAX_LENGTH: usize = MAX_INTEGER_DIGITS * 10 / 24 + 1;

/// The largest power of ten in a `u32`, and its zeros.
const DECIMAL: u64 = 1_000_000_000;
const ZEROS: usize = 9;
const BINARY: u64 = 1 << 32;

/// Appends the decimal text of an integer in two's complement.
pub(super) fn push(bytes: &[u8], out: &mut String) {
    let mut magnitude = bytes.to_vec();
    if bytes.last().is_some_and(|last| last >> 7 == 1) {
        out.push('-');
        negate(&mut magnitude);
    }
    let number = |bytes: &[u8]| {
        let bytes = bytes.iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    let digits = convert::<BINARY, DECIMAL>(magnitude.chunks(4).rev().map(number));
    let (first, rest) = digits.split_last().unwrap_or((&0, &[]));
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{first}");
    for digit in rest.iter().rev() {
        let _ = write!(out, "{digit:0ZEROS$}");
    }
}

/// Returns the integer with this decimal text, in two's complement.
pub(super) fn parse(text: &str) -> Vec<u8> {
    let magnitude = text.trim_start_matches('-').as_bytes();
    let (first, rest) = magnitude.split_at(magnitude.len() % ZEROS);
    let number = |text: &[u8]| {
        let digits = text.iter().map(|digit| u64::from(digit - b'0'));
        digits.fold(0, |number, digit| 10 * number + digit)
    };
    let digits = once(first).chain(rest.chunks(ZEROS)).map(number);
    let digits = convert::<DECIMAL, BINARY>(digits);
    let mut bytes: Vec<u8> = digits
        .iter()
        .flat_map(|digit| digit.to_le_bytes().into_iter().take(4))
        .collect();
    // For the sign.
    bytes.push(0);
    if text.starts_with('-') {
        negate(&mut bytes);
    }
    bytes
}

/// Converts digits from a base to another: the first digit first, and then the last one first.
fn convert<const FROM: u64, const TO: u64>(digits: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut converted: Vec<u64> = Vec::new();
    for mut carry in digits {
        for digit in &mut converted {
            carry += *digit * FROM;
            *digit = carry % TO;
            carry /= TO;
        }
        while carry > 0 {
            converted.push(carry % TO);
            carry /= TO;
        }
    }
    converted
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        (*byte, carry) = (!*byte).overflowing_add(carry.into());
    }
}
