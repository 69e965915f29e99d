//! Memory for one call. Allocating moves a mark forward, freeing does nothing, and the next call starts again at the
//! end of its argument, which is after the codec. So memory does not grow, without lists of free spans.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::Cell;
use core::ptr;

const PAGE: usize = 64 * 1024;

unsafe extern "C" {
    /// The linker puts this at the first byte after statics and stack.
    static __heap_base: u8;
}

pub(crate) struct Arena {
    /// Address of the next free byte, or 0 before the first call.
    next: Cell<usize>,
    /// Where an argument starts: after everything that is kept.
    start: Cell<usize>,
    /// Where a call starts: after its argument.
    call: Cell<usize>,
}

// SAFETY: the module has one thread: it is built without the feature `atomics`, and its memory is not shared.
unsafe impl Sync for Arena {}

#[global_allocator]
pub(crate) static ARENA: Arena = Arena {
    next: Cell::new(0),
    start: Cell::new(0),
    call: Cell::new(0),
};

impl Arena {
    /// Keeps everything that was allocated so far for good.
    pub(crate) fn keep(&self) {
        self.start.set(self.next());
        self.begin();
    }

    /// Frees everything that was allocated since [`keep`](Self::keep). None of it may be in use.
    pub(crate) fn reset(&self) {
        self.next.set(self.start.get());
        self.begin();
    }

    /// Keeps everything that was allocated so far until [`reset`](Self::reset).
    pub(crate) fn begin(&self) {
        self.call.set(self.next());
    }

    /// Frees everything that was allocated since [`begin`](Self::begin). None of it may be in use.
    pub(crate) fn restart(&self) {
        self.next.set(self.call.get());
    }

    fn next(&self) -> usize {
        match self.next.get() {
            0 => (&raw const __heap_base).addr(),
            next => next,
        }
    }

    /// Claims the bytes up to the address `end`. Returns `false` if there is not enough memory.
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

    /// The last allocation grows in place.
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
            // SAFETY: both spans are at least this long, and nothing else uses the new one.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
