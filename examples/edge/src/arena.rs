//! Memory for one call. Allocating moves a mark forward, freeing does nothing, and the next call starts again where the
//! codec ends: so memory stays flat without lists of what is free.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::Cell;
use core::ptr;

const PAGE: usize = 64 * 1024;

unsafe extern "C" {
    /// Where the linker put the first byte behind statics and stack.
    static __heap_base: u8;
}

pub(crate) struct Arena {
    /// Address of the next free byte; 0 before the first call.
    next: Cell<usize>,
    /// Where a call starts: behind all that is kept.
    start: Cell<usize>,
}

// SAFETY: the module has one thread: it is built without the feature `atomics`, and its memory is not shared.
unsafe impl Sync for Arena {}

#[global_allocator]
pub(crate) static ARENA: Arena = Arena {
    next: Cell::new(0),
    start: Cell::new(0),
};

impl Arena {
    /// Keeps what was allocated so far for good.
    pub(crate) fn keep(&self) {
        self.start.set(self.next());
    }

    /// Takes back what was allocated since [`keep`](Self::keep). None of it may be in use.
    pub(crate) fn reset(&self) {
        self.next.set(self.start.get());
    }

    fn next(&self) -> usize {
        match self.next.get() {
            0 => (&raw const __heap_base).addr(),
            next => next,
        }
    }

    /// Claims the bytes up to `end`, an address; false if there is not so much memory.
    fn claim(&self, end: usize) -> bool {
        let pages = end.div_ceil(PAGE);
        let missing = pages.saturating_sub(memory_size::<0>());
        if missing > 0 && memory_grow::<0>(missing) == usize::MAX {
            return false;
        }
        self.next.set(end);
        true
    }
}

// SAFETY: spans are aligned, lie within the memory, and no two of those in use share a byte.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.next().next_multiple_of(layout.align());
        match start.checked_add(layout.size()) {
            Some(end) if self.claim(end) => ptr::with_exposed_provenance_mut(start),
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// What came last grows where it is.
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if old.addr() + layout.size() == self.next() {
            return match old.addr().checked_add(size) {
                Some(end) if self.claim(end) => old,
                _ => ptr::null_mut(),
            };
        }
        if size <= layout.size() {
            return old;
        }
        // SAFETY: the size is not zero and, rounded up, no more than `isize::MAX`, as our own caller promised.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both spans are at least this long, and the new one is nobody else's.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
