//! The same work on several threads at once.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hardtack_bench::data::COUNT;

/// Creates the work of one thread, which is called with the number of a payload.
pub type Work<'a> = &'a (dyn Fn() -> Box<dyn FnMut(usize) -> usize + 'a> + Sync);

/// Returns the numbers of threads: one, two, all cores, and more threads than cores.
pub fn counts() -> Vec<usize> {
    let cores = cores();
    let mut counts = vec![1, 2, cores, 4 * cores];
    counts.dedup();
    counts
}

/// Returns the number of cores.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Returns, for each kind of work, the nanoseconds of a core per payload in the fastest of many rounds. The kinds take
/// turns. If each thread has a free core, the result does not depend on the number of threads, unless they wait for
/// each other.
pub fn measure(threads: usize, budget: Duration, kinds: &[Work<'_>]) -> Vec<f64> {
    let passes: Vec<usize> = kinds.iter().map(|kind| passes(*kind)).collect();
    let mut fastest = vec![f64::INFINITY; kinds.len()];
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < 3 || start.elapsed() < budget {
        for ((kind, passes), fastest) in kinds.iter().zip(&passes).zip(&mut fastest) {
            *fastest = fastest.min(round(threads, *passes, *kind));
        }
        rounds += 1;
    }
    fastest
}

/// Returns the number of passes over all payloads for a round of at least half a millisecond: much longer than starting
/// a thread takes, and short enough that some rounds have the cores for themselves.
fn passes(work: Work<'_>) -> usize {
    let once = round(1, 1, work) * COUNT as f64;
    (0.5e6 / once).ceil() as usize
}

fn round(threads: usize, passes: usize, work: Work<'_>) -> f64 {
    let ready = AtomicUsize::new(0);
    let run = || {
        let mut work = work();
        for payload in 0..COUNT {
            black_box(work(payload)); // warms up the thread
        }
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < threads {
            thread::yield_now();
        }
        let start = Instant::now();
        for payload in (0..passes).flat_map(|_| 0..COUNT) {
            black_box(work(black_box(payload)));
        }
        (start, Instant::now())
    };
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let join =
            |handle: thread::ScopedJoinHandle<'_, _>| handle.join().expect("a thread ends well");
        handles.into_iter().map(join).collect()
    });
    let first = spans
        .iter()
        .map(|span| span.0)
        .min()
        .expect("there is a thread");
    let last = spans
        .iter()
        .map(|span| span.1)
        .max()
        .expect("there is a thread");
    let busy = (last - first).as_secs_f64() * 1e9 * threads.min(cores()) as f64;
    busy / (threads * passes * COUNT) as f64
}
