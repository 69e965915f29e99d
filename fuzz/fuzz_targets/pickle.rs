//! Arbitrary pickles: none causes a panic or takes much memory, and a session that was read is the same after it is
//! written and read again.

#![no_main]

use hardtack_fuzz::canonical;
use hardtack_stores::pickle::{self, Protocol};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 16 * 1024;
/// Maximum memory, in bytes: for the machine's stack, memo and nodes, per byte of the text.
const MOST: u64 = 128 * LIMIT as u64;

fuzz_target!(|opcodes: &[u8]| {
    let pickled = &[b"\x80\x05", opcodes].concat()[..];
    let mut read = None;
    let memory = allocation_counter::measure(|| read = Some(pickle::read(pickled, LIMIT)));
    let most = MOST + 8 * pickled.len() as u64;
    assert!(memory.bytes_max < most, "{} bytes", memory.bytes_max);
    let Some(Ok(session)) = read else { return };
    let json = canonical(&session);
    assert!(json.len() <= LIMIT);
    for protocol in [
        Protocol::Two,
        Protocol::Three,
        Protocol::Four,
        Protocol::Five,
    ] {
        let written = pickle::write(&session, protocol, LIMIT).expect("it was read");
        let again = pickle::read(&written, LIMIT).expect("our own pickle");
        assert_eq!(again.to_json(), json);
    }
});
