//! Sends a cookie, or a forged one, and waits for the end of the request.

use super::Person;
use crate::Failure;
use crate::fleet::Turn;
use crate::forgery::{Presented, forge};
use crate::http::{Connection, End};
use crate::model::{Cookie, Effect, Expected, Loaded};
use crate::site::{Ask, Site, View};
use crate::tally::Row;

/// A request, and how it ended.
pub struct Exchange {
    pub turn: Turn,
    pub presented: Option<Cookie>,
    /// How an attacker got the cookie.
    pub how: Option<Row>,
    pub ask: Ask,
    pub expected: Expected,
    pub end: End,
}

impl<S: Site> Person<S> {
    /// Sends a request when a worker is there, until it is answered or interrupted.
    pub(super) async fn exchange(
        &mut self,
        mut ask: Ask,
        cookie: Option<Cookie>,
        how: Option<Row>,
    ) -> Result<Exchange, Failure> {
        loop {
            let is_behind = S::request(&ask, &self.account).is_behind;
            if is_behind && how == Some(Row::Two) {
                // Of several cookies, Django knows only one.
                ask = Ask::View(View::Shop);
                continue;
            }
            let (turn, _guards) = self.fleet.turn(is_behind, &mut self.random).await;
            let forged = self.forge(cookie.as_ref(), how, &turn)?;
            // A forgery that would be the same cookie is a copy.
            let how = how.map(|how| if forged.is_some() { how } else { Row::Copy });
            let (values, presented) = match (forged, &cookie) {
                (Some(Presented { values, cookie }), _) => (values, Some(cookie)),
                (None, Some(cookie)) => (vec![cookie.value.clone()], Some(cookie.clone())),
                (None, None) => (Vec::new(), None),
            };
            let loaded = Loaded::of(presented.as_ref(), &turn);
            let expected = S::expect(&ask, loaded, &turn, &self.account);
            if how.is_some() && expected.effect != Effect::None {
                // The attacker may not end what the user has.
                ask = Ask::View(View::Shop);
                continue;
            }
            let end = match self.send(&turn, &ask, &values).await {
                // Django, behind the worker, cannot be reached.
                Some(End::Answer(response))
                    if response.status == 502 && self.fleet.was_killed(&turn) =>
                {
                    End::Cut(None, "502".to_owned())
                }
                Some(End::Cut(_, why)) if !self.fleet.was_killed(&turn) => {
                    return Err(format!("{ask:?}, and no worker was killed: {why}").into());
                }
                None if !self.fleet.was_killed(&turn) => {
                    return Err("a worker that was not killed cannot be reached".into());
                }
                None => continue,
                Some(end) => end,
            };
            return Ok(Exchange {
                turn,
                presented,
                how,
                ask,
                expected,
                end,
            });
        }
    }

    fn forge(
        &mut self,
        good: Option<&Cookie>,
        how: Option<Row>,
        turn: &Turn,
    ) -> Result<Option<Presented>, Failure> {
        let (Some(good), Some(how)) = (good, how) else {
            return Ok(None);
        };
        if how == Row::Copy {
            return Ok(None);
        }
        let known = self.known();
        let other = self.random.pick(&known).unwrap_or(good);
        let keys = &self.fleet.setup.keys;
        forge(how, good, other, turn, keys, &mut self.random)
    }

    /// Returns all of the account's cookies that the attacker knows.
    pub(super) fn known(&self) -> Vec<Cookie> {
        let jars = self.jars.iter().flatten();
        jars.chain(&self.copies).cloned().collect()
    }

    async fn send(&mut self, turn: &Turn, ask: &Ask, values: &[String]) -> Option<End> {
        let request = S::request(ask, &self.account);
        let pairs: Vec<_> = values
            .iter()
            .map(|value| format!("{}={value}", S::COOKIE))
            .collect();
        let cookie = format!("{}{}", S::OTHER_COOKIES, pairs.join("; "));
        if self.connections.len() <= turn.at {
            self.connections
                .resize_with(turn.at + 1, Connection::default);
        }
        let connection = &mut self.connections[turn.at];
        connection
            .send(turn.port, &request.path, request.form.as_deref(), &cookie)
            .await
    }
}
