//! Base62, the digits of a stamp: `0-9 A-Z a-z`, a `-` in front of a negative number (`b62_encode` in Django).

use alloc::string::String;

use crate::error::Error;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits of `u64::MAX`.
const MAX_DIGITS: usize = 11;

/// Appends `number` to `out`.
#[expect(
    clippy::indexing_slicing,
    reason = "a remainder of 62 has a digit, and no u64 has more than MAX_DIGITS"
)]
pub(crate) fn encode_into(number: i64, out: &mut String) {
    let mut digits = [0; MAX_DIGITS];
    let mut first = MAX_DIGITS;
    let mut rest = number.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = DIGITS[(rest % 62) as usize];
        rest /= 62;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.extend(digits[first..].iter().map(|&digit| char::from(digit)));
}

/// Returns how many characters [`encode_into`] appends.
pub(crate) fn length(number: i64) -> usize {
    let digits = number.unsigned_abs().checked_ilog(62).unwrap_or(0) as usize + 1;
    digits + usize::from(number < 0)
}

/// Reads a number.
///
/// Leading zeros and `-0` are accepted, as in Django. Fails with [`Error::MalformedStamp`] for text without digits or
/// with other characters, and for a number outside the range of `i64`.
pub(crate) fn decode(text: &str) -> Result<i64, Error> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() {
        return Err(Error::MalformedStamp);
    }
    // Counted down, because `i64::MIN` has no positive counterpart.
    let mut number: i64 = 0;
    for digit in digits.bytes() {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return Err(Error::MalformedStamp),
        };
        number = number
            .checked_mul(62)
            .and_then(|number| number.checked_sub(i64::from(digit)))
            .ok_or(Error::MalformedStamp)?;
    }
    if negative {
        Ok(number)
    } else {
        number.checked_neg().ok_or(Error::MalformedStamp)
    }
}
