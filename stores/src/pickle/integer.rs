//! Integers of any size: decimal text, and bytes as in a pickle, the least significant one first.

use std::fmt::Write as _;

use hardtack::limits::MAX_INTEGER_DIGITS;

/// Bytes of the longest integer that is converted, since the work grows with the square of its length. A byte has more
/// than 2.4 digits.
pub(super) const MAX_LENGTH: usize = MAX_INTEGER_DIGITS * 10 / 24 + 1;

/// The largest power of ten in a `u32`, and its zeros.
const BASE: u64 = 1_000_000_000;
const ZEROS: usize = 9;

/// Appends the decimal text of an integer, which is in two's complement if it is `signed`.
pub(super) fn push(bytes: &[u8], signed: bool, out: &mut String) {
    let is_negative = signed && bytes.last().is_some_and(|last| last >> 7 == 1);
    let mut limbs: Vec<u32> = bytes
        .chunks(4)
        .map(|chunk| {
            let mut limb = [if is_negative { 0xff } else { 0 }; 4];
            limb[..chunk.len()].copy_from_slice(chunk);
            u32::from_le_bytes(limb)
        })
        .collect();
    if is_negative {
        out.push('-');
        negate(&mut limbs);
    }
    // The digits of the number in base 10^9, the last one first.
    let mut digits = Vec::new();
    while let Some(highest) = limbs.iter().rposition(|limb| *limb > 0) {
        limbs.truncate(highest + 1);
        let mut remainder = 0;
        for limb in limbs.iter_mut().rev() {
            let dividend = remainder << 32 | u64::from(*limb);
            *limb = low(dividend / BASE);
            remainder = dividend % BASE;
        }
        digits.push(remainder);
    }
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{}", digits.pop().unwrap_or(0));
    for digit in digits.iter().rev() {
        let _ = write!(out, "{digit:0ZEROS$}");
    }
}

/// Returns the integer with this decimal text, in as few bytes of two's complement as possible.
pub(super) fn parse(text: &str) -> Vec<u8> {
    let magnitude = text.trim_start_matches('-');
    let (first, rest) = magnitude.split_at(magnitude.len() % ZEROS);
    let mut limbs: Vec<u32> = Vec::new();
    for chunk in [first.as_bytes()]
        .into_iter()
        .chain(rest.as_bytes().chunks(ZEROS))
    {
        let digits = chunk.iter().map(|digit| u64::from(digit - b'0'));
        let mut carry = digits.fold(0, |sum, digit| 10 * sum + digit);
        for limb in &mut limbs {
            carry += u64::from(*limb) * BASE;
            *limb = low(carry);
            carry >>= 32;
        }
        limbs.push(low(carry));
    }
    // For the sign.
    limbs.push(0);
    if text.starts_with('-') {
        negate(&mut limbs);
    }
    let mut bytes: Vec<u8> = limbs.into_iter().flat_map(u32::to_le_bytes).collect();
    // A last byte that only repeats the sign.
    while let [.., before, last] = bytes[..]
        && last == if before >> 7 == 1 { 0xff } else { 0 }
    {
        bytes.pop();
    }
    bytes
}

fn negate(limbs: &mut [u32]) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(carry.into());
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are meant")]
const fn low(number: u64) -> u32 {
    number as u32
}
