//! Runs Django's own tests of `django.core.signing` and of its cookie sessions against this crate.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::python::{environment, run};

/// Builds a bridge with the features and the profile of this test, and returns its path.
fn bridge(name: &str) -> PathBuf {
    let this = env::current_exe().expect("a running test has a path");
    // target/PROFILE/deps/THIS
    let profile = this.ancestors().nth(2).expect("a folder of the profile");
    let target = profile.parent().expect("a target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "bridges", "--bin", name]);
    cargo.args([
        "--manifest-path",
        concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
    ]);
    cargo.arg("--target-dir").arg(target);
    cargo.args(["--no-default-features", "--features", "compress"]);
    if cfg!(feature = "std") {
        cargo.args(["--features", "std"]);
    }
    if !profile.ends_with("debug") {
        cargo
            .arg("--profile")
            .arg(profile.file_name().expect("a name"));
    }
    run(&mut cargo);
    profile.join(name)
}

/// Runs a script that drives a bridge, and checks its last line.
fn run_tests(script: &str, program: &str, expected: &str) {
    let mut tests = environment().python(script);
    tests.arg(bridge(program)).arg(&environment().source);
    let output = run(&mut tests);
    let told = String::from_utf8_lossy(&output.stdout);
    let result = told.lines().last().unwrap_or_default();
    println!("{result}");
    assert_eq!(result, expected);
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn djangos_signing_tests_pass() {
    run_tests(
        "run_signing_tests.py",
        "bridge",
        "django signing tests: 17 passed, 0 failed, 2 not applicable",
    );
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn djangos_cookie_session_tests_pass() {
    run_tests(
        "run_session_tests.py",
        "session_bridge",
        "django session tests: 62 passed, 0 failed, 4 skipped by Django",
    );
}
