//! Random requests from several browsers, compared with a model.

#[path = "common/browsers/mod.rs"]
mod browsers;

use browsers::{Kind, MAX_STEPS, STEP, run};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn with_sessions_in_cookies(settings: u8, steps in steps()) {
        run(Kind::Cookie, settings, &steps);
    }

    #[test]
    fn with_sessions_in_a_store(settings: u8, steps in steps()) {
        run(Kind::Keyed, settings, &steps);
    }
}

fn steps() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..=MAX_STEPS * STEP)
}
