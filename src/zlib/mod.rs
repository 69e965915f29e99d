//! Compresses to zlib (RFC 1950) at level 6, as `zlib.compress(data)` does in Django, and decompresses up to a limit.
//!
//! With `std`, this uses flate2 with its fastest backend, zlib-rs, which needs no C compiler
//! (`cargo run --release -p hardtack-bench -- zlib` compares the backends). Both need std on stable Rust, so without
//! `std`, this uses `miniz_oxide`, which contains no `unsafe`. A backend has two types. Creating one costs as much as
//! using it once, so they are kept for the next value:
//!
//! - `Deflater`: `new`, `deflate(&mut self, data, out: &mut [u8])`, which returns the length of the stream if it fits
//! - `Inflater`: `new`, `reset`, `step(&mut self, stream, out: &mut [u8], written)`, which decompresses a part

#[cfg(not(feature = "compress"))]
#[path = "disabled.rs"]
mod backend;
#[cfg(all(feature = "compress", feature = "std"))]
#[path = "flate2.rs"]
mod backend;
#[cfg(all(feature = "compress", not(feature = "std")))]
#[path = "miniz_oxide.rs"]
mod backend;

use alloc::vec::Vec;

use crate::error::Error;
use backend::{Deflater, Inflater};

/// The progress of one step of decompression.
struct Step {
    read: usize,
    written: usize,
    done: bool,
}

/// The states for both directions, created on first use (a compressor takes 320 KB) and then kept.
#[derive(Default)]
pub(crate) struct Zlib {
    deflater: Option<Deflater>,
    inflater: Option<Inflater>,
}

impl Zlib {
    /// Compresses `data` into `out`. Returns `None` if the stream does not fit, or without the feature `compress`.
    pub(crate) fn compress<'o>(&mut self, data: &[u8], out: &'o mut [u8]) -> Option<&'o [u8]> {
        let length = self
            .deflater
            .get_or_insert_with(Deflater::new)
            .deflate(data, out)?;
        Some(&out[..length])
    }

    /// Decompresses `stream` into `out`, which grows as needed, to at most one byte over `limit`.
    ///
    /// [`Error::MalformedZlib`] if it is not one complete stream, [`Error::JsonTooLong`] if the output is over the limit,
    /// [`Error::CompressionDisabled`] without the feature `compress`.
    pub(crate) fn decompress<'o>(
        &mut self,
        stream: &[u8],
        limit: usize,
        out: &'o mut Vec<u8>,
    ) -> Result<&'o [u8], Error> {
        let inflater = self.inflater.get_or_insert_with(Inflater::new);
        inflater.reset();
        // One byte over the limit shows whether the output ends at the limit or continues.
        let most = limit.saturating_add(1);
        let mut room = stream.len().saturating_mul(4).max(out.len()).min(most);
        grow(out, room);
        let (mut read, mut written) = (0, 0);
        loop {
            let step = inflater.step(&stream[read..], &mut out[..room], written)?;
            read += step.read;
            written += step.written;
            if written > limit {
                return Err(Error::JsonTooLong { limit });
            }
            if step.done {
                break;
            }
            if written == room {
                room = room.saturating_mul(2).max(64).min(most);
                grow(out, room);
            } else if step.read == 0 && step.written == 0 {
                // There is room for more output, so the stream was cut short.
                return Err(Error::MalformedZlib);
            }
        }
        if read < stream.len() {
            return Err(Error::MalformedZlib);
        }
        Ok(&out[..written])
    }
}

/// Makes `out` at least `length` bytes long, without the extra capacity of the vector's own growth.
fn grow(out: &mut Vec<u8>, length: usize) {
    if out.len() < length {
        out.reserve_exact(length - out.len());
        out.resize(length, 0);
    }
}
