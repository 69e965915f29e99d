//! Compresses to zlib (RFC 1950, RFC 1951), for texts of a few kilobytes.
//!
//! | stage | from | to | RFC 1951 |
//! |---|---|---|---|
//! | `fast`, with `matches`; or `thorough` | bytes | tokens: literals and matches | 4 |
//! | `codes` | the frequencies of symbols | Huffman codes | 3.2.2 |
//! | `lengths` | the lengths of these codes | codes for the lengths | 3.2.7 |
//! | `block` | all of these | bits, in the shortest of three forms | 3.2.3 |
//! | `bits` | bits | bytes | 3.1.1 |
//!
//! **Why it is our own**: compressing takes most of the time of an encode, and other compressors are made for megabytes.
//! Those in Rust keep 230 to 320 KB of state, and clear most of it for each stream. This one clears and keeps only as
//! much as a text needs, at most 48 KB, so it takes a quarter of zlib-rs's time for a session of 175 bytes, and 0.7 of it
//! for one of 6 KB (`cargo run --release -p hardtack-bench -- zlib` prints time and bytes).
//!
//! **What it does not do**: levels, dictionaries, streams that arrive in parts, gzip. It does not start a new block where the
//! statistics change. A long text is compressed correctly, but other compressors make it shorter: few places are tried for
//! a match.
//!
//! **How it is tested**: `tests/zlib.rs` inflates streams of every length up to 5,000 bytes, longer than a block and a
//! window, and with codes at their limits, with two other libraries; the fuzz targets `zlib`, `zlib_thorough` and
//! `zlib_tokens` do so with arbitrary bytes and tokens; and the live tests let CPython inflate what hardtack writes. If a
//! stream were wrong anyway, the reader's Adler-32 checksum would refuse it.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places, lengths and frequencies are at most WINDOW + 1"
)]

mod bits;
mod block;
mod codes;
mod fast;
mod fixed;
mod lengths;
mod matches;
mod symbols;
mod thorough;
mod tokens;

use alloc::vec::Vec;

use bits::Bits;
use block::Block;
use matches::{CHAINED, Matcher};
use symbols::MAX_DISTANCE;
use tokens::Tokens;

/// CMF and FLG (RFC 1950, section 2.2): DEFLATE with a window of 32 KB, at the default level, no dictionary. zlib at
/// level 6 writes the same.
const HEADER: [u8; 2] = [0x78, 0x9c];

/// The most bytes of a window, and so of a block. Places, and the sum of all frequencies with the end of the block, fit 16
/// bits, and so does LEN (RFC 1951, section 3.2.4). A window moves by a multiple of `CHAINED`, so that chains go on.
const WINDOW: usize = 15 * CHAINED;

/// How much time to spend on a shorter stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Fast,
    /// Takes about ten times as long for 6 KB. For 64 KB of repetitive text, takes tens of milliseconds and up to 60
    /// times the text's memory, until the call returns.
    Thorough,
}

/// The state that is kept for the next text. Between calls it holds no bytes of a text, but tells about the last one: how
/// often each byte occurred, and where parts repeat. It is overwritten, not erased.
#[derive(Default)]
pub(crate) struct Deflater {
    matcher: Matcher,
    tokens: Tokens,
}

impl Deflater {
    /// Compresses `data` into `out`, whose content is replaced. Returns whether the stream has at most `limit` bytes;
    /// if not, `out` holds an incomplete stream.
    pub(crate) fn deflate(
        &mut self,
        data: &[u8],
        effort: Effort,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let mut bits = Bits::new(out, limit);
        bits.bytes(&HEADER)
            && match effort {
                Effort::Fast => self.write_fast(data, &mut bits),
                Effort::Thorough => write_thorough(data, &mut bits),
            }
            // ADLER32, most significant byte first (RFC 1950, section 2.2).
            && bits.bytes(&adler2::adler32_slice(data).to_be_bytes())
    }

    fn write_fast(&mut self, data: &[u8], out: &mut Bits<'_>) -> bool {
        self.matcher.reset(data.len());
        let (mut base, mut start) = (0_usize, 0_usize);
        loop {
            let window = &data[base..data.len().min(base + WINDOW)];
            self.tokens.clear();
            let from = start - base;
            let to = fast::parse(&mut self.matcher, window, from, &mut self.tokens);
            start = base + to;
            let is_last = start == data.len();
            if !Block::new(&self.tokens).write(&window[from..to], is_last, out) {
                return false;
            }
            if is_last {
                return true;
            }
            if to == window.len() {
                // The next window begins with all bytes that a distance can reach.
                self.matcher.slide((to - MAX_DISTANCE) as u16);
                base = start - MAX_DISTANCE;
            }
        }
    }
}

fn write_thorough(data: &[u8], out: &mut Bits<'_>) -> bool {
    let mut start = 0;
    loop {
        let end = data.len().min(start + WINDOW);
        let base = start.saturating_sub(MAX_DISTANCE);
        let tokens = thorough::parse(&data[base..end], start - base);
        let is_last = end == data.len();
        if !Block::new(&tokens).write(&data[start..end], is_last, out) {
            return false;
        }
        if is_last {
            return true;
        }
        start = end;
    }
}
