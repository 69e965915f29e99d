//! Compresses to zlib (RFC 1950), as `zlib.compress(data)` does in Django, and decompresses up to a limit.
//!
//! Compressing is [`deflate`], our own, and the same in every build. Decompressing is flate2's with `std` (with its
//! fastest backend, zlib-rs, which needs no C compiler), and `miniz_oxide`'s without, which contains no `unsafe`.
//! (`cargo run --release -p hardtack-bench -- zlib` compares them.) An `Inflater` has `new`, `reset`, and
//! `step(&mut self, stream, out: &mut [u8], written)`, which decompresses a part. Creating one costs as much as using it
//! once, so it is kept for the next value.

#[cfg(feature = "compress")]
#[expect(
    clippy::indexing_slicing,
    reason = "it only counts in our own text: places, lengths and symbols (tests/zlib.rs, fuzz target zlib_tokens)"
)]
mod deflate;
#[cfg(not(feature = "compress"))]
#[path = "disabled.rs"]
mod inflate;
#[cfg(all(feature = "compress", feature = "std"))]
#[path = "flate2.rs"]
mod inflate;
#[cfg(all(feature = "compress", not(feature = "std")))]
#[path = "miniz_oxide.rs"]
mod inflate;

use alloc::vec::Vec;

use crate::error::Error;
#[cfg(feature = "compress")]
pub(crate) use deflate::{Deflater, Effort};
use inflate::Inflater;
#[cfg(not(feature = "compress"))]
pub(crate) use inflate::{Deflater, Effort};

/// The progress of one step of decompression.
struct Step {
    read: usize,
    written: usize,
    done: bool,
}

/// The states for both directions, which are kept. The one for decompressing is created on first use.
#[derive(Default)]
pub(crate) struct Zlib {
    pub(crate) deflater: Deflater,
    inflater: Option<Inflater>,
}

impl Zlib {
    /// Decompresses `stream` into `out`, which grows as needed, to at most one byte over `limit`.
    ///
    /// [`Error::MalformedZlib`] if it is not one complete stream, [`Error::JsonTooLong`] if the output is over the limit,
    /// [`Error::CompressionDisabled`] without the feature `compress`.
    #[expect(
        clippy::indexing_slicing,
        reason = "`out` has at least `room` bytes, and a step counts what it read and wrote of the slices that it got"
    )]
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
            if written < room {
                // There is room for more output, so the stream was cut short.
                return Err(Error::MalformedZlib);
            }
            room = room.saturating_mul(2).max(64).min(most);
            grow(out, room);
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
