//! The session middleware: sends the same requests with the same views and settings through Django's and ours.

mod cookies;
mod kinds;
mod outcome;
mod scenario;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use crate::ask::ask_django;
use kinds::{KINDS, State, kind};
use outcome::{Outcome, ours};
use scenario::{Question, Scenario};

/// The number of mismatches that are shown in full.
const SHOWN: usize = 50;

/// The outcomes of both sides in one scenario.
struct Comparison<'a> {
    scenario: &'a Scenario,
    django: Outcome,
    /// Django's outcome for the stand-in.
    stand_in: Option<Outcome>,
    ours: Outcome,
    state: State,
}

enum Verdict {
    Equal,
    Listed(&'static str),
    Mismatch,
}

impl Comparison<'_> {
    fn verdict(&self) -> Verdict {
        let Self {
            scenario,
            django,
            ours,
            state,
            ..
        } = self;
        if django == ours {
            return Verdict::Equal;
        }
        kind(&scenario.question, state, django, ours)
            .or_else(|| self.kind_of_stand_in())
            .map_or(Verdict::Mismatch, Verdict::Listed)
    }

    fn kind_of_stand_in(&self) -> Option<&'static str> {
        let stand_in = self.scenario.stand_in.as_ref()?;
        let django = self.stand_in.as_ref()?;
        let is_alike = django == &self.ours
            || kind(&stand_in.question, &self.state, django, &self.ours).is_some();
        is_alike.then_some(stand_in.kind)
    }
}

fn compare(scenarios: &[Scenario]) -> Vec<Comparison<'_>> {
    let questions: Vec<&Question> = scenarios
        .iter()
        .flat_map(|it| {
            let stand_in = it.stand_in.as_ref().map(|stand_in| &stand_in.question);
            std::iter::once(&it.question).chain(stand_in)
        })
        .collect();
    let answers: Vec<Outcome> = ask_django("middleware.py", &[], questions.iter());
    let mut answers = answers.into_iter();
    scenarios
        .iter()
        .map(|scenario| {
            let mut next = || answers.next().expect("an answer to each question");
            let django = next();
            let stand_in = scenario.stand_in.as_ref().map(|_| next());
            let (ours, state) = ours(&scenario.question);
            Comparison {
                scenario,
                django,
                stand_in,
                ours,
                state,
            }
        })
        .collect()
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn responses_are_those_of_djangos_middleware() {
    let scenarios = table::scenarios();
    let names: BTreeSet<_> = scenarios
        .iter()
        .map(|it| (&it.name, it.question.now.to_bits()))
        .collect();
    assert_eq!(names.len(), scenarios.len(), "a name stands twice");

    let mut equal = 0;
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut mismatches = Vec::new();
    let comparisons = compare(&scenarios);
    for comparison in &comparisons {
        match comparison.verdict() {
            Verdict::Equal => equal += 1,
            Verdict::Listed(kind) => *listed.entry(kind).or_default() += 1,
            Verdict::Mismatch => mismatches.push(comparison),
        }
    }
    report(&listed);
    println!(
        "middleware: {} scenarios, {equal} equal to Django, {} listed differences, {} mismatches",
        scenarios.len(),
        listed.values().sum::<usize>(),
        mismatches.len()
    );
    for it in mismatches.iter().take(SHOWN) {
        let Comparison {
            scenario,
            django,
            ours,
            ..
        } = it;
        println!(
            "{}\n  Django   {django:?}\n  hardtack {ours:?}",
            scenario.name
        );
    }
    let idle = KINDS.iter().filter(|(kind, _)| !listed.contains_key(kind));
    let idle: Vec<_> = idle.collect();
    assert!(idle.is_empty(), "listed, but not so: {idle:#?}");
    assert!(mismatches.is_empty(), "{} mismatches", mismatches.len());
}

fn report(listed: &BTreeMap<&str, usize>) {
    for (kind, reason) in KINDS {
        let count = listed.get(kind).unwrap_or(&0);
        println!("  {kind}: {count} times; {reason}");
    }
    let known = |kind: &&str| KINDS.iter().any(|(known, _)| known == kind);
    assert!(listed.keys().all(known), "a kind without a reason");
}
