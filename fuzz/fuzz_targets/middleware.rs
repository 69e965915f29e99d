//! A browser with a good cookie has its session, with everything that was written, and a browser without one gets no
//! session, whatever the requests, the handlers, the clock and the keys do. `tests/common/browsers` has the model. An
//! input is one byte for the site, then eight for each step.
//!
//! Long inputs do fewer than 5,000 executions a second: each request of them is signed, verified and compared.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

#[path = "../../tests/common/browsers/mod.rs"]
mod browsers;

use browsers::{Kind, MAX_STEPS, STEP, run};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some((settings, steps)) = bytes.split_first() else {
        return Corpus::Reject;
    };
    // The steps of a longer one would be ignored.
    if steps.len() > MAX_STEPS * STEP {
        return Corpus::Reject;
    }
    let kind = [Kind::Cookie, Kind::Keyed][usize::from(settings % 2)];
    run(kind, settings / 2, steps);
    Corpus::Keep
});
