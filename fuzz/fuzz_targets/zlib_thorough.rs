//! Any bytes, compressed by the thorough parse, are what two other libraries inflate from the stream.
//!
//! It does about 1,000 executions a second, not 5,000: the parse tries dozens of places for each match, in several rounds,
//! and each input is parsed three times.

#![no_main]

use hardtack_fuzz::zlib::check_thorough;
use libfuzzer_sys::fuzz_target;

/// The most bytes of the data, as the parse takes time that grows faster than the data.
const MAX_LENGTH: usize = 250;

fuzz_target!(|data: &[u8]| check_thorough(&data[..data.len().min(MAX_LENGTH)]));
