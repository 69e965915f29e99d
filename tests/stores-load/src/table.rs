//! The table of costs.

use crate::cost::Contender;

const PLAIN: usize = 0;
const READ: usize = 1;
const WRITE: usize = 2;

pub fn print(contenders: &[Contender]) {
    println!(
        "requests a second with a session, by those of a page without one on the same server: median of the rounds"
    );
    println!("engine    read   written   of tower-sessions: read   written");
    for (ours, theirs) in pairs(contenders) {
        let share = |contender: &Contender, page: usize| {
            format!(
                "{:.2}",
                median(&ratios(&contender.rates[page], &contender.rates[PLAIN]))
            )
        };
        let of = |page| theirs.map_or("-".to_owned(), |theirs| share(theirs, page));
        println!(
            "{:9} {:>4}   {:>7}   {:>23}   {:>7}",
            ours.engine.to_string(),
            share(ours, READ),
            share(ours, WRITE),
            of(READ),
            of(WRITE),
        );
    }

    println!(
        "hardtack's requests a second by those of tower-sessions: median (lowest) of the rounds; and the processor's time of"
    );
    println!(
        "the service for a request, tower-sessions' by hardtack's; above 1, hardtack is ahead"
    );
    println!(
        "engine    no session     read           written        time: no session   read   written"
    );
    for (ours, theirs) in pairs(contenders) {
        let Some(theirs) = theirs else { continue };
        let ratio = |page: usize| {
            let ratios = ratios(&ours.rates[page], &theirs.rates[page]);
            let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            format!("{:.2} ({lowest:.2})", median(&ratios))
        };
        let time = |page: usize| format!("{:.2}", theirs.ticks[page] / ours.ticks[page]);
        println!(
            "{:9} {:14} {:14} {:14} {:>16}   {:>4}   {:>7}",
            ours.engine.to_string(),
            ratio(PLAIN),
            ratio(READ),
            ratio(WRITE),
            time(PLAIN),
            time(READ),
            time(WRITE)
        );
    }

    println!("queries for a request: without a session / read / written");
    for (ours, theirs) in pairs(contenders) {
        if ours.queries[READ].is_some() {
            let of = theirs.map_or("-".to_owned(), queries);
            println!(
                "{:9} {}   tower-sessions: {of}",
                ours.engine.to_string(),
                queries(ours)
            );
        }
    }
}

/// Returns each engine with hardtack, and with tower-sessions.
fn pairs(contenders: &[Contender]) -> impl Iterator<Item = (&Contender, Option<&Contender>)> {
    let ours = contenders.iter().filter(|contender| contender.is_hardtack);
    ours.map(|ours| {
        let is_same = |theirs: &&Contender| !theirs.is_hardtack && theirs.engine == ours.engine;
        (ours, contenders.iter().find(is_same))
    })
}

fn queries(contender: &Contender) -> String {
    let counts = contender
        .queries
        .map(|count| count.map_or("-".to_owned(), |count| format!("{count:.2}")));
    counts.join(" / ")
}

/// Computes the ratios round by round, so that other work on the machine affects both.
fn ratios(of: &[f64], by: &[f64]) -> Vec<f64> {
    of.iter().zip(by).map(|(of, by)| of / by).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
