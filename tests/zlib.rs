//! The compressor alone, without the codec: two other libraries must inflate each stream to what went in.

#![cfg(feature = "compress")]

extern crate alloc;

#[path = "../src/zlib/deflate/mod.rs"]
mod deflate;
#[path = "common/kinds.rs"]
mod kinds;

use std::io::Read;

use deflate::{Deflater, Effort};
use kinds::{Numbers, kinds};

const EFFORTS: [Effort; 2] = [Effort::Fast, Effort::Thorough];

/// Returns the stream of `data`, after checking it.
#[track_caller]
fn checked(deflater: &mut Deflater, data: &[u8], effort: Effort) -> Vec<u8> {
    let mut stream = vec![7; 3];
    assert!(deflater.deflate(data, effort, usize::MAX, &mut stream));
    let mut inflated = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(stream.as_slice());
    decoder
        .read_to_end(&mut inflated)
        .expect("zlib-rs reads it");
    assert!(inflated == data, "zlib-rs, {effort:?}, {}", data.len());
    assert_eq!(usize::try_from(decoder.total_in()), Ok(stream.len()));
    let inflated = miniz_oxide::inflate::decompress_to_vec_zlib(&stream);
    let inflated = inflated.expect("miniz_oxide reads it");
    assert!(inflated == data, "miniz_oxide, {effort:?}, {}", data.len());
    stream
}

#[test]
fn every_length() {
    let mut deflater = Deflater::default();
    for (kind, bytes) in kinds(5000) {
        for length in 0..=bytes.len() {
            let data = &bytes[..length];
            let stream = checked(&mut deflater, data, Effort::Fast);
            // A stored block has five bytes more.
            assert!(stream.len() <= 2 + 5 + length + 4, "{kind}, {length}");
            if length < 300 || length % 251 == 0 {
                let thorough = checked(&mut deflater, data, Effort::Thorough);
                // It begins with the fixed codes, so a short text can come out a few bytes longer.
                let most = if length < 300 {
                    stream.len() + 8
                } else {
                    stream.len()
                };
                assert!(thorough.len() <= most, "{kind}, {length}");
            }
        }
    }
}

/// A block has at most 61,440 bytes and, if it is fast, 1,024 matches; the next window moves by 28,672 bytes.
#[test]
fn longer_than_a_block_and_a_window() {
    let mut deflater = Deflater::default();
    for length in [32_769, 61_439, 61_440, 61_441, 90_112, 90_113, 150_000] {
        for (_, bytes) in kinds(length) {
            checked(&mut deflater, &bytes, Effort::Fast);
        }
    }
    for (_, bytes) in kinds(70_000) {
        checked(&mut deflater, &bytes, Effort::Thorough);
    }
}

/// Lengths and distances at both ends of their ranges (RFC 1951, section 3.2.5), and one beyond.
#[test]
fn every_length_and_distance_of_a_match() {
    let mut numbers = Numbers(1);
    let mut deflater = Deflater::default();
    let noise = numbers.bytes(33_100, 256);
    for distance in [
        1, 2, 3, 4, 5, 7, 8, 9, 4096, 4097, 8192, 32_767, 32_768, 32_769,
    ] {
        for length in [
            2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 130, 257, 258, 259, 516, 517,
        ] {
            let mut data = noise[..distance.max(length)].to_vec();
            for _ in 0..length {
                data.push(data[data.len() - distance]);
            }
            data.extend_from_slice(b"the end");
            for effort in EFFORTS {
                let stream = checked(&mut deflater, &data, effort);
                if distance <= 32_768 && length >= 130 {
                    assert!(stream.len() < data.len() - 64, "{distance}, {length}");
                }
            }
        }
    }
}

/// Frequencies for which Huffman codes would have 16 bits, so that they are limited to 15: each of ten is the sum of the two
/// before it, of which the first is that of the end of the block. Among 64 more frequent bytes, few matches form.
#[test]
fn codes_at_their_limit() {
    let mut data = Vec::new();
    let (mut frequency, mut next) = (1, 2);
    for symbol in 0..74 {
        data.extend(vec![symbol; frequency]);
        if symbol < 10 {
            (frequency, next) = (next, frequency + next);
        }
    }
    let mut numbers = Numbers(3);
    for at in (1..data.len()).rev() {
        let other = numbers.below(u64::try_from(at).expect("fits") + 1);
        data.swap(at, usize::try_from(other).expect("fits"));
    }
    for effort in EFFORTS {
        checked(&mut Deflater::default(), &data, effort);
    }
}

/// Few symbols: none, one literal, one literal and one length.
#[test]
fn few_symbols() {
    for data in [&b""[..], b"a", b"\0", b"\xff", b"aa", b"aaaaaaaaaa"] {
        for effort in EFFORTS {
            checked(&mut Deflater::default(), data, effort);
        }
    }
}

