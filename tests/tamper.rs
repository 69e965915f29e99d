//! Whatever was not signed as it is, is refused.

mod common;

use hardtack::{Error, KeyRing, SessionCodec};

use common::{KEY, NOW, OTHER_KEY, codec, cookies, key, ring};

#[track_caller]
fn refused(codec: &SessionCodec, value: &str) {
    match codec.verify(value, NOW) {
        Err(Error::BadSignature) => {}
        Err(error) => panic!("refused, but as {error:?}"),
        Ok(_) => panic!("accepted: {value}"),
    }
}

/// All eight bits of every byte. The eighth leaves no text: what a framework makes of it is refused, too.
#[test]
fn every_flipped_bit() {
    let codec = codec().with_max_length(8192);
    let cookies = cookies();
    let mut flips = 0;
    for (_, cookie) in &cookies {
        for at in 0..cookie.len() {
            for bit in 0..8 {
                let mut bytes = cookie.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                refused(&codec, &String::from_utf8_lossy(&bytes));
                flips += 1;
            }
        }
    }
    println!("bits flipped and refused: {flips}");
    assert_eq!(
        flips,
        cookies
            .iter()
            .map(|(_, cookie)| cookie.len() * 8)
            .sum::<usize>()
    );
}

#[test]
fn every_truncation_and_extension() {
    let codec = codec().with_max_length(8192);
    for (_, cookie) in cookies() {
        for at in 0..cookie.len() {
            refused(&codec, &cookie[..at]);
            refused(&codec, &cookie[at + 1..]);
        }
        for more in ["a", "=", ":", " ", "\n", "\0", "é", ":a", "\u{feff}"] {
            refused(&codec, &format!("{cookie}{more}"));
            refused(&codec, &format!("{more}{cookie}"));
        }
    }
}

/// Each part of a cookie in the place of any part of another one.
#[test]
fn every_swap_of_parts() {
    let codec = codec().with_max_length(8192);
    let cookies = cookies();
    let later: Vec<(String, String)> = common::sessions()
        .iter()
        .map(|(name, session)| {
            (
                format!("{name} later"),
                codec.encode(session, NOW + 1).expect("encodes"),
            )
        })
        .collect();
    let all: Vec<Vec<&str>> = cookies
        .iter()
        .chain(&later)
        .map(|(_, cookie)| cookie.split(':').collect())
        .collect();
    for one in &all {
        for other in &all {
            for (to, from) in (0..3).flat_map(|to| (0..3).map(move |from| (to, from))) {
                let mut parts = one.clone();
                parts[to] = other[from];
                if parts != *one {
                    refused(&codec, &parts.join(":"));
                }
            }
        }
        refused(&codec, &[one[1], one[0], one[2]].join(":"));
        refused(&codec, &[one[0], one[2]].join(":"));
    }
}

#[test]
fn what_has_no_parts() {
    for value in ["", ":", "::", ":::", "a", "a:b", "a:b:c", "é:é:é"] {
        refused(&codec(), value);
    }
}

#[test]
fn another_salt() {
    for (_, cookie) in cookies() {
        refused(
            &codec()
                .with_max_length(8192)
                .with_salt("django.contrib.sessions.SessionStore"),
            &cookie,
        );
    }
}

#[test]
fn another_key() {
    let other = SessionCodec::new(KeyRing::new(key(OTHER_KEY))).with_max_length(8192);
    for (_, cookie) in cookies() {
        refused(&other, &cookie);
    }
}

/// A signature is one text: no other case, no padding, no slack bits in its last character.
#[test]
fn another_spelling_of_the_signature() {
    let cookie = codec().encode_as(&["a"], NOW).expect("encodes");
    let last = cookie.chars().last().expect("a signature");
    // 43 characters hold 258 bits, two more than the signature has.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let spelled = alphabet.find(last).expect("base64url");
    for slack in 1..4 {
        let other = alphabet.as_bytes()[spelled ^ slack] as char;
        refused(&codec(), &format!("{}{other}", &cookie[..cookie.len() - 1]));
    }
    refused(&codec(), &format!("{cookie}="));
    refused(
        &codec(),
        &cookie.replace('-', "+").replace('_', "/").to_uppercase(),
    );
}

#[test]
fn rotation() {
    let old = SessionCodec::new(KeyRing::new(key(OTHER_KEY)));
    let both = SessionCodec::new(ring().with_fallback(key(OTHER_KEY)));
    let new = SessionCodec::new(KeyRing::new(key(KEY)));
    // Step 1: the new key as a fallback reads what it will sign.
    let prepared = SessionCodec::new(KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY)));

    let before = old.encode_as(&["before"], NOW).expect("encodes");
    let after = both.encode_as(&["after"], NOW).expect("encodes");

    let verified = both.verify(&before, NOW).expect("a fallback key's");
    assert_eq!((verified.key_index(), verified.needs_resign()), (1, true));
    let verified = both.verify(&after, NOW).expect("the signing key's");
    assert_eq!((verified.key_index(), verified.needs_resign()), (0, false));
    assert_eq!(
        prepared
            .verify(&after, NOW)
            .map(|verified| verified.key_index()),
        Ok(1)
    );
    assert_eq!(
        prepared.encode_as(&["before"], NOW),
        Ok(before.clone()),
        "a fallback never signs"
    );

    let third = SessionCodec::new(
        ring()
            .with_fallback(key(&KEY.repeat(2)))
            .with_fallback(key(OTHER_KEY)),
    );
    let verified = third.verify(&before, NOW).expect("the second fallback's");
    assert_eq!((verified.key_index(), verified.needs_resign()), (2, true));

    refused(&new, &before);
    assert!(new.verify(&after, NOW).is_ok());
}
