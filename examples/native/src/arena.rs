//! The memory of whichever codec is at work. Allocating moves a mark forward, freeing does nothing, and each call starts
//! again where the codec itself ends: so it never runs full in the long run.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

pub(crate) struct Arena {
    busy: AtomicBool,
    /// The next free byte.
    next: AtomicPtr<u8>,
    /// Bytes that are free from there on.
    left: AtomicUsize,
}

#[global_allocator]
static ARENA: Arena = Arena {
    busy: AtomicBool::new(false),
    next: AtomicPtr::new(ptr::null_mut()),
    left: AtomicUsize::new(0),
};

/// Memory that is free: where it starts, and its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Free {
    pub(crate) start: *mut u8,
    pub(crate) length: usize,
}

/// Lends `free` to all allocations of `work`; `None` if it is lent to somebody else at this moment. Nothing that `work`
/// allocated may be in use later, unless what is lent next starts behind it: at the second result.
///
/// # Safety
///
/// The span of `free` is valid, and nobody else uses it.
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

// SAFETY: spans are aligned, lie within what was lent, and no two of them share a byte. Only the call that holds `busy`
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

    /// What came last grows where it is.
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
            // SAFETY: both spans are at least this long, and the new one is nobody else's.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
