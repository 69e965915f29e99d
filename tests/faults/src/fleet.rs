//! The workers of a site, and their clock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedRwLockReadGuard, RwLock};
use tokio::time::sleep;

use crate::Failure;
use crate::clock::Clock;
use crate::keys::{Key, Keys, Ring};
use crate::model::MAX_AGE;
use crate::process::Process;
use crate::random::Random;
use crate::tally::Row;

/// A place for a worker: the process in it is killed and started again.
#[derive(Default)]
struct Slot {
    is_up: AtomicBool,
    /// Requests hold this until they are answered, so a new process starts after the last request to the one before.
    worker: Arc<RwLock<Worker>>,
    process: Mutex<Option<Process>>,
    /// A copy, for comparisons.
    ring: Lock<Ring>,
}

#[derive(Default)]
struct Worker {
    port: u16,
    ring: Ring,
}

/// What all workers share, at one time.
#[derive(Clone, Copy)]
pub struct Moment {
    pub now: i64,
    pub era: Row,
    /// Counts the moves of the clock.
    pub moves: u64,
    /// Whether the clock was set back since a key was retired. Cookies of that key may then be young again.
    pub was_set_back: bool,
}

/// How the workers of a site are started.
pub struct Setup {
    pub name: &'static str,
    /// The program in front, and the Python that runs Django behind it.
    pub program: PathBuf,
    pub django: Option<Django>,
    pub variables: Vec<(&'static str, String)>,
    pub keys: Keys,
    pub clock: Clock,
    pub folder: PathBuf,
}

pub struct Django {
    pub python: PathBuf,
    pub manage: PathBuf,
    pub ports: Vec<u16>,
}

pub struct Fleet {
    pub setup: Setup,
    front: Vec<Slot>,
    behind: Vec<Slot>,
    moment: Arc<RwLock<Moment>>,
    /// The latest stamp that each key signed at home.
    newest: Lock<BTreeMap<Key, i64>>,
    is_mixed: AtomicBool,
    started: AtomicUsize,
}

/// A request's turn at a worker.
pub struct Turn {
    pub now: i64,
    /// The ring of the worker that answers.
    pub ring: Ring,
    pub port: u16,
    /// The index of the worker in front.
    pub at: usize,
    pub moment: Moment,
    pub is_mixed: bool,
    behind: Option<usize>,
}

/// Until this is dropped, the clock is not moved, and no other process takes the place of the turn's workers. A request
/// drops it as soon as it has ended, or the workers could never start again.
pub struct Guards {
    _front: OwnedRwLockReadGuard<Worker>,
    _behind: Option<OwnedRwLockReadGuard<Worker>>,
    _moment: OwnedRwLockReadGuard<Moment>,
}

impl Fleet {
    pub async fn start(
        setup: Setup,
        workers: usize,
        ring: Ring,
        moment: Moment,
    ) -> Result<Self, Failure> {
        setup.clock.set(moment.now)?;
        let behind = setup.django.as_ref().map_or(0, |django| django.ports.len());
        let slots = |number| std::iter::repeat_with(Slot::default).take(number).collect();
        let fleet = Self {
            setup,
            front: slots(workers),
            behind: slots(behind),
            moment: Arc::new(RwLock::new(moment)),
            newest: Lock::default(),
            is_mixed: AtomicBool::new(false),
            started: AtomicUsize::new(0),
        };
        for at in (0..fleet.workers()).rev() {
            fleet.restart(at, Some(&ring)).await?;
        }
        Ok(fleet)
    }

    /// Returns the number of all workers. The first ones are in front, the others are Django behind them.
    pub fn workers(&self) -> usize {
        self.front.len() + self.behind.len()
    }

    /// Waits for a turn at any worker in front, or at any Django behind it.
    pub async fn turn(&self, is_behind: bool, random: &mut Random) -> (Turn, Guards) {
        loop {
            let at = random.below(self.front.len());
            let behind = is_behind.then(|| at % self.behind.len().max(1));
            let front = self.front[at].enter();
            let django = behind.map(|behind| self.behind[behind].enter());
            let (Some(front), Some(django)) =
                (front, django.map_or(Some(None), |guard| guard.map(Some)))
            else {
                sleep(Duration::from_millis(1)).await;
                continue;
            };
            let moment = Arc::clone(&self.moment).read_owned().await;
            let turn = Turn {
                now: moment.now,
                ring: Arc::clone(&django.as_ref().unwrap_or(&front).ring),
                port: front.port,
                at,
                moment: *moment,
                is_mixed: self.is_mixed.load(Ordering::SeqCst),
                behind,
            };
            let guards = Guards {
                _front: front,
                _behind: django,
                _moment: moment,
            };
            return (turn, guards);
        }
    }

