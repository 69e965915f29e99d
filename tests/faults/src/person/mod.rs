//! A user with two browsers, and an attacker who has copies of their cookies. One request at a time, so the model knows the
//! right answer to each.

mod count;
mod exchange;

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::Failure;
use crate::fleet::{Fleet, Turn};
use crate::forgery::FORGERIES;
use crate::http::{Connection, End};
use crate::judge::{Update, update};
use crate::model::{Account, Cookie, Effect, Loaded};
use crate::random::Random;
use crate::site::{Ask, Site, View};
use crate::tally::{Row, Tally, Verdict};
use count::right;
use exchange::Exchange;

/// How many copies an attacker keeps of one account's cookies.
const COPIES: usize = 12;

pub struct Person<S> {
    number: usize,
    people: usize,
    fleet: Arc<Fleet>,
    tally: Arc<Tally>,
    random: Random,
    connections: Vec<Connection>,
    account: Account,
    accounts: usize,
    jars: [Option<Cookie>; 2],
    copies: Vec<Cookie>,
    /// The moves of the clock at the last request.
    moves: u64,
    /// Whether the last request was interrupted.
    was_cut: bool,
    site: PhantomData<S>,
}

impl<S: Site> Person<S> {
    pub fn new(
        number: usize,
        people: usize,
        fleet: Arc<Fleet>,
        tally: Arc<Tally>,
        random: Random,
    ) -> Self {
        Self {
            number,
            people,
            fleet,
            tally,
            random,
            connections: Vec::new(),
            account: S::account(number),
            accounts: 1,
            jars: [None, None],
            copies: Vec::new(),
            moves: 0,
            was_cut: false,
            site: PhantomData,
        }
    }

    /// Sends requests until the run is over.
    pub async fn run(mut self) -> Result<(), Failure> {
        while !self.tally.is_over() {
            if self.tally.must_wait() {
                sleep(Duration::from_millis(1)).await;
            } else {
                self.act().await?;
            }
        }
        Ok(())
    }

    async fn act(&mut self) -> Result<(), Failure> {
        if !self.account.exists {
            return self.visit(0, Ask::SignUp).await;
        }
        if self.random.one_in(4) && self.attack().await? {
            return Ok(());
        }
        let at = self.random.below(2);
        let content = self.jars[at].as_ref().map(|cookie| cookie.content.clone());
        let ask = S::wish(&content.unwrap_or_default(), &mut self.random);
        let is_page = matches!(ask, Ask::View(_));
        self.visit(at, ask).await?;
        if !is_page && self.account.exists {
            self.visit(at, Ask::View(View::Shop)).await?;
        }
        Ok(())
    }

    /// Sends a request of a browser, and another one if a worker was killed and the effect is unknown.
    async fn visit(&mut self, at: usize, ask: Ask) -> Result<(), Failure> {
        let jar = self.jars[at].clone();
        let is_behind = S::request(&ask, &self.account).is_behind;
        let exchange = self.exchange(ask, jar, None).await?;
        let Exchange { turn, expected, .. } = &exchange;
        match &exchange.end {
            End::Cut(head, _) => {
                self.tally.event("interrupted requests");
                self.was_cut = true;
                // A browser takes a cookie from the headers, even if the rest does not arrive.
                let keys = &self.fleet.setup.keys;
                match head
                    .as_ref()
                    .map(|head| update::<S>(head, expected, turn, &self.account, keys))
                {
                    Some(Ok(update)) => {
                        self.account = self.account.after(&expected.effect);
                        self.keep(at, &exchange.turn, update);
                    }
                    Some(Err(wrong)) => self.count(&exchange, Verdict::Otherwise(wrong)),
                    // Django may still be at it.
                    None if expected.effect != Effect::None && is_behind => self.leave(),
                    None if expected.effect != Effect::None => {
                        let effect = expected.effect.clone();
                        return self.find_out(at, &effect).await;
                    }
                    None => {}
                }
            }
            End::Answer(response) => match self.compare(&exchange, response, expected) {
                Ok(update) => {
                    self.count(&exchange, right(&exchange, &self.account));
                    self.account = self.account.after(&exchange.expected.effect);
                    self.keep(at, &exchange.turn, update);
                }
                Err(wrong) => {
                    let verdict = self.wrong(&exchange, response, &wrong);
                    self.count(&exchange, verdict);
                    self.leave();
                }
            },
        }
        Ok(())
    }

