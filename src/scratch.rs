//! Working memory that outlives a value: a compressor is too large to make for each cookie.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::Member;
use crate::zlib::Zlib;

/// Buffers and zlib states, to be used again for the next value. `default` takes no memory yet.
///
/// With the feature `std` every thread keeps one by itself. Without, each call makes its own (320 KB if it compresses),
/// unless the caller owns one and hands it to [`encode_with`](crate::SessionCodec::encode_with).
///
/// Between calls it holds the text of the last session, in memory of this process alone. One that a caller owns keeps the
/// size of its largest value.
#[derive(Default)]
pub struct Scratch {
    /// JSON text to be written.
    pub(crate) json: String,
    pub(crate) buffers: Buffers,
    /// The members of a session, until their number is known.
    pub(crate) members: Vec<Member>,
}

/// The stages between JSON text and its payload.
#[derive(Default)]
pub(crate) struct Buffers {
    /// The bytes behind base64url.
    pub(crate) bytes: Vec<u8>,
    /// JSON text that was compressed, and behind it the rest of a longer one.
    pub(crate) inflated: Vec<u8>,
    pub(crate) zlib: Zlib,
}

impl Scratch {
    /// Gives back the memory that an unusually long value took: each buffer keeps at most this many bytes.
    #[cfg(feature = "std")]
    fn forget(&mut self, bytes: usize) {
        self.json.clear();
        self.json.shrink_to(bytes);
        let buffers = &mut self.buffers;
        buffers.bytes.clear();
        buffers.bytes.shrink_to(bytes);
        buffers.inflated.truncate(bytes);
        buffers.inflated.shrink_to(bytes);
        self.members.clear();
        self.members.shrink_to(bytes / size_of::<Member>());
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// Lends this thread's scratch.
#[cfg(feature = "std")]
pub(crate) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    use alloc::boxed::Box;
    use core::cell::Cell;

    use crate::limits::DEFAULT_MAX_JSON_LENGTH;

    std::thread_local! {
        static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    }
    // Taken out, not borrowed: a caller's own `Serialize` may come here again. While a thread ends there is none.
    let mut scratch = KEPT.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let result = work(&mut scratch);
    scratch.forget(DEFAULT_MAX_JSON_LENGTH);
    let _ = KEPT.try_with(|kept| kept.set(Some(scratch)));
    result
}

/// Lends a scratch that ends with the call: without std there is no place to keep it.
#[cfg(not(feature = "std"))]
pub(crate) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    work(&mut Scratch::default())
}
