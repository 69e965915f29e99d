//! A browser with a good cookie has its session, with everything that was written, and no other browser has one, whatever
//! the requests, the handlers, the clock and the keys do. `tests/common/browsers` has the model.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/common/browsers/mod.rs"]
mod browsers;

use browsers::{Kind, run};

fuzz_target!(|bytes: &[u8]| {
    let [settings, steps @ ..] = bytes else {
        return;
    };
    let kind = if settings % 2 == 0 {
        Kind::Cookie
    } else {
        Kind::Keyed
    };
    run(kind, settings / 2, steps);
});
