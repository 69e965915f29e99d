//! Cookies that inflate to long text, and text that is hard to compress.

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::Error;
use hardtack::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH};

use super::{CODEC, Case, KB, SIGNER, Work, filled, fitting, noise, ordinary};
use crate::data::NOW;
use crate::deflate::{Deflater, Effort};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a cookie that inflates to 2.9 MB",
            size: DEFAULT_MAX_LENGTH,
            hostile: |size| {
                let stream = deflated(&format!(r#"{{"a":"{}"}}"#, "x".repeat(size * 700)));
                let cookie = signed(&stream);
                assert!(
                    size * 9 / 10 < cookie.len() && cookie.len() <= size,
                    "{}",
                    cookie.len()
                );
                decode(cookie, |error| matches!(error, Error::JsonTooLong { .. }))
            },
            ordinary: usual,
            ratio: 8.0,
            memory: 256 * KB,
        },
        Case {
            name: "a cookie that inflates to 64 KiB of duplicate keys",
            size: DEFAULT_MAX_LENGTH,
            hostile: |size| {
                let noise = noise(size * 17 / 20 - 100);
                let head = format!(r#"{{"n":"{noise}","#);
                let most = size * DEFAULT_MAX_JSON_LENGTH / DEFAULT_MAX_LENGTH;
                let text = filled(most, &head, |_| r#""a":1,"#.into(), r#""a":1}"#);
                let cookie = signed(&deflated(&text));
                assert!(
                    size * 9 / 10 < cookie.len() && cookie.len() <= size,
                    "{}",
                    cookie.len()
                );
                accept(cookie)
            },
            ordinary: usual,
            ratio: 70.0,
            memory: 2048 * KB,
        },
        Case {
            name: "a cookie with 250 empty blocks (RFC 1951, section 3.2.7)",
            size: DEFAULT_MAX_LENGTH,
            hostile: |size| {
                let cookie = signed(&empty_blocks((size - 60) * 3 / 4));
                assert!(
                    size * 9 / 10 < cookie.len() && cookie.len() <= size,
                    "{}",
                    cookie.len()
                );
                decode(cookie, |error| error == Error::MalformedZlib)
            },
            ordinary: usual,
            ratio: 8.0,
            memory: 256 * KB,
        },
        Case {
            name: "256 KiB of noise, compressed",
            size: 4 * DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| deflate(noise(size), Effort::Fast),
            ordinary: |size| deflate(ordinary(size), Effort::Fast),
            ratio: 8.0,
            memory: 768 * KB,
        },
        Case {
            name: "64 KiB of an ordinary session, compressed with more effort",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| deflate(ordinary(size), Effort::Thorough),
            ordinary: |size| deflate(ordinary(size), Effort::Fast),
            ratio: 200.0,
            memory: 8192 * KB,
        },
    ]
}

fn usual(size: usize) -> Work {
    accept(signed(&deflated(&fitting(size))))
}

fn accept(cookie: String) -> Work {
    Box::new(move || drop(black_box(CODEC.decode(&cookie, NOW).expect("it is good"))))
}

fn decode(cookie: String, expected: fn(Error) -> bool) -> Work {
    Box::new(move || {
        let refused = CODEC.decode(&cookie, NOW).err();
        assert!(refused.is_some_and(expected), "{refused:?}");
    })
}

fn deflated(text: &str) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 9)
}

/// Returns the cookie of a zlib stream.
fn signed(stream: &[u8]) -> String {
    let payload = format!(".{}", URL_SAFE_NO_PAD.encode(stream));
    SIGNER.sign(&payload, NOW).expect("a date")
}

/// Returns a stream of this many bytes, of blocks that contain nothing but two tables. It is cut short.
fn empty_blocks(length: usize) -> Vec<u8> {
    let mut bits = Bits(vec![0x78, 0x9c], 0);
    while bits.0.len() + 12 < length {
        // Not the last block, of dynamic codes: 257 lengths, 1 distance, 18 lengths of the codes for lengths.
        for (value, count) in [(0, 1), (2, 2), (0, 5), (0, 5), (14, 4)] {
            bits.push(value, count);
        }
        // Codes of one bit for 18 (a run of zeros), the third, and for 1, the eighteenth.
        for at in 0..18 {
            bits.push(u32::from(at == 2 || at == 17), 3);
        }
        // 256 zeros, in runs of 138 and 118. Then the end of the block and the distance, of one bit each.
        for (value, count) in [(1, 1), (127, 7), (1, 1), (107, 7), (0, 1), (0, 1)] {
            bits.push(value, count);
        }
        bits.push(0, 1); // the end of the block
    }
    bits.0
}

/// Bytes that are written bit by bit, and the number of bits in the last one.
struct Bits(Vec<u8>, u32);

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.1 == 0 {
                self.0.push(0);
            }
            let last = self.0.last_mut().expect("it was just pushed");
            *last |= u8::from(value >> at & 1 == 1) << self.1;
            self.1 = (self.1 + 1) % 8;
        }
    }
}

/// Compresses text with a new state.
fn deflate(text: String, effort: Effort) -> Work {
    Box::new(move || {
        let mut out = Vec::new();
        assert!(Deflater::default().deflate(text.as_bytes(), effort, usize::MAX, &mut out));
        drop(black_box(out));
    })
}
