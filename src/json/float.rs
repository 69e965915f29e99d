//! Floats as Python writes them: `float.__repr__`, the shortest digits that read back as the same number.

use alloc::string::String;
use core::fmt::{self, Write};

use serde_json::Number;

use crate::error::Error;

/// More than the length of any float that `serde_json` writes: 17 digits, zeros around them, sign and exponent.
const MAX_TEXT: usize = 40;

/// Appends `number` to `out`. Fails with [`Error::NotFinite`] for NaN and the infinities.
///
/// The digits come from `serde_json`. They match Python's even if two shortest texts are equally close; those of `core`
/// do not (for 2**-25, `core` ends with 3, and Python with 2). The layout is Python's: `format_float_short` in
/// `Python/pystrtod.c`.
#[expect(
    clippy::indexing_slicing,
    reason = "`start` is a length that `out` had before, and the buffer is longer than any float"
)]
pub(crate) fn write_float(number: f64, out: &mut String) -> Result<(), Error> {
    let number = Number::from_f64(number).ok_or(Error::NotFinite)?;
    let start = out.len();
    let mut buffer = [0; MAX_TEXT];
    write!(out, "{number}").map_err(|_| Error::Unserializable)?;
    if is_laid_out(&out.as_bytes()[start..]) {
        return Ok(());
    }
    let text = &mut buffer[..out.len() - start];
    text.copy_from_slice(&out.as_bytes()[start..]);
    out.truncate(start);
    lay_out(text, out).map_err(|_| Error::Unserializable)
}

/// Appends an `f32`, which Python does not have: the shortest digits that distinguish it from other `f32`s, so that 0.1
/// stays 0.1.
#[expect(
    clippy::string_slice,
    reason = "`start` is a length that `out` had before"
)]
pub(crate) fn write_float32(number: f32, out: &mut String) -> Result<(), Error> {
    let start = out.len();
    write!(out, "{number:e}").map_err(|_| Error::Unserializable)?;
    let widened = out[start..].parse().map_err(|_| Error::NotFinite)?;
    out.truncate(start);
    write_float(widened, out)
}

/// Returns whether a float that `serde_json` wrote is known to be in Python's layout: without an exponent, up to 16 digits
/// before the point, and not so small that Python would write an exponent. Most floats are.
fn is_laid_out(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let point = digits.iter().position(|&byte| byte == b'.');
    matches!(point, Some(1..=16)) && !digits.starts_with(b"0.0000") && !digits.contains(&b'e')
}

/// Appends the decimal number `text` to `out` in Python's layout.
fn lay_out(text: &[u8], out: &mut String) -> fmt::Result {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (mantissa, exponent) = split_at_byte(text, b'e');
    let (whole, fraction) = split_at_byte(mantissa, b'.');

    // The significant digits, and how many of them are before the decimal point (if negative, zeros follow the point).
    let all = || whole.iter().chain(fraction).map(|&digit| char::from(digit));
    let leading = all().take_while(|&digit| digit == '0').count();
    let trailing = all().rev().take_while(|&digit| digit == '0').count();
    let count = (whole.len() + fraction.len()).saturating_sub(leading + trailing);
    let digits = || all().skip(leading).take(count);
    let place = |digits: usize| i64::try_from(digits).unwrap_or(0);
    let point = match count {
        0 => 1,
        _ => number_of_exponent(exponent) + place(whole.len()) - place(leading),
    };

    if negative {
        out.push('-');
    }
    if point <= -4 || 16 < point {
        out.extend(digits().take(1));
        if count > 1 {
            out.push('.');
            out.extend(digits().skip(1));
        }
        let exponent = point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        return write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    }
    let before = usize::try_from(point).unwrap_or(0);
    if before == 0 {
        out.push('0');
    }
    out.extend(digits().chain(core::iter::repeat('0')).take(before));
    out.push('.');
    out.extend((point..0).map(|_| '0'));
    out.extend(digits().skip(before));
    if count <= before {
        out.push('0');
    }
    Ok(())
}

/// Returns the text before the first `byte`, and the text after it, which is empty if there is no such byte.
#[expect(clippy::indexing_slicing, reason = "`at` is a place in the text")]
fn split_at_byte(text: &[u8], byte: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|&each| each == byte) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

/// Returns the number after an `e`. It saturates at a value that no number of digits in a session could offset.
pub(crate) fn number_of_exponent(text: &[u8]) -> i64 {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    let magnitude = digits.fold(0, |sum: i64, &digit| {
        (10 * sum + i64::from(digit - b'0')).min(1 << 40)
    });
    if text.starts_with(b"-") {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::lay_out;

    /// `serde_json` writes only some of these layouts today. The digits are those of Python's `repr`.
    #[test]
    fn every_layout_of_a_number_becomes_pythons() {
        for (texts, python) in [
            (&["0", "0.0", "0e0", "0.00e7", "00.0e-9"][..], "0.0"),
            (&["-0", "-0.0", "-0e5"], "-0.0"),
            (&["1", "1.0", "1e0", "10e-1", "0.1e1", "100.00e-2"], "1.0"),
            (&["-1500", "-1.5e3", "-0.00150e+6", "-15e2"], "-1500.0"),
            (&["0.0001", "1e-4", "10.0e-5", "0.1e-3"], "0.0001"),
            (&["0.00001", "1e-5", "1.0e-05", "0.0010e-2"], "1e-05"),
            (&["0.000012", "1.2e-5", "120e-7"], "1.2e-05"),
            (
                &[
                    "1234567890123456",
                    "1234567890123456.0",
                    "1.234567890123456e15",
                ],
                "1234567890123456.0",
            ),
            (
                &["1000000000000000", "1e15", "0.1e16"],
                "1000000000000000.0",
            ),
            (
                &[
                    "10000000000000000",
                    "10000000000000000.0",
                    "1e16",
                    "1.0e+16",
                ],
                "1e+16",
            ),
            (
                &["12345678901234560", "1.2345678901234560e16"],
                "1.234567890123456e+16",
            ),
            (&["1.50e100", "15e99", "0.15e101"], "1.5e+100"),
            (&["-5e-324", "-0.5e-323"], "-5e-324"),
        ] {
            for text in texts {
                let mut out = String::new();
                lay_out(text.as_bytes(), &mut out).expect("a string takes all");
                assert_eq!(out, python, "{text}");
            }
        }
    }
}
