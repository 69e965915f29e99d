//! The memory of the codec that is working. Allocating moves a mark forward, freeing does nothing, and each call starts
//! again at the end of the codec itself, so the memory does not fill up over time.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

pub(crate) struct Arena {
    busy: AtomicBool,
    /// The next free byte.
    next: AtomicPtr<u8>,
    /// The number of free bytes from there on.
    left: AtomicUsize,
}

#[global_allocator]
static ARENA: Arena = Arena {
    busy: AtomicBool::new(false),
    next: AtomicPtr::new(ptr::null_mut()),
    left: AtomicUsize::new(0),
};

/// Free memory: its start and its length in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Free {
    pub(crate) start: *mut u8,
    pub(crate) length: usize,
}

/// Lends `free` to all allocations of `work`. Returns `None` if another call is using the arena at this moment. Memory
/// that `work` allocated must not be in use later, unless the next loan starts after it, at the second result.
///
/// # Safety
///
/// The span of `free` is valid, and nothing else uses it.
pub(crate) unsafe fn lend<T>(free: Free, work: impl FnOnce() -> T) -> Option<(T, Free)> {
    if ARENA.busy.swap(true, Ordering::Acquire) {
        return None;
    }
    ARENA.next.store(free.start, Ordering::Relaxed);
    ARENA.left.store(free.length, Ordering::Relaxed);
    let done = work();
    let start = ARENA.next.load(Ordering::Relaxed);
    let length = ARENA.left.swap(0, Ordering::Relaxed);
    ARENA.busy.store(false, Ordering::Release);
    Some((done, Free { start, length }))
}

// SAFETY: spans are aligned and within the lent memory, and no two of them share a byte. Only the call that holds `busy`
// allocates, so the two counters change together.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = self.next.load(Ordering::Relaxed);
        let left = self.left.load(Ordering::Relaxed);
        let padding = next.addr().wrapping_neg() % layout.align();
        match padding.checked_add(layout.size()) {
            Some(size) if size <= left => {
                self.next.store(next.wrapping_add(size), Ordering::Relaxed);
                self.left.store(left - size, Ordering::Relaxed);
                next.wrapping_add(padding)
            }
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// The last allocation grows in place.
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return old;
        }
        let more = size - layout.size();
        let next = self.next.load(Ordering::Relaxed);
        let left = self.left.load(Ordering::Relaxed);
        if old.wrapping_add(layout.size()) == next && more <= left {
            self.next.store(next.wrapping_add(more), Ordering::Relaxed);
            self.left.store(left - more, Ordering::Relaxed);
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
