//! Cookies of the signing key, of fallbacks and of a retired key, read with rings in every stage of a rotation.

use hardtack::{Error, SESSION_SALT, SessionCodec};
use serde_json::json;

use crate::common::{KEY, NOW, OTHER_KEY};
use crate::oracle::{Judge, Key, ring, seconds};

/// The keys of each reader. The first one signs.
const RINGS: [&[usize]; 7] = [
    &[0],
    &[0, 1],
    &[0, 1, 2],
    &[1, 0],
    &[2, 1, 0],
    &[1, 2],
    &[0, 1, 2, 3],
];

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn a_cookie_of_each_key_is_read_with_the_rings_that_have_it() {
    let keys = [
        Key::Text(KEY.into()),
        Key::Text(OTHER_KEY.into()),
        Key::Hex("e700ff0a".repeat(4) + &"0123456789abcdef".repeat(4)),
        Key::Text("the retired one, of many years ago: K\u{eb}y \u{1f511}".into()),
    ];
    let mut cases = Vec::new();
    let mut judge = Judge::start();
    for members in RINGS {
        let keys_of_ring: Vec<Key> = members.iter().map(|&at| keys[at].clone()).collect();
        let reader = SessionCodec::new(ring(&keys_of_ring));
        for (signer, key) in keys.iter().enumerate() {
            let cookie = SessionCodec::new(ring(std::slice::from_ref(key)))
                .encode_as(&json!({"user": signer}), NOW)
                .expect("encodes");
            judge.load(SESSION_SALT, &keys_of_ring, seconds(NOW), None, &cookie);
            let ours = reader
                .verify(&cookie, NOW)
                .map(|verified| verified.key_index());
            let position = members.iter().position(|&member| member == signer);
            assert_eq!(ours, position.ok_or(Error::BadSignature), "{members:?}");
            cases.push((format!("key {signer}, ring {members:?}"), ours));
        }
    }
    let answers = judge.answers();
    for ((name, ours), django) in cases.iter().zip(&answers) {
        assert_eq!(ours.is_ok(), django.ok, "{name}");
        assert!(django.ok || django.error == "BadSignature", "{name}");
    }
    let refused = answers.iter().filter(|django| !django.ok).count();
    println!(
        "rotation: {} readings compared, {refused} of them refused, 0 mismatches",
        cases.len()
    );
}
