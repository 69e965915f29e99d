//! Prints the progress, the rate and the time left.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Time between two lines, if the output is not a terminal.
const LINE: Duration = Duration::from_secs(10);
/// Time between two updates of the line on a terminal.
const FRAME: Duration = Duration::from_millis(100);
const BAR: usize = 24;

/// On a terminal, one line that is overwritten; otherwise a new line every [`LINE`].
pub(crate) struct Progress {
    total: u64,
    done: u64,
    start: Instant,
    shown: Instant,
    is_terminal: bool,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        let now = Instant::now();
        Self {
            total,
            done: 0,
            start: now,
            shown: now,
            is_terminal: std::io::stderr().is_terminal(),
        }
    }

    pub(crate) fn add(&mut self, cleared: u64) {
        self.done += cleared;
        // After the count, a row may still be saved with a date before `now`.
        self.total = self.total.max(self.done);
        let pause = if self.is_terminal { FRAME } else { LINE };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        if self.is_terminal {
            show(&format!("\r\x1b[K{}", self.bar() + &self.state()));
        } else {
            show(&format!("{}\n", self.state()));
        }
    }

    /// Prints the result.
    pub(crate) fn end(&self, what: &str) {
        if self.is_terminal {
            show("\r\x1b[K");
        }
        let seconds = self.start.elapsed().as_secs_f64();
        print(&format!("{what} {} in {seconds:.1} s", self.count()));
    }

    fn count(&self) -> String {
        format!("{} of {}", grouped(self.done), grouped(self.total))
    }

    fn state(&self) -> String {
        let elapsed = self.start.elapsed().as_millis().max(1);
        let rate = u64::try_from(u128::from(self.done) * 1000 / elapsed).unwrap_or(u64::MAX);
        let left = (self.total - self.done) / rate.max(1);
        let (minutes, seconds) = (left / 60, left % 60);
        let count = self.count();
        format!(
            "{count}, {} a second, {minutes}:{seconds:02} left",
            grouped(rate)
        )
    }

    fn bar(&self) -> String {
        let share = u128::from(self.done) * BAR as u128 / u128::from(self.total.max(1));
        let full = usize::try_from(share).unwrap_or(BAR);
        format!("[{}{}] ", "#".repeat(full), "-".repeat(BAR - full))
    }
}

/// Writes a line to stdout. Errors are ignored, because a closed pipe must not stop the work.
pub(crate) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn show(text: &str) {
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

/// Formats a number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}
