//! Any bytes, compressed by the fast parse, are what two other libraries inflate from the stream.

#![no_main]

use hardtack_fuzz::zlib::check_fast;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| check_fast(data));
