//! Compares an answer with the right one, and counts it.

use super::Person;
use super::exchange::Exchange;
use crate::fleet::Moment;
use crate::http::Response;
use crate::judge::{Update, compare};
use crate::keys::Key;
use crate::model::{Account, Expected, Loaded, MAX_AGE, Source};
use crate::site::Site;
use crate::tally::{Row, Verdict};

impl<S: Site> Person<S> {
    pub(super) fn compare(
        &self,
        Exchange { turn, ask, .. }: &Exchange,
        response: &Response,
        expected: &Expected,
    ) -> Result<Update, String> {
        let keys = &self.fleet.setup.keys;
        compare::<S>(ask, response, expected, turn, &self.account, keys)
    }

    /// Finds the verdict for a wrong answer: it may be the one to a cookie that is accepted instead of refused.
    pub(super) fn wrong(&self, exchange: &Exchange, response: &Response, wrong: &str) -> Verdict {
        let Exchange {
            turn,
            presented,
            ask,
            ..
        } = exchange;
        let loaded = Loaded::of(presented.as_ref(), turn);
        let is_refused = loaded.refusal(turn, &self.account).is_some();
        let opposite = loaded.opposite(presented.as_ref(), turn, &self.account);
        let opposite = S::expect(ask, opposite, turn, &self.account);
        let example = format!("{ask:?} at {}, ring {:?}: {wrong}", turn.now, turn.ring);
        match self.compare(exchange, response, &opposite) {
            Ok(_) if is_refused => Verdict::WronglyAccepted(example),
            Ok(_) => Verdict::WronglyRefused(example),
            Err(_) => Verdict::Otherwise(example),
        }
    }

    pub(super) fn count(&mut self, exchange: &Exchange, verdict: Verdict) {
        let Exchange {
            turn, presented, ..
        } = exchange;
        let loaded = Loaded::of(presented.as_ref(), turn);
        let row = match (exchange.how, loaded.refusal(turn, &self.account), presented) {
            (Some(Row::Copy) | None, Some(reason), _) => reason,
            (Some(how), ..) => how,
            (None, None, None) => Row::NoCookie,
            (None, None, Some(cookie)) if cookie.stamp > turn.now => Row::Ahead,
            (None, None, Some(cookie)) if cookie.key != Some(turn.ring[0]) => Row::OfFallback,
            (None, None, Some(_)) => Row::Own,
        };
        let mut rows = vec![row, turn.moment.era];
        for (fault, happened) in [
            (Row::AfterCut, self.was_cut),
            (Row::AfterMove, self.moves != turn.moment.moves),
            (Row::Mixed, turn.is_mixed),
            (
                Row::ByDjango,
                S::request(&exchange.ask, &self.account).is_behind,
            ),
        ] {
            if happened {
                rows.push(fault);
            }
        }
        (self.was_cut, self.moves) = (false, turn.moment.moves);
        let verdict = match verdict {
            Verdict::RightlyRefused if self.is_lost_to_rotation(exchange) => {
                Verdict::WronglyRefused("the rotation of the keys has ended it".to_owned())
            }
            verdict => verdict,
        };
        self.tally.answer(&rows, verdict);
    }

    /// Returns whether a browser's session ends although it is young and nothing but the keys has changed. The model would
    /// let a worker without the key refuse it, but the steps of the rotation must not let it come to that.
    fn is_lost_to_rotation(
        &self,
        Exchange {
            turn,
            presented,
            how,
            ..
        }: &Exchange,
    ) -> bool {
        let Some(cookie) = presented.as_ref().filter(|_| how.is_none()) else {
            return false;
        };
        let is_known = |key: &Key| turn.ring.contains(key);
        let login = cookie.content.login;
        let is_of_known_keys = cookie.key.as_ref().is_some_and(is_known)
            && login.is_none_or(|login| is_known(&login.key));
        let is_good = (0..=MAX_AGE).contains(&(turn.now - cookie.stamp))
            && cookie.content.end.is_none_or(|end| turn.now <= end)
            && login.is_none_or(|login| login.version == self.account.version);
        let Moment {
            era, was_set_back, ..
        } = turn.moment;
        is_good && !is_of_known_keys && era == Row::Home && !was_set_back
    }
}

/// Returns the verdict for a right answer. `account` is the one before the request.
pub fn right(exchange: &Exchange, account: &Account) -> Verdict {
    let loaded = Loaded::of(exchange.presented.as_ref(), &exchange.turn);
    let is_refused = loaded.refusal(&exchange.turn, account).is_some();
    if is_refused || loaded.source == Source::NoCookie {
        Verdict::RightlyRefused
    } else {
        Verdict::RightlyAccepted
    }
}
