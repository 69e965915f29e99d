//! Text with a valid signature that is not a session: each kind gets its own error.

mod common;

use std::time::Duration;

use hardtack::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};
use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{Error, SESSION_SALT, Session, Timestamp};

use common::{NOW, codec, ring};

/// Returns a cookie with this payload, signed as a session.
fn signed(payload: &str) -> String {
    TimestampSigner::new(ring())
        .with_salt(SESSION_SALT)
        .sign(payload, NOW)
        .expect("signs")
}

#[track_caller]
fn decodes_to(payload: &str, result: Result<&str, Error>) {
    let session = codec()
        .decode(&signed(payload), NOW)
        .map(|session| session.to_json());
    assert_eq!(
        session.as_deref().map_err(|&error| error),
        result,
        "{payload}"
    );
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[track_caller]
fn json(text: impl AsRef<[u8]>, result: Result<&str, Error>) {
    decodes_to(&base64url(text.as_ref()), result);
    if let Ok(text) = str::from_utf8(text.as_ref()) {
        let session = Session::from_json(text).map(|session| session.to_json());
        assert_eq!(session.as_deref().map_err(|&error| error), result, "{text}");
    }
}

#[test]
fn malformed_stamps_are_errors() {
    let signer = Signer::new(ring()).with_salt(SESSION_SALT);
    let stamped = |stamp: &str| signer.sign(&format!("e30:{stamp}"));
    for stamp in [
        "",
        "-",
        "!",
        "1 ",
        "é",
        "AzL8n0Y58m8",
        "zzzzzzzzzzzzzzzzzzzzzzzz",
        "1_000",
        "+1",
    ] {
        assert_eq!(
            codec().verify(&stamped(stamp), NOW).err(),
            Some(Error::MalformedStamp),
            "{stamp}"
        );
    }
    let expired = Error::Expired {
        age: Duration::from_secs(NOW.abs_diff(i64::MIN)),
        max_age: DEFAULT_MAX_AGE,
    };
    for (stamp, verified) in [
        ("1r31eq", Ok(NOW)),
        ("001r31eq", Ok(NOW)),
        ("-AzL8n0Y58m8", Err(expired)),
        // The end of the year 9999, a second later, milliseconds, and the largest number of 64 bits.
        ("4SbCEFr", Ok(MAX_UNIX_SECONDS)),
        ("4SbCEFs", Err(Error::TimeOutOfRange)),
        ("Tvcokgi", Err(Error::TimeOutOfRange)),
        ("AzL8n0Y58m7", Err(Error::TimeOutOfRange)),
    ] {
        let issued_at = codec()
            .verify(&stamped(stamp), NOW)
            .map(|verified| verified.issued_at());
        assert_eq!(issued_at, verified.map(Timestamp::from), "{stamp}");
    }
    // No stamp at all: text that `Signer` signed under the salt of sessions.
    assert_eq!(
        codec().verify(&signer.sign("e30"), NOW).err(),
        Some(Error::MalformedStamp)
    );
}

#[test]
fn malformed_base64_is_an_error() {
    decodes_to("e30", Ok("{}"));
    for payload in [
        "e30=",
        "e3",
        "e31",
        "e",
        "e30 ",
        "e3\n0",
        " e30",
        "e30é",
        "e+/=",
        "eyJhIjoi_-8ifQ+",
        "..e30",
        "e.30",
    ] {
        decodes_to(payload, Err(Error::MalformedBase64));
    }
    decodes_to("", Err(Error::MalformedJson { offset: 0 }));
}

#[test]
#[cfg(feature = "compress")]
fn malformed_zlib_is_an_error() {
    let stream =
        miniz_oxide::deflate::compress_to_vec_zlib(br#"{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#, 6);
    let compressed = |bytes: &[u8]| format!(".{}", base64url(bytes));
    decodes_to(
        &compressed(&stream),
        Ok(r#"{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#),
    );
    for length in 0..stream.len() {
        decodes_to(&compressed(&stream[..length]), Err(Error::MalformedZlib));
    }
    decodes_to(
        &compressed(&[stream.as_slice(), b"x"].concat()),
        Err(Error::MalformedZlib),
    );
    decodes_to(
        &compressed(&[stream.as_slice(), &stream].concat()),
        Err(Error::MalformedZlib),
    );
    let mut checksum = stream.clone();
    *checksum.last_mut().expect("not empty") ^= 1;
    decodes_to(&compressed(&checksum), Err(Error::MalformedZlib));
    decodes_to(&compressed(b"not zlib"), Err(Error::MalformedZlib));
    // A preset dictionary, a raw deflate stream, gzip.
    decodes_to(
        &compressed(&[0x78, 0xbb, 0, 0, 0, 0]),
        Err(Error::MalformedZlib),
    );
    decodes_to(
        &compressed(&miniz_oxide::deflate::compress_to_vec(b"{}", 6)),
        Err(Error::MalformedZlib),
    );
    decodes_to(".", Err(Error::MalformedZlib));
    decodes_to(".e3", Err(Error::MalformedBase64));
    decodes_to(
        &compressed(&miniz_oxide::deflate::compress_to_vec_zlib(b"[]", 6)),
        Err(Error::NotAnObject),
    );
}

/// A stream that refers to bytes before its own beginning, where the previous session may still be in memory. None of
/// them is returned, even if the creator of the stream knew their checksum.
#[test]
#[cfg(feature = "compress")]
fn zlib_reads_nothing_before_its_beginning() {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

    const DISTANCE: usize = 32_768;
    let before = format!(r#"{{"secret":"{}"}}"#, "0123456789".repeat(20));
    let zlib = |text: &str| miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6);
    let compressed = |bytes: &[u8]| format!(".{}", base64url(bytes));

    // A block with fixed codes (RFC 1951, section 3.2.6), bit by bit: text, three bytes from far back, text, the end.
    let mut bits = vec![1, 1, 0];
    let mut code = |value: usize, length: usize| {
        bits.extend((0..length).rev().map(|at| u8::from(value >> at & 1 == 1)));
    };
    let literal = |byte: u8| 0x30 + usize::from(byte);
    br#"{"a":""#.iter().for_each(|&byte| code(literal(byte), 8));
    code(1, 7); // length 3
    code(29, 5); // distance 24577 and more:
    code((1 << 13) - 1, 13); // 8191 more
    br#""}"#.iter().for_each(|&byte| code(literal(byte), 8));
    code(0, 7);
    let block = bits.chunks(8).map(|bits| {
        let each = bits.iter().enumerate();
        each.fold(0, |byte, (at, bit)| byte | bit << at)
    });
    let block: Vec<u8> = block.collect();

    let tail = &before[before.len() - 3..];
    for expected in ["\0\0\0", &before[..3], &before[6..9], tail] {
        let whole = format!(r#"{{"a":"{expected}"}}"#);
        let checksum = &zlib(&whole)[zlib(&whole).len() - 4..];
        let stream = [&[0x78, 0x9c], block.as_slice(), checksum].concat();
        decodes_to(&compressed(&zlib(&before)), Ok(&before)); // this stays in memory
        decodes_to(&compressed(&stream), Err(Error::MalformedZlib));
    }

    // The block itself is valid: after enough text, it is read.
    let mut memory = vec![b'x'; DISTANCE + 16];
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut decoder = DecompressorOxide::new();
    let (status, _, written) = decompress(&mut decoder, &block, &mut memory, DISTANCE, flags);
    assert_eq!(status, TINFLStatus::Done);
    assert_eq!(&memory[DISTANCE..DISTANCE + written], br#"{"a":"xxx"}"#);
}

#[test]
#[cfg(not(feature = "compress"))]
fn zlib_without_the_feature_is_an_error() {
    decodes_to(".e30", Err(Error::CompressionDisabled));
    assert!(codec().verify(&signed(".e30"), NOW).is_ok());
}

#[test]
fn malformed_json_is_an_error() {
    let malformed = |offset| Err(Error::MalformedJson { offset });
    json("", malformed(0));
    json("  ", malformed(2));
    json("{", malformed(1));
    json("{}x", malformed(2));
    json("{} {}", malformed(3));
    json("{]", malformed(1));
    json(r#"{"a"}"#, malformed(4));
    json(r#"{"a":}"#, malformed(5));
    json(r#"{"a":1,}"#, malformed(7));
    json(r#"{,"a":1}"#, malformed(1));
    json(r#"{"a":1 "b":2}"#, malformed(7));
    json(r#"{"a":[1,]}"#, malformed(8));
    json(r#"{"a":[1}"#, malformed(7));
    json(r#"{"a":[1 2]}"#, malformed(8));
    json("{a:1}", malformed(1));
    json("{'a':1}", malformed(1));
    json(r#"{"a":tru}"#, malformed(5));
    json(r#"{"a":True}"#, malformed(5));
    json(r#"{"a":nan}"#, malformed(5));
    json(r#"{"a":Infinit}"#, malformed(5));
    json(r#"{"a":-infinity}"#, malformed(6));
    json(r#"{"a":+1}"#, malformed(5));
    json(r#"{"a":01}"#, malformed(6));
    json(r#"{"a":-}"#, malformed(6));
    json(r#"{"a":1.}"#, malformed(7));
    json(r#"{"a":.5}"#, malformed(5));
    json(r#"{"a":1e}"#, malformed(7));
    json(r#"{"a":1e+}"#, malformed(8));
    json(r#"{"a":0x1}"#, malformed(6));
    json(r#"{"a":"}"#, malformed(7));
    json(r#"{"a":"\x"}"#, malformed(7));
    json(r#"{"a":"\u12g4"}"#, malformed(10));
    json(r#"{"a":"\u12"}"#, malformed(10));
    json("{\"a\":\"\n\"}", malformed(6));
    json("{\"a\":\"\0\"}", malformed(6));
    json("{\"a\":\"\x1f\"}", malformed(6));
    json("{\x0c}", malformed(1));
    json("\x0b{}", malformed(0));
    json("\u{feff}{}", malformed(0));
    json("{}\u{a0}", malformed(2));
    json("/**/{}", malformed(0));
    json(b"{\"a\":\"\xff\"}", malformed(6));
    json(b"{\"a\":\"\xc3\"}", malformed(6));
    json(b"{\"a\":\"\xed\xa0\x80\"}", malformed(6));
    json("[1]", Err(Error::NotAnObject));
    json("[1", malformed(2));
    json(r#"{"\ud800":1}"#, Err(Error::LoneSurrogate));
    json(r#"{"a":{"\ud800":1}}"#, Ok(r#"{"a":{"\ud800":1}}"#));
    json(r#"{"\ud83d\ude00":1}"#, Ok(r#"{"\ud83d\ude00":1}"#));
}

/// A struct would refuse a duplicate field, but only the last one reaches it.
#[test]
fn a_type_gets_the_last_of_duplicate_keys() {
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Typed {
        a: u8,
        nested: std::collections::BTreeMap<String, u8>,
    }
    let json = r#"{"a":1,"nested":{"x":1},"\u0061":2,"nested":{"x":2,"y":3},"a":7}"#;
    let typed = Typed {
        a: 7,
        nested: [("x".to_owned(), 2), ("y".to_owned(), 3)].into(),
    };
    let cookie = common::signed(json, NOW);
    assert_eq!(codec().decode_as(&cookie, NOW), Ok(typed));
}

#[test]
fn loads_uses_the_last_of_duplicate_keys() {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct One {
        a: u8,
    }
    let signer = Signer::new(ring());
    let signed = signer.sign(&base64url(br#"{"a":1,"a":2}"#));
    assert_eq!(signer.loads::<One>(&signed), Ok(One { a: 2 }));
}
