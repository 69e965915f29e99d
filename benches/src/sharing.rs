//! Cost by the number of threads that share one codec.

use std::time::Duration;

use hardtack_bench::data::{self, CLASSES, LATER, NOW};
use hardtack_bench::pieces::Macs;

use crate::plot::{Plot, Series};
use crate::table::{Table, micros};
use crate::threads::{self, Work};

/// The work that is measured. The last one shares nothing, so its speed-up is that of the machine under its current
/// load.
const WORK: [&str; 4] = ["encode", "decode", "verify", "HMACs, nothing shared"];

/// Plots the microseconds of a core per session, for class M.
pub fn by_threads(budget: Duration) -> Plot {
    let costs = measure(budget);
    println!(
        "\n== M: threads that share one codec, us of a core ({} cores)",
        threads::cores()
    );
    let headings = ["threads"].into_iter().chain(WORK);
    let mut table = Table::new(&headings.collect::<Vec<_>>());
    for (count, costs) in &costs {
        let cells = costs.iter().map(|cost| micros(*cost));
        table.row([count.to_string()].into_iter().chain(cells));
    }
    table.print();
    println!(
        "\n== M: throughput to that of one thread; it is the machine's own limit that the last column shows"
    );
    let mut table = Table::new(&["threads"].into_iter().chain(WORK).collect::<Vec<_>>());
    let rate = |count: usize, cost: f64| count.min(threads::cores()) as f64 / cost;
    let (_, alone) = &costs[0];
    for (count, costs) in &costs {
        let speed_up = costs
            .iter()
            .zip(alone)
            .map(|(cost, alone)| rate(*count, *cost) * alone);
        let cells = speed_up.map(|factor| format!("{factor:.2}"));
        table.row([count.to_string()].into_iter().chain(cells));
    }
    table.print();
    plot(&costs)
}

/// Returns the cost of each work for each number of threads.
fn measure(budget: Duration) -> Vec<(usize, Vec<f64>)> {
    let [_, class, ..] = CLASSES;
    let (codec, macs) = (data::codec(1), Macs::new(1));
    let (codec, macs) = (&codec, &macs);
    let (sessions, cookies) = (&class.sessions(), &class.cookies());
    let encode = |i: usize| {
        codec
            .encode(&sessions[i], NOW)
            .map_or(0, |cookie| cookie.len())
    };
    let decode = |i: usize| {
        codec
            .decode(cookies[i], LATER)
            .map_or(0, |session| session.iter().len())
    };
    let verify = |i: usize| usize::from(codec.verify(cookies[i], LATER).is_ok());
    let hmac = |i: usize| usize::from(macs.run(cookies[i])[0]);
    let work: [Work<'_>; 4] = [
        &|| Box::new(encode),
        &|| Box::new(decode),
        &|| Box::new(verify),
        &|| Box::new(hmac),
    ];
    let cost = |count| (count, threads::measure(count, budget, &work));
    threads::counts().into_iter().map(cost).collect()
}

fn plot(costs: &[(usize, Vec<f64>)]) -> Plot {
    let series = WORK.iter().enumerate().map(|(kind, name)| {
        let mut series = Series::new(name);
        let points = costs
            .iter()
            .map(|(count, costs)| (*count as f64, costs[kind] / 1000.0));
        series.points.extend(points);
        series
    });
    let most = threads::counts().last().copied().unwrap_or(1);
    Plot {
        title: "Cost against threads, class M",
        x: "threads that share one codec",
        series: series.collect(),
        range: Some((0.9, most as f64 * 1.1)),
    }
}
