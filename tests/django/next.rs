//! Where a login page leads to: each `next` that we accept, Django accepts, and both write it alike.

use hardtack::axum::{login_url, safe_next};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::ask::ask_django;
use crate::table;

const RANDOM_VALUES: usize = 20_000;

/// Strings of what makes a URL another site's, and of what may hide it.
fn random_values() -> Vec<String> {
    let part = prop_oneof![
        4 => Just("/"),
        6 => prop::sample::select(vec![
            "\\", "..", ".", ":", "@", "?", "#", "%2F", "%5C", "%09", "%", "&", "=", "+", "[", "]", ";", "\"", "<", ">", "{", "|",
            " ", "\t", "\n", "\r", "\0", "\u{7f}", "\u{a0}", "\u{2028}", "／", "é",
            "http:", "https:", "javascript:", "evil.example", "site.example", "a",
        ]),
    ];
    let value = prop::collection::vec(part, 0..8);
    let mut runner = TestRunner::new(Config::default());
    (0..RANDOM_VALUES)
        .map(|_| {
            let tree = value.new_tree(&mut runner).expect("a value");
            tree.current().concat()
        })
        .collect()
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --features axum --test django_live -- --ignored --nocapture"]
fn next() {
    let (hostile, good) = table::values();
    let good_count = good.len();
    let values: Vec<String> = good
        .into_iter()
        .chain(hostile)
        .chain(random_values())
        .collect();
    let mut accepted = 0;
    let mut only_django = 0;
    // Whether Django would redirect to a value, and its redirect to the login page; the second only for ASCII.
    let django: Vec<(bool, Option<String>)> = ask_django("next.py", &[], values.iter());
    for (at, (value, (is_allowed, redirect))) in values.iter().zip(django).enumerate() {
        if safe_next(value).is_some() {
            assert!(is_allowed, "Django refuses {value:?}");
            let url = login_url("/login?by=mail", value);
            assert_eq!(Some(url), redirect, "{value:?}");
            accepted += 1;
        } else {
            assert!(at >= good_count);
            only_django += usize::from(is_allowed);
        }
    }
    println!(
        "next: {} compared, {accepted} accepted by both, {only_django} by Django only",
        values.len()
    );
    assert!(
        accepted > 1000 && only_django > 1000,
        "the values are too much alike"
    );
}
