//! The program over HTTP.

#[path = "../../../tests/common/visits.rs"]
mod visits;

const PROGRAM: &str = env!("CARGO_BIN_EXE_with-actix");

#[test]
fn counts_visits_in_a_cookie() {
    visits::counts_visits_in_a_cookie(PROGRAM);
}

#[test]
fn starts_again() {
    visits::starts_again(PROGRAM);
}

#[test]
fn believes_no_forged_cookie() {
    visits::believes_no_forged_cookie(PROGRAM);
}

#[test]
fn makes_a_key_if_it_has_none() {
    visits::makes_a_key_if_it_has_none(PROGRAM);
}
