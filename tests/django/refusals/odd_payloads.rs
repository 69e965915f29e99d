//! Cookies with a valid signature, and with stamps, base64 or zlib streams that no Django writes.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hardtack::SessionCodec;
use hardtack::limits::MAX_UNIX_SECONDS;
use hardtack::signing::b62_encode;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use serde_json::json;

use super::{Case, NOW, READ_AT, compressed, keys, last_bits, ring, signed, zlib};

pub(super) fn cases() -> impl Iterator<Item = Case> {
    stamps()
        .chain(base64_texts())
        .chain(zlib_streams())
        .chain(sizes())
}

// ---- stamps ----------------------------------------------------------------------------------------------

fn stamps() -> impl Iterator<Item = Case> {
    let read_at = b62_encode(READ_AT);
    let good = b62_encode(NOW);
    let stamps = [
        ("now", good.clone()),
        ("one leading zero", format!("0{good}")),
        ("leading zeros", format!("{}{good}", "0".repeat(40))),
        ("exactly at the limit", b62_encode(READ_AT - 1_209_600)),
        ("one second over the limit", b62_encode(READ_AT - 1_209_601)),
        ("in a second", b62_encode(READ_AT + 1)),
        ("six digits, all z", "zzzzzz".into()),
        ("ten digits", "zzzzzzzzzz".into()),
        ("eleven digits, in range", "10000000000".into()),
        ("the end of 9999", b62_encode(MAX_UNIX_SECONDS)),
        ("a second after 9999", b62_encode(MAX_UNIX_SECONDS + 1)),
        ("milliseconds", b62_encode(NOW * 1000)),
        ("the last of i64", b62_encode(i64::MAX)),
        ("one beyond i64", "AzL8n0Y58m8".into()),
        ("the first of i64", b62_encode(i64::MIN)),
        ("one before i64", "-AzL8n0Y58m9".into()),
        ("one beyond u64", "LygHa16AHYG".into()),
        ("eleven digits, all z", "zzzzzzzzzzz".into()),
        ("sign and eleven z", "-zzzzzzzzzzz".into()),
        ("thirty digits", "z".repeat(30)),
        ("beyond every float", "z".repeat(200)),
        ("zero", "0".into()),
        ("zeros", "000".into()),
        ("one", "1".into()),
        ("empty", String::new()),
        ("minus", "-".into()),
        ("minus zero", "-0".into()),
        ("minus one", "-1".into()),
        ("minus now", format!("-{good}")),
        ("two minus signs", format!("--{good}")),
        ("minus at the end", format!("{good}-")),
        ("plus", format!("+{good}")),
        ("space in front", format!(" {good}")),
        ("space behind", format!("{good} ")),
        ("newline behind", format!("{good}\n")),
        ("underscore", "1_000".into()),
        ("dot", "1.5".into()),
        ("padding", format!("{good}=")),
        ("accented letter", format!("{}\u{e9}", &good[..5])),
        ("Arabic digit", format!("{}\u{661}", &good[..5])),
        ("wide digit", format!("{}\u{ff11}", &good[..5])),
        ("NUL", format!("{good}\0")),
        ("in decimal digits", NOW.to_string()),
        ("in hex", format!("0x{NOW:x}")),
        ("the reader's", read_at),
    ];
    let cases = stamps.into_iter().flat_map(|(name, stamp)| {
        let case = || Case::new(format!("stamp: {name}"), signed(&format!("e30:{stamp}")));
        [case(), case().without_max_age()]
    });
    cases.chain([
        Case::new("stamp: none, nor a payload", signed("")),
        Case::new("stamp: none", signed("e30")),
        Case::new("stamp: separator only", signed(":")),
    ])
}

// ---- base64 ----------------------------------------------------------------------------------------------

