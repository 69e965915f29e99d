//! A compressed payload is inflated only up to the limit, whatever its ratio, in memory that the limit bounds. A limit
//! refuses a session, and changes nothing else.
//!
//! The stream is written here, as a compressor would take longer than the crate. Fields: the limit as a decimal number,
//! then texts. A text that is a decimal number and an `x` is a run: the byte before it is repeated that many times, 258
//! times in 13 bits.

#![no_main]

use std::sync::LazyLock;

use hardtack::{Error, Session, SessionCodec};
use hardtack_fuzz::{NOW, base64url, fields, ring, signed};
use libfuzzer_sys::fuzz_target;

/// The longest run, and so the order of the text's length.
const MAX_RUN: usize = 50_000;
/// The maximum length of the text.
const MAX_LENGTH: usize = 100_000;
const MAX_LIMIT: usize = 4096;

/// Ignores the length of the JSON text.
static WIDE: LazyLock<SessionCodec> = LazyLock::new(|| {
    SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(2 * MAX_LENGTH)
        .ignore_session_expiry()
});

/// A zlib stream of one block with fixed codes (RFC 1951, section 3.2.6), and the data in it.
#[derive(Default)]
struct Stream {
    data: Vec<u8>,
    bytes: Vec<u8>,
    bits: u32,
    count: u32,
}

impl Stream {
    fn new() -> Self {
        let mut stream = Self {
            bytes: vec![0x78, 0x9c],
            ..Self::default()
        };
        // The last block, with fixed codes.
        stream.write(0b011, 3);
        stream
    }

    /// Appends a number, least significant bit first.
    fn write(&mut self, value: u32, length: u32) {
        self.bits |= value << self.count;
        self.count += length;
        while self.count >= 8 {
            let [byte, ..] = self.bits.to_le_bytes();
            self.bytes.push(byte);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Appends a Huffman code, most significant bit first.
    fn code(&mut self, code: u32, length: u32) {
        self.write(code.reverse_bits() >> (32 - length), length);
    }

    fn literal(&mut self, byte: u8) {
        self.data.push(byte);
        match byte {
            0..=143 => self.code(0x30 + u32::from(byte), 8),
            144.. => self.code(0x190 + u32::from(byte - 144), 9),
        }
    }

    fn run(&mut self, times: usize) {
        let Some(&byte) = self.data.last() else {
            return;
        };
        for _ in 0..times / 258 {
            // Length 258 and distance 1.
            self.code(0xc5, 8);
            self.code(0, 5);
        }
        self.data.resize(self.data.len() + times / 258 * 258, byte);
        for _ in 0..times % 258 {
            self.literal(byte);
        }
    }

    fn finished(mut self) -> (Vec<u8>, Vec<u8>) {
        // The end of the block, and the rest of its last byte.
        self.code(0, 7);
        self.write(0, (8 - self.count) % 8);
        let checksum = adler2::adler32_slice(&self.data);
        self.bytes.extend(checksum.to_be_bytes());
        (self.bytes, self.data)
    }
}

fn run_length(text: &[u8]) -> Option<usize> {
    let [number @ .., b'x'] = text else {
        return None;
    };
    str::from_utf8(number).ok()?.parse().ok()
}

fuzz_target!(|data: &[u8]| {
    let mut fields = fields(data);
    let limit = fields
        .next()
        .and_then(|limit| str::from_utf8(limit).ok()?.parse().ok());
    let limit: usize = limit.unwrap_or(0_usize) % (MAX_LIMIT + 1);
    let mut stream = Stream::new();
    for field in fields {
        match run_length(field) {
            Some(times) => stream.run(times % MAX_RUN),
            None => field.iter().for_each(|&byte| stream.literal(byte)),
        }
        if stream.data.len() > MAX_LENGTH - MAX_RUN {
            break;
        }
    }
    let (stream, data) = stream.finished();
    let payload = format!(".{}", base64url(stream));
    let value = signed(&payload);

    // As the text has to be, without a limit.
    let expected = str::from_utf8(&data)
        .map_err(|error| Error::MalformedJson {
            offset: error.valid_up_to(),
        })
        .and_then(Session::from_json);
    assert_eq!(WIDE.decode(&value, NOW), expected);

    let narrow = WIDE.clone().with_max_json_length(limit);
    let mut answer = None;
    let cost = allocation_counter::measure(|| answer = Some(narrow.decode(&value, NOW)));
    let answer = answer.expect("measured");
    if data.len() > limit {
        assert_eq!(answer, Err(Error::JsonTooLong { limit }));
    } else {
        assert_eq!(answer, expected);
    }
    // What the payload target allows.
    let bound = (64 * limit + 64 * 1024 + payload.len()) as u64;
    assert!(cost.bytes_max <= bound, "held {} bytes", cost.bytes_max);
});
