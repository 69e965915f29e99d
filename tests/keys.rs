//! Keys: which constructor accepts which secrets.

mod common;

use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{Error, KeyRing, SecretKey};

use common::{KEY, NOW, codec, ring};

#[track_caller]
fn refused(secret: impl Into<Vec<u8>>, error: Error) {
    let secret = secret.into();
    assert_eq!(SecretKey::new(secret.clone()).err(), Some(error));
    assert_eq!(
        SecretKey::allow_weak(secret).err(),
        (error == Error::EmptyKey).then_some(error)
    );
}

#[test]
fn weak_keys_need_allow_weak() {
    refused("", Error::EmptyKey);
    refused("x", Error::ShortKey { length: 1 });
    refused(
        "abcdefghijklmnopqrstuvwxyz01234",
        Error::ShortKey { length: 31 },
    );
    refused(b"\xe7", Error::ShortKey { length: 1 });
    refused("é".repeat(15), Error::ShortKey { length: 30 });
    refused("abcd".repeat(20), Error::RepetitiveKey { distinct: 4 });
    refused([0; 64], Error::RepetitiveKey { distinct: 1 });
    refused(
        "django-insecure-2!x@k7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6",
        Error::InsecureKey,
    );
    refused("django-insecure-short", Error::ShortKey { length: 21 });
}

#[test]
fn good_keys_are_accepted() {
    assert!(SecretKey::new("abcdefghijklmnopqrstuvwxyz012345").is_ok());
    assert!(SecretKey::new("abcde".repeat(7)).is_ok());
    assert!(SecretKey::new("a-key-that-only-mentions-django-insecure-somewhere").is_ok());
    assert!(SecretKey::new((0..=255).collect::<Vec<u8>>()).is_ok());
    assert!(SecretKey::new(*b"abcdefghijklmnopqrstuvwxyz012345").is_ok());
}

/// Secrets that were read from a file or an environment variable, or copied from a spreadsheet.
#[test]
fn untrimmed_text_is_refused() {
    for margin in [
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "\n\n",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{a0}",
        "\u{2003}",
        "\u{2028}",
        "\u{3000}",
        "\u{feff}",
        "\u{feff} ",
    ] {
        refused(format!("{KEY}{margin}"), Error::UntrimmedKey);
        refused(format!("{margin}{KEY}"), Error::UntrimmedKey);
        refused(format!("{margin}{KEY}{margin}"), Error::UntrimmedKey);
        // Text in any script, and with several lines.
        refused(
            format!("{margin}ключ-длиннее-тридцати-двух-байт"),
            Error::UntrimmedKey,
        );
        refused(format!("{KEY}\r\n\t{KEY}{margin}"), Error::UntrimmedKey);
        // In the middle, white space is as good as any other character.
        assert!(
            SecretKey::new(format!("{KEY}{margin}{KEY}")).is_ok(),
            "{margin:?}"
        );
    }
    refused(
        [b"\xef\xbb\xbf", KEY.as_bytes()].concat(),
        Error::UntrimmedKey,
    );
    // A development key is reported as such once it is trimmed.
    let insecure = "django-insecure-2!x@k7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6";
    refused(format!("{insecure}\n"), Error::UntrimmedKey);
    // Spaces alone are refused for another weakness.
    refused(" ".repeat(40), Error::RepetitiveKey { distinct: 1 });
    refused("\n", Error::ShortKey { length: 1 });
    // Quotes and zero-width characters may be part of a key.
    for good in [format!("\"{KEY}\""), format!("{KEY}\u{200b}")] {
        assert!(SecretKey::new(good).is_ok());
    }
    // Trimmed as the docs say, it is the right key.
    let text = format!("{KEY}\r\n");
    let trimmed = KeyRing::new(SecretKey::new(text.trim_end()).expect("a good key"));
    let signed = Signer::new(ring()).sign("x");
    assert!(Signer::new(trimmed).verify(&signed).is_ok());
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn bytes(&mut self) -> [u8; 8] {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    }
}

