//! Cookies that no worker made.

use hardtack::SESSION_SALT;

use crate::Failure;
use crate::fleet::Turn;
use crate::keys::{Keys, STRANGER};
use crate::model::{Cookie, MAX_AGE};
use crate::random::Random;
use crate::tally::Row;

pub const FORGERIES: [Row; 10] = [
    Row::LetterChanged,
    Row::Swapped,
    Row::OtherSalt,
    Row::Stranger,
    Row::Retired,
    Row::NotYetKnown,
    Row::SecondTooOld,
    Row::AtMaxAge,
    Row::FarAhead,
    Row::Two,
];

/// Other purposes of Django's signer.
const SALTS: [&str; 3] = [
    "django.core.signing",
    "django.core.signing.TimestampSigner",
    "django.contrib.messages",
];

const LONGEST_AHEAD: usize = 300 * 365 * 24 * 60 * 60;

/// What an attacker sends: the values of the cookies, and the one that counts.
pub struct Presented {
    pub values: Vec<String>,
    pub cookie: Cookie,
}

/// Makes a cookie from a good one, and another good one.
pub fn forge(
    how: Row,
    good: &Cookie,
    other: &Cookie,
    turn: &Turn,
    keys: &Keys,
    random: &mut Random,
) -> Result<Option<Presented>, Failure> {
    let (payload, rest) = split(&good.value).ok_or("a cookie has three parts")?;
    let signed = |key, stamp| -> Result<Cookie, Failure> {
        let value = keys.sign(payload, key, SESSION_SALT, stamp)?;
        let key = (key != STRANGER).then_some(key);
        let content = good.content.clone();
        Ok(Cookie {
            value,
            key,
            stamp,
            content,
        })
    };
    let forged = |value| Cookie {
        value,
        key: None,
        ..good.clone()
    };
    let signing = turn.ring[0];
    let oldest = turn.ring.iter().min().copied().unwrap_or(signing);
    let newest = turn.ring.iter().max().copied().unwrap_or(signing);
    let mut before = None;
    let cookie = match how {
        Row::Swapped => {
            let (payload, _) = split(&other.value).ok_or("a cookie has three parts")?;
            let value = format!("{payload}:{rest}");
            if value == good.value {
                return Ok(None);
            }
            Cookie {
                content: other.content.clone(),
                ..forged(value)
            }
        }
        Row::OtherSalt => {
            let salt = SALTS[random.below(SALTS.len())];
            forged(keys.sign(payload, signing, salt, turn.now)?)
        }
        Row::Stranger => signed(STRANGER, turn.now)?,
        Row::Retired => signed(oldest - 1, turn.now)?,
        Row::NotYetKnown => signed(newest + 1, turn.now)?,
        Row::SecondTooOld => signed(signing, turn.now - MAX_AGE - 1)?,
        Row::AtMaxAge => signed(signing, turn.now - MAX_AGE)?,
        Row::FarAhead => {
            let seconds = i64::try_from(random.below(LONGEST_AHEAD))?;
            signed(signing, turn.now + seconds)?
        }
        Row::Two => {
            before = Some(change_letter(&good.value, random));
            good.clone()
        }
        _ => forged(change_letter(&good.value, random)),
    };
    let mut values = vec![cookie.value.clone()];
    values.extend(before);
    if random.one_in(2) {
        values.reverse();
    }
    Ok(Some(Presented { values, cookie }))
}

/// Splits a value after its payload. Base64url has no colon.
fn split(value: &str) -> Option<(&str, &str)> {
    value.split_once(':')
}

/// Replaces any character of the payload, the stamp or the signature by another one.
fn change_letter(value: &str, random: &mut Random) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = value.as_bytes().to_vec();
    loop {
        let at = random.below(bytes.len());
        let letter = ALPHABET[random.below(ALPHABET.len())];
        if bytes[at] != b':' && bytes[at] != letter {
            bytes[at] = letter;
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
}
