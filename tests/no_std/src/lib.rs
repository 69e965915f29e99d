//! Writes a session into a cookie and reads it back without std, as a program for a bare machine would.

#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use hardtack::{Error, KeyRing, SecretKey, Session, SessionCodec};

/// Signs a session that contains `number` at `then`, and reads it back at `now`. Returns the number, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn hardtack_round_trip(number: u32, then: i64, now: i64) -> i64 {
    round_trip(number, then, now).map_or(-1, i64::from)
}

fn round_trip(number: u32, then: i64, now: i64) -> Result<u32, Error> {
    let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    let codec = SessionCodec::new(KeyRing::new(key));

    let mut session = Session::new();
    session.insert("number", number)?;
    let cookie = codec.encode(&session, then)?;

    let session = codec.verify(&cookie, now)?.session()?;
    session.get("number")?.ok_or(Error::WrongType { offset: 0 })
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Hands out memory from front to back, and never frees any.
struct Bump {
    memory: UnsafeCell<[u8; Self::SIZE]>,
    used: AtomicUsize,
}

impl Bump {
    /// Enough for a few round trips with their compressors.
    const SIZE: usize = 4 << 20;
}

// SAFETY: each byte of `memory` belongs to the one allocation that moved `used` past it.
unsafe impl Sync for Bump {}

// SAFETY: spans are aligned, lie within `memory`, and no two of them share a byte.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.memory.get().cast::<u8>();
        let mut offset = 0;
        let claimed = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                let address = start.addr() + used;
                offset = address.next_multiple_of(layout.align()) - start.addr();
                offset
                    .checked_add(layout.size())
                    .filter(|end| *end <= Self::SIZE)
            });
        match claimed {
            Ok(_) => start.wrapping_add(offset),
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    memory: UnsafeCell::new([0; Bump::SIZE]),
    used: AtomicUsize::new(0),
};