/// Returns JSON whose base64url text has every special character, in three lengths, two of which leave unused bits.
fn texts() -> [(&'static str, String); 3] {
    let text = |end: &str| format!(r#"{{"a":">>>>>>??????{end}"}}"#);
    [
        ("4 slack bits", text("..")),
        ("no slack", text(".")),
        ("2 slack bits", text("")),
    ]
}

fn base64_texts() -> impl Iterator<Item = Case> {
    let of_texts = texts().into_iter().flat_map(|(length, json)| {
        let payload = URL_SAFE_NO_PAD.encode(&json);
        assert!(payload.contains('-') && payload.contains('_'), "{payload}");
        respelled(&json, &payload)
            .chain(inserted(&payload))
            .chain(slack(&payload))
            .map(|(name, payload)| Case::payload(format!("base64: {length}, {name}"), &payload))
            .collect::<Vec<_>>()
    });
    let others = [
        ("empty", ""),
        ("one dot", "."),
        ("two dots", ".."),
        ("padding only", "===="),
        ("one character", "e"),
        ("foreign only", "!!!!"),
        ("non-ASCII only", "\u{e9}"),
    ];
    of_texts.chain(others.map(|(name, payload)| Case::payload(format!("base64: {name}"), payload)))
}

fn respelled(json: &str, payload: &str) -> impl Iterator<Item = (String, String)> {
    let padded = URL_SAFE.encode(json);
    [
        ("as Django writes it", payload.to_owned()),
        ("padded", padded.clone()),
        ("one = more", format!("{payload}=")),
        ("four = more", format!("{payload}====")),
        ("= in front", format!("={payload}")),
        ("+ and /", STANDARD_NO_PAD.encode(json)),
        ("+ alone", payload.replace('-', "+")),
        ("/ alone", payload.replace('_', "/")),
        ("a character more", format!("{payload}A")),
        ("a character less", payload[..payload.len() - 1].into()),
        ("newline behind", format!("{payload}\n")),
        ("four newlines behind", format!("{payload}\n\n\n\n")),
        ("space in front", format!(" {payload}")),
        ("two payloads", format!("{payload}{payload}")),
        ("a payload behind padding", format!("{padded}{payload}")),
        ("a payload and a separator", format!("{payload}:{payload}")),
        ("marked as compressed", format!(".{payload}")),
    ]
    .map(|(name, payload)| (name.to_owned(), payload))
    .into_iter()
}

/// One foreign byte changes Django's padding; four do not.
fn inserted(payload: &str) -> impl Iterator<Item = (String, String)> {
    let (head, tail) = payload.split_at(8);
    let one = ["!", "=", "."];
    let four = [
        "!!!!",
        "====",
        "....",
        "::::",
        "    ",
        "\n\n\n\n",
        "\0\0\0\0",
        "\u{e9}\u{e9}",
        "%%%%",
    ];
    one.into_iter()
        .chain(four)
        .map(move |more| (format!("{more:?} inside"), format!("{head}{more}{tail}")))
}

/// Another last character for the same bytes, if some of its bits are unused.
fn slack(payload: &str) -> impl Iterator<Item = (String, String)> {
    let spellings = match payload.len() % 4 {
        2 => 16,
        3 => 4,
        _ => 1,
    };
    last_bits(payload, spellings).map(|(bits, payload)| (format!("slack {bits}"), payload))
}

// ---- zlib ------------------------------------------------------------------------------------------------

const JSON: &[u8] = br#"{"cart":["boots","boots","boots","boots","boots"]}"#;

fn zlib_streams() -> impl Iterator<Item = Case> {
    let stream = zlib(JSON);
    let cut = (0..stream.len()).map(|length| {
        (
            format!("the first {length} bytes"),
            stream[..length].to_vec(),
        )
    });
    let bits = (0..stream.len() * 8).map(|bit| {
        let mut stream = stream.clone();
        stream[bit / 8] ^= 1 << (bit % 8);
        (
            format!("bit {} of byte {} flipped", bit % 8, bit / 8),
            stream,
        )
    });
    let levels =
        (0..=10).map(|level| (format!("level {level}"), compress_to_vec_zlib(JSON, level)));
    headers(&stream)
        .chain(streams(&stream))
        .chain(cut)
        .chain(bits)
        .chain(levels)
        .map(|(name, stream)| Case::payload(format!("zlib: {name}"), &compressed(&stream)))
        .chain([
            Case::payload("zlib: not marked", &URL_SAFE_NO_PAD.encode(&stream)),
            Case::payload("zlib: marked twice", &format!(".{}", compressed(&stream))),
            Case::payload("zlib: twice", &compressed(&zlib(&zlib(JSON)))),
            Case::payload("zlib: padded", &format!(".{}", padded(&stream))),
        ])
        .collect::<Vec<_>>()
        .into_iter()
}

/// Encodes the stream with padding, whatever its length.
fn padded(stream: &[u8]) -> String {
    let text = URL_SAFE.encode(stream);
    if text.ends_with('=') {
        text
    } else {
        text + "===="
    }
}

/// The two bytes of the header: every window size, every level, and invalid ones (RFC 1950, section 2.2).
fn headers(stream: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let with = |cmf: u8, flags: u8| {
        let check = 31 - u8::try_from((u16::from(cmf) * 256 + u16::from(flags)) % 31).unwrap_or(0);
        [&[cmf, flags + check % 31], &stream[2..]].concat()
    };
    let windows = (0..16).map(|window: u8| {
        (
            format!("window of 2**{}", 8 + window),
            with(window << 4 | 8, 0x80),
        )
    });
    let levels =
        (0..4).map(|level: u8| (format!("header of level {level}"), with(0x78, level << 6)));
    let methods = (0..16).filter(|&method| method != 8);
    let methods = methods.map(|method: u8| (format!("method {method}"), with(0x70 | method, 0x80)));
    windows
        .chain(levels)
        .chain(methods)
        .chain([("dictionary".into(), with(0x78, 0xa0))])
        .collect::<Vec<_>>()
        .into_iter()
}

fn streams(stream: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let adler = &stream[stream.len() - 4..];
    let length = u8::try_from(JSON.len()).expect("short");
    let stored = |length: u8, inverse: u8| {
        let block = [&[0x78, 0x9c, 1, length, 0, inverse, 0xff], JSON, adler];
        block.concat()
    };
    // Two stored blocks, the first one not marked as the last.
    let (head, tail) = JSON.split_at(10);
    let rest = length - 10;
    let two = [
        &[0x78, 0x9c, 0, 10, 0, !10, 0xff],
        head,
        &[1, rest, 0, !rest, 0xff],
        tail,
        adler,
    ];
    let swapped: Vec<u8> = adler.iter().rev().copied().collect();
    let body = &stream[..stream.len() - 4];
    let named = [
        ("a byte behind", [stream, &[0]].concat()),
        ("a newline behind", [stream, b"\n"].concat()),
        ("junk behind", [stream, b"junk behind"].concat()),
        ("two streams", [stream, stream].concat()),
        ("a byte in front", [&[0], stream].concat()),
        ("checksum of zeros", [body, &[0; 4]].concat()),
        ("checksum of nothing", [body, &[0, 0, 0, 1]].concat()),
        ("checksum in the other order", [body, &swapped].concat()),
        ("raw deflate", compress_to_vec(JSON, 6)),
        (
            "gzip header",
            [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &stream[2..]].concat(),
        ),
        ("of nothing", zlib(b"")),
        ("a stored block", stored(length, !length)),
        (
            "a stored block of another length",
            stored(length, !length ^ 1),
        ),
        ("two stored blocks", two.concat()),
        (
            "a block of the reserved type",
            vec![0x78, 0x9c, 7, 0, 0, 0, 0, 0, 0],
        ),
        (
            "a distance before the start",
            vec![0x78, 0x9c, 0x03, 0x02, 0, 0, 0, 0, 1],
        ),
    ];
    named
        .map(|(name, stream)| (name.to_owned(), stream))
        .into_iter()
}

// ---- sizes -----------------------------------------------------------------------------------------------

fn sizes() -> impl Iterator<Item = Case> {
    // Without limits, so that the odd cookies can be created.
    let codec = SessionCodec::new(ring(&keys()))
        .with_max_length(1 << 20)
        .with_max_json_length(1 << 22);
    let zeros = move |length: usize| {
        let cookie = codec.encode_as(&json!({"a": "0".repeat(length - r#"{"a":""}"#.len())}), NOW);
        cookie.expect("encodes")
    };
    // zlib makes it shorter than hardtack does.
    let bomb = format!(r#"{{"a":"{}"}}"#, "0".repeat(2_999_992));
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(bomb.as_bytes(), 9);
    let bomb = Case::payload(
        "size: 3 MB in one cookie",
        &format!(".{}", URL_SAFE_NO_PAD.encode(bomb)),
    );
    let length = bomb.cookie.len();
    assert!(length <= 4096, "a bomb of {length} characters");
    // Stamp, signature and separators add 51 characters. (No base64 text results in exactly 4096.)
    let long = |length: usize| {
        let json = format!(r#"{{"a":"{}"}}"#, "0".repeat((length - 51) * 3 / 4 - 8));
        Case::payload(
            format!("size: {length} characters"),
            &URL_SAFE_NO_PAD.encode(json),
        )
    };
    let [longest, too_long] = [long(4095), long(4097)];
    assert_eq!((longest.cookie.len(), too_long.cookie.len()), (4095, 4097));
    [
        longest,
        too_long,
        Case::new("size: 64 KiB of JSON", zeros(65_536)),
        Case::new("size: a byte more than 64 KiB of JSON", zeros(65_537)),
        bomb,
    ]
    .into_iter()
}
