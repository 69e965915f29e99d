//! A global allocator that looks for secrets in each block of memory when it is freed.
//!
//! It sees the heap only: not registers, not the stack, and not what the system writes to disk.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

/// Bytes of a secret that are enough to find it. So a buffer that was wiped in part is found, too.
const PIECE: usize = 8;

/// Blocks that one watch can keep in its list.
const BLOCKS: usize = 1024;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

thread_local! {
    /// The pieces that the watch of this thread looks for, sorted, each with the number of its secret.
    static PIECES: Cell<&'static [(u64, usize)]> = const { Cell::new(&[]) };
    /// The secrets that were found in freed memory: one bit for each.
    static FREED: Cell<u64> = const { Cell::new(0) };
    /// The blocks that were allocated since the watch started and are not freed yet: address and size. Zeros are free places.
    static LIVE: RefCell<[(usize, usize); BLOCKS]> = const { RefCell::new([(0, 0); BLOCKS]) };
    /// Whether `LIVE` was full.
    static IS_FULL: Cell<bool> = const { Cell::new(false) };
}

/// Bytes that must not be left in memory.
pub struct Secret {
    /// What a failing test calls it.
    pub name: &'static str,
    /// At least 8 bytes that do not repeat.
    pub bytes: Vec<u8>,
}

/// Watches the memory that this thread allocates and frees. Only one watch at a time in each thread.
pub struct Watch {
    names: Vec<&'static str>,
}

impl Watch {
    /// Starts to look for any 8 bytes of at most 64 secrets.
    ///
    /// # Panics
    ///
    /// If there are more secrets, or a watch is running in this thread.
    #[must_use]
    pub fn for_secrets(secrets: Vec<Secret>) -> Self {
        assert!(secrets.len() <= 64, "one bit for each secret");
        assert!(PIECES.get().is_empty(), "a watch is running");
        let names = secrets.iter().map(|secret| secret.name).collect();
        let mut pieces: Vec<(u64, usize)> = Vec::new();
        for (number, secret) in secrets.iter().enumerate() {
            let windows = secret.bytes.windows(PIECE);
            pieces.extend(windows.map(|piece| (piece.iter().copied().fold(0, shifted), number)));
        }
        pieces.sort_unstable();
        drop(secrets); // not a find
        FREED.set(0);
        PIECES.set(pieces.leak());
        Self { names }
    }

    /// Returns the names of the secrets that were found in freed memory.
    #[must_use]
    pub fn freed(&self) -> Vec<&'static str> {
        self.names_of(FREED.get())
    }

    /// Returns the names of the secrets in the memory that was allocated since the watch started and is not freed yet.
    ///
    /// # Panics
    ///
    /// If there were too many blocks to keep a list of them.
    #[must_use]
    pub fn live(&self) -> Vec<&'static str> {
        assert!(!IS_FULL.get(), "more than {BLOCKS} blocks at once");
        let found = LIVE.with_borrow(|blocks| {
            let blocks = blocks.iter().filter(|block| block.0 != 0);
            blocks.fold(0, |found, &(address, size)| {
                let start = std::ptr::with_exposed_provenance(address);
                // SAFETY: a block is in the list until it is freed.
                found | unsafe { secrets_in(start, size) }
            })
        });
        self.names_of(found)
    }

    fn names_of(&self, found: u64) -> Vec<&'static str> {
        let numbers = (0..self.names.len()).filter(|number| found >> number & 1 == 1);
        numbers.map(|number| self.names[number]).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        PIECES.set(&[]);
        LIVE.set([(0, 0); BLOCKS]);
        IS_FULL.set(false);
    }
}

/// The system's allocator, which looks at a block before it is freed. A block never grows in place: the trait's own
/// `realloc` allocates, copies and frees.
struct Watching;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Watching {
    // Zeroed, because the last owner of this memory may have been a part of the test that keeps a secret.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null()
            && !PIECES.get().is_empty()
            && !replace(0, (block.expose_provenance(), layout.size()))
        {
            IS_FULL.set(true);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !PIECES.get().is_empty() {
            replace(block.addr(), (0, 0));
            // SAFETY: until it is freed, the block is as large as its layout says.
            let found = unsafe { secrets_in(block, layout.size()) };
            FREED.set(FREED.get() | found);
        }
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Replaces the entry of `LIVE` that has this address. Returns whether there is one.
fn replace(address: usize, new: (usize, usize)) -> bool {
    LIVE.with_borrow_mut(|blocks| {
        let entry = blocks.iter_mut().find(|block| block.0 == address);
        entry.map(|entry| *entry = new).is_some()
    })
}

/// Returns the secrets that have a piece in a block, at any alignment: one bit for each.
///
/// # Safety
///
/// `length` bytes from `start` must be allocated.
unsafe fn secrets_in(start: *const u8, length: usize) -> u64 {
    let pieces = PIECES.get();
    let (mut last, mut found) = (0, 0);
    for at in 0..length {
        // SAFETY: the byte is in the block. Padding has no value in the language, but memory has one, and it may be a
        // part of a key. Reading it is volatile, so that the compiler concludes nothing from that, nor from the block
        // being freed next.
        last = shifted(last, unsafe { start.add(at).read_volatile() });
        let first = pieces.partition_point(|piece| piece.0 < last);
        let equal = pieces[first..].iter().take_while(|piece| piece.0 == last);
        found |= equal.fold(0, |found, piece| found | 1 << piece.1);
    }
    found
}

/// Appends a byte to the last eight.
fn shifted(last: u64, byte: u8) -> u64 {
    last << 8 | u64::from(byte)
}