    /// Finds out whether an interrupted request has had its effect: its cookie tells, as its login has ended or not.
    async fn find_out(&mut self, at: usize, effect: &Effect) -> Result<(), Failure> {
        self.tally
            .event("interrupted requests that may have changed an account");
        if *effect == Effect::Created {
            self.leave();
            return Ok(());
        }
        loop {
            let jar = self.jars[at].clone();
            let exchange = self.exchange(Ask::View(View::Shop), jar, None).await?;
            let changed = self.account.after(effect);
            let loaded = Loaded::of(exchange.presented.as_ref(), &exchange.turn);
            let other = S::expect(&exchange.ask, loaded, &exchange.turn, &changed);
            if other == exchange.expected {
                // The cookie is too old by now.
                self.leave();
                return Ok(());
            }
            let End::Answer(response) = &exchange.end else {
                self.tally.event("interrupted requests");
                continue;
            };
            let found = match self.compare(&exchange, response, &exchange.expected) {
                Ok(update) => Ok((update, right(&exchange, &self.account))),
                Err(wrong) => match self.compare(&exchange, response, &other) {
                    Ok(update) => {
                        self.account = changed;
                        Ok((update, right(&exchange, &self.account)))
                    }
                    Err(_) => Err(wrong),
                },
            };
            match found {
                Ok((update, verdict)) => {
                    self.count(&exchange, verdict);
                    self.keep(at, &exchange.turn, update);
                }
                Err(wrong) => {
                    self.count(&exchange, Verdict::Otherwise(wrong));
                    self.leave();
                }
            }
            return Ok(());
        }
    }

    /// Sends a copied or forged cookie. Returns whether there was one.
    async fn attack(&mut self) -> Result<bool, Failure> {
        let known = self.known();
        let Some(good) = self.random.pick(&known).cloned() else {
            return Ok(false);
        };
        let how = if self.random.one_in(3) {
            Row::Copy
        } else {
            FORGERIES[self.random.below(FORGERIES.len())]
        };
        let ask = S::attack(&mut self.random);
        let exchange = self.exchange(ask, Some(good), Some(how)).await?;
        match &exchange.end {
            End::Answer(response) => match self.compare(&exchange, response, &exchange.expected) {
                // The attacker throws the new cookie away.
                Ok(_) => self.count(&exchange, right(&exchange, &self.account)),
                Err(wrong) => {
                    let verdict = self.wrong(&exchange, response, &wrong);
                    self.count(&exchange, verdict);
                    self.leave();
                }
            },
            End::Cut(..) => {
                self.tally.event("interrupted requests");
                self.was_cut = true;
            }
        }
        Ok(true)
    }

    /// Takes over what an answer does with the cookie. Now and then, an attacker copies the one before.
    fn keep(&mut self, at: usize, turn: &Turn, update: Update) {
        let new = match update {
            Update::Keep => return,
            Update::Delete => None,
            Update::Set(cookie) => {
                self.fleet.note(turn);
                Some(cookie)
            }
        };
        let old = std::mem::replace(&mut self.jars[at], new);
        if let Some(old) = old
            && self.random.one_in(4)
        {
            if self.copies.len() == COPIES {
                self.copies.swap_remove(self.random.below(COPIES));
            }
            self.copies.push(old);
        }
    }

    /// Goes on with another account, and without cookies.
    fn leave(&mut self) {
        self.account = S::account(self.number + self.people * self.accounts);
        self.accounts += 1;
        self.jars = [None, None];
        self.copies.clear();
    }
}
