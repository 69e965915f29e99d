//! Text never verifies under keys that did not sign it: whatever text and keys are, it is refused for a reason that
//! does not depend on the keys, without an allocation.
//!
//! Fields: the text, then up to three keys. Each key gets a prefix that no vector's key has, so that no seed is a
//! cookie of its own key.

#![no_main]

use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::{KeyRing, SecretKey, SessionCodec};
use hardtack_fuzz::{NOW, assert_readable, fields, refusal};
use libfuzzer_sys::fuzz_target;

const MAX_KEYS: usize = 3;

fuzz_target!(|data: &[u8]| {
    let mut fields = fields(data);
    let Some(Ok(text)) = fields.next().map(str::from_utf8) else {
        return;
    };
    let mut keys = fields
        .take(MAX_KEYS)
        .map(|key| SecretKey::allow_weak([b"not of a vector: ", key].concat()).expect("not empty"));
    let Some(signing) = keys.next() else { return };
    let codec = SessionCodec::new(keys.fold(KeyRing::new(signing), KeyRing::with_fallback));

    let reason = refusal(text, DEFAULT_MAX_LENGTH);
    let mut refused = None;
    let cost = allocation_counter::measure(|| refused = codec.verify(text, NOW).err());
    assert_eq!(refused, Some(reason));
    assert_eq!(cost.count_total, 0, "allocations");
    assert_eq!(codec.decode(text, NOW), Err(reason));
    assert_readable(reason);
});