#[test]
fn random_bytes_are_accepted() {
    let mut random = Random(7);
    let mut with_margin = 0;
    for at in 0..100_000 {
        let secret = [(); 4].map(|()| random.bytes()).concat();
        let is_margin = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
        with_margin += usize::from(
            secret.first().is_some_and(is_margin) || secret.last().is_some_and(is_margin),
        );
        assert!(SecretKey::new(secret.clone()).is_ok(), "{secret:?}");
        // Some have such a byte at one end, or a byte order mark.
        let margin = [&b"\n"[..], b" ", b"\r\n", b"\xef\xbb\xbf"][at % 4];
        let (mut first, mut last) = (secret.clone(), secret);
        first[..margin.len()].copy_from_slice(margin);
        last[32 - margin.len()..].copy_from_slice(margin);
        assert!(SecretKey::new(first).is_ok(), "{at}");
        assert!(SecretKey::new(last).is_ok(), "{at}");
    }
    // Expected: 6 of 256 bytes, at two places.
    assert!((4_000..6_000).contains(&with_margin), "{with_margin}");
    // Random 7-bit bytes are valid UTF-8 as well: they count as bytes if they have a control character.
    for at in 0..10_000 {
        let mut secret = [(); 4].map(|()| random.bytes()).concat();
        for byte in &mut secret {
            *byte &= 0x7f;
        }
        secret[1 + at % 30] = [0, 1, 0x1b, 0x7f][at % 4];
        let margin = [b'\n', b' ', b'\t', b'\r'][at / 4 % 4];
        secret[if at % 2 == 0 { 0 } else { 31 }] = margin;
        assert!(SecretKey::new(secret.clone()).is_ok(), "{secret:?}");
        // Without a control character, they count as text.
        let text: Vec<u8> = secret
            .into_iter()
            .filter(|it| *it >= b' ' && *it < 0x7f)
            .collect();
        let text = [&text, KEY.as_bytes(), &[margin][..]].concat();
        assert_eq!(SecretKey::new(text).err(), Some(Error::UntrimmedKey));
    }
}

/// From Django's own `tests/signing/tests.py`.
#[test]
fn signatures_are_those_of_djangos_tests() {
    let weak = |secret: &[u8]| KeyRing::new(SecretKey::allow_weak(secret).expect("not empty"));
    assert_eq!(
        Signer::new(weak(b"\xe7")).sign("foo"),
        "foo:EE4qGC5MEKyQG5msxYA0sBohAxLC0BJf8uRhemh0BGU"
    );
    for separator in ["/", "*sep*", ","] {
        let signer = Signer::new(weak(b"predictable-secret"))
            .with_separator(separator)
            .expect("a safe one");
        assert_eq!(
            signer.sign("foo"),
            format!("foo{separator}jZQoX_FtSO70jX9HLRGg2A_2s4kdDBxz1QoO_OpEQb0")
        );
        assert_eq!(
            signer.verify(&signer.sign("foo")).map(|text| text.text()),
            Ok("foo")
        );
    }
}

#[test]
fn separators_follow_djangos_rule() {
    for unsafe_one in ["", "-", "abc", "A-Z_09=", "[", "]^_`\\", "a\n", "\n"] {
        assert_eq!(
            Signer::new(ring()).with_separator(unsafe_one).err(),
            Some(Error::UnsafeSeparator),
            "{unsafe_one:?}"
        );
        assert!(
            TimestampSigner::new(ring())
                .with_separator(unsafe_one)
                .is_err()
        );
    }
    for safe_one in [":", "a:", ".", "~", " ", "é", "\n\n", "\r\n", "-:-", "١"] {
        let signer = TimestampSigner::new(ring())
            .with_separator(safe_one)
            .expect(safe_one);
        let text = format!("a{safe_one}b{safe_one}");
        let signed = signer.sign(&text, 0).expect("signs");
        assert_eq!(
            signer
                .verify(&signed, 0, hardtack::MaxAge::NoLimit)
                .map(|text| text.text()),
            Ok(text.as_str())
        );
    }
}

#[test]
fn an_empty_salt_selects_the_default() {
    let signer = Signer::new(ring());
    assert_eq!(signer.salt(), "django.core.signing.Signer");
    assert_ne!(
        signer.sign("x"),
        signer.clone().with_salt("other").sign("x")
    );
    // As in Django, an empty salt means the default.
    assert_eq!(
        signer.sign("x"),
        signer.clone().with_salt("other").with_salt("").sign("x")
    );
    let salt = "django.core.signing.TimestampSigner";
    let stamper = TimestampSigner::new(ring()).with_salt("");
    assert_eq!(stamper.signer().salt(), salt);
    assert_eq!(
        stamper.sign("x", NOW),
        stamper.clone().with_salt(salt).sign("x", NOW)
    );
    // A codec's default salt is that of the session engine.
    assert_eq!(
        codec().with_salt("x").with_salt("").encode_as(&[1], 0),
        codec().encode_as(&[1], 0)
    );
}

#[test]
fn a_key_of_text_equals_one_of_its_bytes() {
    let text = Signer::new(ring()).sign("x");
    let bytes = KeyRing::new(SecretKey::new(KEY.as_bytes()).expect("a good key"));
    assert_eq!(Signer::new(bytes).sign("x"), text);
}

#[test]
fn a_signature_can_be_computed_alone() {
    let signer = Signer::new(ring());
    assert_eq!(format!("x:{}", signer.signature("x")), signer.sign("x"));
    let stamper = TimestampSigner::new(ring()).with_salt(signer.salt());
    assert_eq!(stamper.signer().signature(b"x"), signer.signature("x"));
}
