//! Where a login page leads to: each `next` that we accept, Django accepts, and both write it alike.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::Stdio;

use hardtack::axum::{login_url, safe_next};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::python::environment;
use crate::table;

const RANDOM_VALUES: usize = 20_000;

/// Whether Django would redirect to a value, and its redirect to the login page; the second only for ASCII.
fn ask_django(values: &[String]) -> Vec<(bool, Option<String>)> {
    let mut child = environment()
        .python("next.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut pipe = BufWriter::new(child.stdin.take().expect("it is piped"));
    for value in values {
        let line = serde_json::to_string(value).expect("JSON");
        writeln!(pipe, "{line}").expect("Django listens");
    }
    drop(pipe);
    let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let answers: Vec<_> = output
        .map(|line| serde_json::from_str(&line.expect("UTF-8")).expect("an answer"))
        .collect();
    assert!(child.wait().expect("it ends").success());
    assert_eq!(answers.len(), values.len());
    answers
}

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
    for (at, (value, (is_allowed, redirect))) in values.iter().zip(ask_django(&values)).enumerate()
    {
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
