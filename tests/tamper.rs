//! Every value that differs from a signed one is refused.

mod common;

use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{Error, KeyRing, MaxAge, SessionCodec};

use common::{KEY, NOW, OTHER_KEY, codec, cookies, key, ring};

#[track_caller]
fn refused(codec: &SessionCodec, value: &str) {
    let expected = if value.matches(':').count() < 2 {
        Error::NotSigned
    } else {
        Error::BadSignature
    };
    match codec.verify(value, NOW) {
        Err(error) => assert_eq!(error, expected, "{value}"),
        Ok(_) => panic!("accepted: {value}"),
    }
}

/// Flips all eight bits of every byte. With the eighth, the value is no longer text: the replacement that a framework
/// makes is refused as well.
#[test]
fn every_flipped_bit_is_refused() {
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

/// The two differences would cancel out if the comparison combined them with XOR.
#[test]
fn two_equal_flips_in_the_signature_are_refused() {
    let (_, cookie) = &cookies()[0];
    let start = cookie.len() - 43;
    let mut pairs = 0;
    for (i, j) in (start..cookie.len()).flat_map(|j| (start..j).map(move |i| (i, j))) {
        for bit in 0..7 {
            let mut bytes = cookie.clone().into_bytes();
            bytes[i] ^= 1 << bit;
            bytes[j] ^= 1 << bit;
            refused(&codec(), &String::from_utf8(bytes).expect("ASCII"));
            pairs += 1;
        }
    }
    assert_eq!(pairs, 43 * 42 / 2 * 7);
}

#[test]
fn every_truncation_and_extension_is_refused() {
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

/// Puts each part of a cookie in the place of each part of another one.
#[test]
fn every_swap_of_parts_is_refused() {
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
fn text_without_three_parts_is_refused() {
    for value in ["", ":", "::", ":::", "a", "a:b", "a:b:c", "é:é:é"] {
        refused(&codec(), value);
    }
}

/// Text with too few separators gets an error of its own, but only if its signature is bad.
#[test]
fn text_with_too_few_separators_is_not_signed() {
    let (signer, stamper) = (Signer::new(ring()), TimestampSigner::new(ring()));
    let max_age = MaxAge::NoLimit;
    // A session key of Django's db engine.
    for text in ["", "wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4", &"x".repeat(4096)] {
        assert_eq!(codec().verify(text, NOW).err(), Some(Error::NotSigned));
        assert_eq!(signer.verify(text).err(), Some(Error::NotSigned));
        let error = stamper.verify(text, NOW, max_age).err();
        assert_eq!(error, Some(Error::NotSigned));
        let error = stamper.loads::<u8>(text, NOW, max_age);
        assert_eq!(error, Err(Error::NotSigned));
    }
    for text in [":", "a:", ":a", "a:b", &format!("a:{}", "b".repeat(43))] {
        assert_eq!(codec().verify(text, NOW).err(), Some(Error::NotSigned));
        assert_eq!(signer.verify(text).err(), Some(Error::BadSignature));
        let error = stamper.verify(text, NOW, max_age).err();
        assert_eq!(error, Some(Error::NotSigned));
    }
    let error = codec().verify("a:b:c", NOW).err();
    assert_eq!(error, Some(Error::BadSignature));
    // Another separator.
    let signer = Signer::new(ring()).with_separator("::").expect("safe");
    assert_eq!(signer.verify("a:b").err(), Some(Error::NotSigned));
    assert_eq!(signer.verify("a::b").err(), Some(Error::BadSignature));
    let stamper = TimestampSigner::new(ring());
    let stamper = stamper.with_separator("::").expect("safe");
    for (text, error) in [
        ("a::b:::c", Error::BadSignature),
        ("a:::b", Error::NotSigned),
    ] {
        assert_eq!(
            stamper.verify(text, NOW, max_age).err(),
            Some(error),
            "{text}"
        );
    }
    // With a good signature, the error is the one about the stamp, as before.
    let salt = "django.core.signing.TimestampSigner";
    let signed = Signer::new(ring()).with_salt(salt).sign("no stamp");
    let error = TimestampSigner::new(ring())
        .verify(&signed, NOW, max_age)
        .err();
    assert_eq!(error, Some(Error::MalformedStamp));
}

/// Flips the same bit in two characters: the differences must not cancel out.
#[test]
fn every_pair_of_flipped_bits_is_refused() {
    let signed = Signer::new(ring()).sign("x");
    let first = signed.len() - 43;
    let mut pairs = 0;
    for (one, other) in
        (first..signed.len()).flat_map(|at| (at + 1..signed.len()).map(move |other| (at, other)))
    {
        for bit in 0..7 {
            let mut bytes = signed.clone().into_bytes();
            bytes[one] ^= 1 << bit;
            bytes[other] ^= 1 << bit;
            let text = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(
                Signer::new(ring()).verify(&text).err(),
                Some(Error::BadSignature)
            );
            pairs += 1;
        }
    }
    assert_eq!(pairs, 43 * 42 / 2 * 7);
}

#[test]
fn a_signature_under_another_salt_is_refused() {
    for (_, cookie) in cookies() {
        refused(
            &codec()
                .with_max_length(8192)
                .with_salt("django.contrib.sessions.SessionStore"),
            &cookie,
        );
    }
}

/// The empty session, signed by Django's `TimestampSigner` with other algorithms of `hashlib`, and with hashes and
/// keys that a careless port might take. Nothing in a cookie selects an algorithm.
#[test]
fn a_signature_of_another_algorithm_is_refused() {
    let codec = codec();
    let of = |signature: &str| format!("e30:1r31eq:{signature}");
    let signature = "s3N6WqnIIap-TqywKIQ4Vk30OtLYvx-Owq250ugqQvA";
    assert!(codec.verify(&of(signature), NOW).is_ok());
    for (algorithm, signature) in [
        ("none", ""),
        ("MD5", "dFELRdrATQIe-EwtiQj9gw"),
        ("SHA-1, as before Django 3.1", "M0z-jO3-cZV99CX-QrLcEieXZOk"),
        (
            "SHA-384",
            "b06Hs6z0ZuKKUOZTKAXY27l6SCU5fsTgpC9UhyZOFOSTtqorXwz7lXuDYtgFlfjs",
        ),
        (
            "SHA-512",
            "2JRlEAPuZTcvT0fQQ85dYMgKx3aJOOORgAw0IRgSxIFFr_3M9ewbG8v6X8Dnw6bsOyfpM8G6HvzrOcYvszHdyA",
        ),
        (
            "SHA-512, cut",
            "2JRlEAPuZTcvT0fQQ85dYMgKx3aJOOORgAw0IRgSxII",
        ),
        ("SHA3-256", "ZTGjcPYB44I1Y4Piv1YQKmD7fXfbM2dCg8Kaa-03AQQ"),
        (
            "a hash without a key",
            "vudKakqB3M2tY-BHW7F1OskQOJ6dI7ZfniBHqOx0H8o",
        ),
        (
            "an empty key",
            "zt3EEL--cva6ogxgcw6aPZCvQiiyckBfHByfiSDdY6o",
        ),
        (
            "the secret as the key",
            "pJtlIaN4n7bRv67XiO8lGHWESj6xyrRG_3gNri_COso",
        ),
        (
            "a hash of secret and text",
            "MSgXOp8wvx6Gyp60bdEo1pihbqXJgy-W7ALcc1petBY",
        ),
        (
            "hex",
            "b3737a5aa9c821aa7e4eacb0288438564df43ad2d8bf1f8ec2adb9d2e82a42f0",
        ),
        ("base64", "s3N6WqnIIap+TqywKIQ4Vk30OtLYvx+Owq250ugqQvA="),
    ] {
        println!("{algorithm}");
        refused(&codec, &of(signature));
    }
}

/// With the same keys, the same text and the same stamp.
#[test]
fn what_signing_signs_is_no_session() {
    let payload = "e30";
    let sessions = TimestampSigner::new(ring()).with_salt(hardtack::SESSION_SALT);
    let signed = sessions.sign(payload, NOW).expect("signs");
    assert!(codec().verify(&signed, NOW).is_ok());
    let stamped = TimestampSigner::new(ring()).sign(payload, NOW);
    refused(&codec(), &stamped.expect("signs"));
    let (text, _) = signed.rsplit_once(':').expect("a signature");
    refused(&codec(), &Signer::new(ring()).sign(text));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let other = SessionCodec::new(KeyRing::new(key(OTHER_KEY))).with_max_length(8192);
    for (_, cookie) in cookies() {
        refused(&other, &cookie);
    }
}

/// A signature has exactly one spelling: no other case, no padding, no set bits among the unused ones of its last
/// character.
#[test]
fn another_spelling_of_the_signature_is_refused() {
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
fn no_session_is_lost_in_a_rotation() {
    let old = SessionCodec::new(KeyRing::new(key(OTHER_KEY)));
    let both = SessionCodec::new(ring().with_fallback(key(OTHER_KEY)));
    let new = SessionCodec::new(KeyRing::new(key(KEY)));
    // Step 1: as a fallback, the new key can read what it will sign later.
    let prepared = SessionCodec::new(KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY)));

    let before = old.encode_as(&["before"], NOW).expect("encodes");
    let after = both.encode_as(&["after"], NOW).expect("encodes");

    let verified = both.verify(&before, NOW).expect("a fallback key's");
    assert_eq!(verified.key_index(), 1);
    let verified = both.verify(&after, NOW).expect("the signing key's");
    assert_eq!(verified.key_index(), 0);
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
    assert_eq!(verified.key_index(), 2);

    refused(&new, &before);
    assert!(new.verify(&after, NOW).is_ok());
}