    /// Returns whether one of the workers of this turn has been killed since it began.
    pub fn was_killed(&self, turn: &Turn) -> bool {
        let is_down = |slot: &Slot| !slot.is_up.load(Ordering::SeqCst);
        is_down(&self.front[turn.at]) || turn.behind.is_some_and(|at| is_down(&self.behind[at]))
    }

    pub async fn moment(&self) -> Moment {
        *self.moment.read().await
    }

    /// Moves the clock of all workers, between two requests.
    pub async fn move_clock(&self, now: i64, era: Row) -> Result<(), Failure> {
        let mut moment = self.moment.write().await;
        self.setup.clock.set(now)?;
        *moment = Moment {
            now,
            era,
            moves: moment.moves + 1,
            was_set_back: moment.was_set_back || now < moment.now,
        };
        Ok(())
    }

    /// Moves the clock to the first second at which all cookies of a key are too old, if they were signed at home.
    pub async fn wait_for_retirement(&self, key: Key) -> Result<(), Failure> {
        let newest = self.newest().get(&key).copied().unwrap_or(0);
        let now = self.moment().await.now.max(newest + MAX_AGE + 1);
        self.move_clock(now, Row::Home).await?;
        self.moment.write().await.was_set_back = false;
        Ok(())
    }

    /// Notes that a worker has signed a cookie.
    pub fn note(&self, turn: &Turn) {
        if turn.moment.era == Row::Home {
            let mut newest = self.newest();
            let stamp = newest.entry(turn.ring[0]).or_insert(turn.now);
            *stamp = turn.now.max(*stamp);
        }
    }

    fn newest(&self) -> MutexGuard<'_, BTreeMap<Key, i64>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills a worker, whatever it does at that time.
    pub async fn kill(&self, at: usize) -> Result<(), Failure> {
        let slot = self.slot(at);
        slot.is_up.store(false, Ordering::SeqCst);
        match slot.process.lock().await.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Kills a worker and starts it again, with another ring or the same.
    pub async fn restart(&self, at: usize, ring: Option<&Ring>) -> Result<(), Failure> {
        self.kill(at).await?;
        let slot = self.slot(at);
        let mut worker = slot.worker.write().await;
        if let Some(ring) = ring {
            worker.ring = Arc::clone(ring);
            *slot.ring.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(ring);
            self.compare_rings();
        }
        let process = self.start_process(at, &worker.ring).await?;
        worker.port = process.port;
        *slot.process.lock().await = Some(process);
        slot.is_up.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn slot(&self, at: usize) -> &Slot {
        let behind = at.checked_sub(self.front.len());
        behind.map_or_else(|| &self.front[at], |behind| &self.behind[behind])
    }

    fn compare_rings(&self) {
        let ring =
            |slot: &Slot| Arc::clone(&slot.ring.lock().unwrap_or_else(PoisonError::into_inner));
        let mut rings = self.front.iter().chain(&self.behind).map(ring);
        let first = rings.next();
        let is_mixed = rings.any(|ring| Some(ring) != first);
        self.is_mixed.store(is_mixed, Ordering::SeqCst);
    }

    async fn start_process(&self, at: usize, ring: &Ring) -> Result<Process, Failure> {
        let setup = &self.setup;
        let mut variables = setup.variables.clone();
        variables.push(("SECRET_KEY", setup.keys.text(ring[0])));
        variables.push(("SECRET_KEY_FALLBACKS", setup.keys.fallbacks(ring)));
        for (name, path) in setup.clock.variables() {
            variables.push((name, path.display().to_string()));
        }
        let number = self.started.fetch_add(1, Ordering::SeqCst);
        let log = setup.folder.join(format!("{}-{number}.log", setup.name));
        let Some(django) = &setup.django else {
            let program = setup.program.to_str().ok_or("not UTF-8")?;
            variables.push(("PORT", "0".to_owned()));
            return Process::start(&[program], variables, log).await;
        };
        if let Some(behind) = at.checked_sub(self.front.len()) {
            let address = format!("127.0.0.1:{}", django.ports[behind]);
            let python = django.python.to_str().ok_or("not UTF-8")?;
            let manage = django.manage.to_str().ok_or("not UTF-8")?;
            let program = [python, "-u", manage, "runserver", "--noreload", &address];
            return Process::start(&program, variables, log).await;
        }
        let program = setup.program.to_str().ok_or("not UTF-8")?;
        let port = django.ports[at % django.ports.len()];
        variables.push(("PORT", "0".to_owned()));
        variables.push(("DJANGO", format!("127.0.0.1:{port}")));
        Process::start(&[program], variables, log).await
    }
}

impl Slot {
    /// Returns a guard if the worker is up and no other process is about to take its place.
    fn enter(&self) -> Option<OwnedRwLockReadGuard<Worker>> {
        let worker = Arc::clone(&self.worker).try_read_owned().ok()?;
        self.is_up.load(Ordering::SeqCst).then_some(worker)
    }
}
