//! Working memory that is reused, as allocating it takes a part of the time of a small session.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Member;
use crate::zlib::Zlib;

/// Buffers and zlib states that are reused for the next value. Between calls, they hold the text of the last session.
///
/// With the feature `std`, every thread keeps one. Without it, each call has its own, which costs little: a compressor
/// takes at most 48 KB, and less for a short text.
#[derive(Default)]
pub(crate) struct Scratch {
    /// JSON text to write.
    pub(crate) json: String,
    pub(crate) buffers: Buffers,
    /// The members of a session that is being parsed.
    pub(crate) members: Vec<Member>,
}

/// The buffers between JSON text and its payload.
#[derive(Default)]
pub(crate) struct Buffers {
    /// The payload's bytes, without base64url.
    pub(crate) bytes: Vec<u8>,
    /// Inflated JSON text, followed by the rest of an earlier, longer one.
    pub(crate) inflated: Vec<u8>,
    pub(crate) zlib: Zlib,
}

impl Scratch {
    /// Frees the memory of an unusually long value: each buffer keeps at most this many bytes.
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

/// Calls `work` with this thread's scratch.
#[cfg(feature = "std")]
pub(crate) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    use alloc::boxed::Box;
    use core::cell::Cell;

    use crate::limits::DEFAULT_MAX_JSON_LENGTH;

    std::thread_local! {
        static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    }
    // Taken out, not borrowed, because a caller's `Serialize` may call this function again. While a thread ends, there
    // is none to take.
    let mut scratch = KEPT.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let result = work(&mut scratch);
    scratch.forget(DEFAULT_MAX_JSON_LENGTH);
    let _ = KEPT.try_with(|kept| kept.set(Some(scratch)));
    result
}

/// Calls `work` with a new scratch: without std there is no thread-local to keep one in.
#[cfg(not(feature = "std"))]
pub(crate) fn with<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    work(&mut Scratch::default())
}