#[test]
fn the_limit_is_exact() {
    let mut deflater = Deflater::default();
    let mut out = Vec::new();
    for length in [0, 1, 100, 3000, 40_000] {
        for (kind, bytes) in kinds(length) {
            for effort in EFFORTS {
                let stream = checked(&mut deflater, &bytes, effort);
                for limit in [0, 1, 2, 5, 6, stream.len() / 2, stream.len() - 1] {
                    let fits = deflater.deflate(&bytes, effort, limit, &mut out);
                    assert!(!fits, "{kind}, {length}, {limit}");
                    assert!(out.len() <= limit + 8, "{kind}, {length}, {limit}");
                }
                assert!(deflater.deflate(&bytes, effort, stream.len(), &mut out));
                assert_eq!(out, stream, "{kind}, {length}");
            }
        }
    }
}

/// Lists as they are in sessions, from much to little repetition. For some of them the fast parse makes streams that are 40 %
/// longer than zlib's.
fn lists(numbers: &mut Numbers, kind: usize, length: usize) -> Vec<u8> {
    let mut text = String::from("{\"cart\":[");
    while text.len() < length {
        let (a, b) = (numbers.below(1000), numbers.below(5));
        let item = match kind {
            0 => format!("{{\"id\":{a},\"qty\":{b}}},"),
            1 => format!("{{\"product_id\":{a},\"quantity\":{b},\"selected\":true}},"),
            2 => format!(
                "\"{a}\":{{\"quantity\":{b},\"price\":\"{b}.{}\"}},",
                a % 100
            ),
            3 => format!("{{\"seen\":true,\"a\":null,\"b\":[],\"k\":{}}},", a % 100),
            4 => format!("[{},{}],", a % 64, b),
            5 => {
                ["true,", "false,", "null,", "[],", "0,"][usize::try_from(b).expect("small")].into()
            }
            _ => format!("\"2024-01-{:02}T{b:02}:{:02}\",", a % 30, a % 60),
        };
        text += &item;
    }
    text.into_bytes()
}

/// What zlib at level 6 fits into a cookie, the thorough parse does.
#[test]
fn thorough_is_no_longer_than_zlib() {
    let mut numbers = Numbers(5);
    let mut deflater = Deflater::default();
    let mut zlib = flate2::Compress::new(flate2::Compression::new(6), true);
    let mut out = vec![0; 20_000];
    let mut compare = |data: &[u8], name: &str| {
        let stream = checked(&mut deflater, data, Effort::Thorough);
        zlib.reset();
        let status = zlib.compress(data, &mut out, flate2::FlushCompress::Finish);
        assert_eq!(status.ok(), Some(flate2::Status::StreamEnd));
        let (ours, theirs) = (u64::try_from(stream.len()).expect("fits"), zlib.total_out());
        assert!(ours <= theirs, "{name}, {}: {ours}, {theirs}", data.len());
    };
    for _ in 0..50 {
        let length = 6000 + usize::try_from(numbers.below(6000)).expect("small");
        compare(&numbers.json(length), "json");
    }
    for kind in 0..7 {
        for length in [5000, 12_000, 25_000, 45_000] {
            compare(&lists(&mut numbers, kind, length), &format!("list {kind}"));
        }
    }
}

/// A state that has been used writes the same stream as a new one, and every target writes the same: this test also
/// runs in 32-bit WebAssembly.
#[test]
fn the_same_text_has_the_same_stream_everywhere() {
    let mut kept = Deflater::default();
    let mut sum = 0_u32;
    for length in [175, 700, 3000, 6400, 40_000] {
        for (kind, bytes) in kinds(length) {
            for effort in EFFORTS {
                let stream = checked(&mut kept, &bytes, effort);
                let fresh = checked(&mut Deflater::default(), &bytes, effort);
                assert!(stream == fresh, "{kind}, {length}");
                let checksum = adler2::adler32_slice(&stream);
                sum = sum.rotate_left(1) ^ checksum;
            }
        }
    }
    assert_eq!(sum, 3_583_100_533);
}

#[test]
fn the_state_has_at_most_48_kilobytes() {
    let mut deflater = Deflater::default();
    for (kind, bytes) in kinds(200_000) {
        for effort in EFFORTS {
            let info = allocation_counter::measure(|| {
                deflater = Deflater::default();
                assert!(deflater.deflate(&bytes, effort, usize::MAX, &mut Vec::new()));
            });
            println!("{kind}, {effort:?}: {} bytes", info.bytes_current);
            assert!(info.bytes_current <= 48 * 1024, "{kind}, {effort:?}");
        }
    }
    // A short text needs less.
    let info = allocation_counter::measure(|| {
        deflater = Deflater::default();
        let data = &kinds(175)[0].1;
        assert!(deflater.deflate(data, Effort::Fast, usize::MAX, &mut Vec::new()));
    });
    assert!(info.bytes_current <= 12 * 1024, "{}", info.bytes_current);
}
