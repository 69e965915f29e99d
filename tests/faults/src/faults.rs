//! What happens to the workers while the people send their requests.

use std::time::Duration;

use tokio::time::sleep;

use crate::Failure;
use crate::fleet::{Fleet, Moment};
use crate::keys::{Key, Ring};
use crate::model::MAX_AGE;
use crate::random::Random;
use crate::tally::{Row, Tally};

const DAY: i64 = 24 * 60 * 60;

/// 2026-11-27 08:00:00, when the run begins.
pub const START: i64 = 1_795_766_400;

/// Python cannot tell the time after 2262-04-11 23:47:16, so Django cannot run then.
pub const END_OF_PYTHON: i64 = i64::MAX / 1_000_000_000;

/// The epoch, and where the seconds leave 31 and 32 bits, and the nanoseconds 63. Before the epoch, hyper panics (in the
/// crate httpdate).
const ERAS: [(Row, i64); 4] = [
    (Row::Year1970, 0),
    (Row::Year2038, i32::MAX as i64 - 10),
    (Row::Year2106, u32::MAX as i64 - 10),
    (Row::Year2262, END_OF_PYTHON - 10),
];

const STEPS: [i64; 11] = [
    1,
    1,
    10,
    60 * 60,
    13 * 60 * 60,
    DAY,
    -1,
    -60 * 60,
    -DAY,
    MAX_AGE,
    MAX_AGE + 1,
];

/// The first key that signs. Those before it are retired already.
const FIRST: Key = 100;

pub fn first_ring() -> Ring {
    [FIRST].into()
}

#[derive(Clone, Copy)]
enum Fault {
    Kill,
    KillAll,
    MoveClock,
    ChangeEra,
    Rotate,
}

/// Each round has all faults, in any order: a whole rotation of the key, and each era.
const ROUND: [(Fault, usize); 4] = [
    (Fault::Kill, 4),
    (Fault::KillAll, 1),
    (Fault::MoveClock, 12),
    (Fault::ChangeEra, 2 * ERAS.len()),
];

const STEPS_OF_ROTATION: usize = 3;

pub struct Faults<'a> {
    fleet: &'a Fleet,
    tally: &'a Tally,
    random: Random,
    /// The time to come back to from another era.
    home: i64,
    eras: usize,
    /// The end of the clock.
    end: i64,
    old: Key,
    /// The step of the rotation, and the workers that have finished it.
    step: usize,
    done: usize,
}

impl<'a> Faults<'a> {
    pub fn new(fleet: &'a Fleet, tally: &'a Tally, random: Random, end: i64) -> Self {
        Self {
            fleet,
            tally,
            random,
            home: START,
            eras: 0,
            end,
            old: FIRST,
            step: 0,
            done: 0,
        }
    }

    /// Causes a fault after each `every` answers. Stops the people after this many requests, but not before the end of the
    /// first round.
    pub async fn run(mut self, requests: usize, every: usize) -> Result<(), Failure> {
        let mut next = every;
        let mut faults = Vec::new();
        let mut rounds = 0;
        self.tally.allow(next + every);
        loop {
            if faults.is_empty() {
                faults = self.shuffled();
                rounds += 1;
            }
            if rounds > 1 && self.tally.answered() >= requests {
                break;
            }
            if self.tally.answered() < next {
                sleep(Duration::from_millis(1)).await;
                continue;
            }
            next += every;
            self.tally.allow(next + every);
            if let Some(fault) = faults.pop() {
                self.cause(fault).await?;
            }
        }
        self.tally.stop();
        Ok(())
    }

    fn shuffled(&mut self) -> Vec<Fault> {
        let rotation = (Fault::Rotate, STEPS_OF_ROTATION * self.fleet.workers());
        let all = ROUND.into_iter().chain([rotation]);
        let mut faults: Vec<_> = all
            .flat_map(|(fault, number)| std::iter::repeat_n(fault, number))
            .collect();
        for at in (1..faults.len()).rev() {
            faults.swap(at, self.random.below(at + 1));
        }
        faults
    }

    async fn cause(&mut self, fault: Fault) -> Result<(), Failure> {
        match fault {
            Fault::Kill => {
                let at = self.random.below(self.fleet.workers());
                self.tally.event("workers killed");
                self.fleet.restart(at, None).await
            }
            Fault::KillAll => {
                self.tally.event("times that all workers were killed");
                for at in 0..self.fleet.workers() {
                    self.fleet.kill(at).await?;
                }
                for at in (0..self.fleet.workers()).rev() {
                    self.fleet.restart(at, None).await?;
                }
                Ok(())
            }
            Fault::MoveClock => self.move_clock().await,
            Fault::ChangeEra => self.change_era().await,
            Fault::Rotate => self.rotate().await,
        }
    }

    async fn move_clock(&mut self) -> Result<(), Failure> {
        let Moment { now, era, .. } = self.fleet.moment().await;
        let to = now + STEPS[self.random.below(STEPS.len())];
        let to = if (0..=self.end).contains(&to) {
            to
        } else {
            (now + 1).min(self.end)
        };
        self.tally.event(if to < now {
            "times that the clock was set back"
        } else {
            "times that the clock was set forward"
        });
        self.fleet.move_clock(to, era).await
    }

    /// Sets the clock to another era, or back home, where cookies of the other eras are then ahead of it.
    async fn change_era(&mut self) -> Result<(), Failure> {
        let Moment { now, era, .. } = self.fleet.moment().await;
        self.tally.event("changes of the era");
        if era == Row::Home {
            self.home = now;
            let (era, now) = ERAS[self.eras % ERAS.len()];
            self.eras += 1;
            return self.fleet.move_clock(now, era).await;
        }
        self.fleet.move_clock(self.home, Row::Home).await
    }

    /// Restarts one worker with the ring of the next step. A step begins when all have finished the one before.
    async fn rotate(&mut self) -> Result<(), Failure> {
        let (old, new) = (self.old, self.old + 1);
        let ring: Ring = match self.step {
            0 => [old, new].into(),
            1 => [new, old].into(),
            _ => [new].into(),
        };
        if self.step == 2 && self.done == 0 {
            // The old key is retired when the max age has passed.
            if self.fleet.moment().await.era != Row::Home {
                self.change_era().await?;
            }
            self.fleet.wait_for_retirement(old).await?;
        }
        self.fleet.restart(self.done, Some(&ring)).await?;
        self.tally.event("workers restarted with another ring");
        self.done += 1;
        if self.done < self.fleet.workers() {
            return Ok(());
        }
        self.done = 0;
        self.step = (self.step + 1) % STEPS_OF_ROTATION;
        if self.step == 0 {
            self.old = new;
            self.tally.event("rotations of the key");
        }
        Ok(())
    }
}
