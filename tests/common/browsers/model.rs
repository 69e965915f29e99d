//! The model of the site: which cookies are good, and what a response does with its session.

use hardtack::Error;
use hardtack::limits::MAX_UNIX_SECONDS;

use super::session::{Content, Draft, Own};

/// Milliseconds after which a session ends.
pub const AGE: i64 = 3_600_000;
/// Milliseconds after which a session that is read is sent again.
pub const RENEWAL: i64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sends {
    Changed,
    /// Also those that are due for renewal.
    Renewed,
    Every,
}

/// The settings of the site.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    pub is_keyed: bool,
    pub sends: Sends,
    /// Whether a cookie ends at the session's own expiry.
    pub is_expiry_enforced: bool,
    pub signing_key: usize,
    pub fallback: Option<usize>,
    /// Cookies that were signed before this Unix second are refused.
    pub cutoff: Option<i64>,
}

/// A cookie that the site has issued, and its session.
#[derive(Clone, Debug)]
pub struct Issued {
    pub value: String,
    pub content: Content,
    /// Unix milliseconds.
    pub saved_at: i64,
    pub key: usize,
}

/// The cookies of a request.
#[derive(Clone, Copy, Debug)]
pub enum Had<'a> {
    Nothing,
    Good(&'a Issued),
    /// Whether no program could ever use them.
    Refused {
        is_useless: bool,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum Decision {
    Nothing,
    Save,
    End,
}

#[derive(Clone, Copy, Debug)]
pub struct Status {
    pub code: u16,
    /// Shared caches may store the response.
    pub is_shared: bool,
    /// The application sets the session's cookie itself.
    pub sets_cookie: bool,
}

impl Site {
    /// Returns whether a cookie that the site issued is good.
    fn is_good(&self, it: &Issued, now: i64) -> bool {
        if self.is_keyed {
            return now < Self::end(&it.content, it.saved_at);
        }
        let stamp = 1000 * (it.saved_at / 1000);
        let has_key = it.key == self.signing_key || Some(it.key) == self.fallback;
        let is_ended =
            self.is_expiry_enforced && own_end(&it.content, stamp).is_some_and(|end| now > end);
        has_key
            && now - stamp <= AGE
            && self.cutoff.is_none_or(|second| stamp / 1000 >= second)
            && !is_ended
    }

    /// Returns when a session in a store ends.
    fn end(content: &Content, saved_at: i64) -> i64 {
        own_end(content, saved_at)
            .unwrap_or(saved_at + AGE)
            .min(1000 * MAX_UNIX_SECONDS)
    }

    /// Returns the session of a request: that of the last key in its cookies, or of the youngest good cookie.
    pub fn find<'a>(&self, issued: &'a [Issued], values: &[String], now: i64) -> Had<'a> {
        let known = |value: &String| {
            let it = issued.iter().find(|it| it.value == *value);
            it.filter(|it| self.is_good(it, now))
        };
        let (good, is_useless) = if self.is_keyed {
            let last = values.iter().rfind(|value| is_key(value));
            let is_alone = |last| values.iter().all(|value| value == last);
            (last.and_then(known), last.is_some_and(is_alone))
        } else {
            // Of equally young ones, the last.
            let second = |it: &&Issued| (it.saved_at / 1000).min(now / 1000);
            let has_signature = |value: &String| value.matches(':').count() >= 2;
            let good = values.iter().filter_map(known).max_by_key(second);
            (good, values.iter().all(has_signature))
        };
        match good {
            Some(it) => Had::Good(it),
            None if values.is_empty() => Had::Nothing,
            None => Had::Refused { is_useless },
        }
    }

    /// Returns what the session requires.
    fn wanted(&self, had: Had<'_>, draft: &Draft, loaded_at: i64) -> Decision {
        let is_sent = draft.is_changed()
            || self.sends == Sends::Every
            || draft.is_read() && self.is_due(had, loaded_at)
            || draft.is_rehashed();
        let is_ended = match had {
            Had::Nothing => false,
            Had::Good(_) => draft.is_changed(),
            Had::Refused { is_useless: true } => draft.is_read(),
            Had::Refused { is_useless: false } => draft.is_discarded,
        };
        match draft.content.is_empty() {
            true if is_ended => Decision::End,
            false if is_sent => Decision::Save,
            _ => Decision::Nothing,
        }
    }

    fn is_due(&self, had: Had<'_>, now: i64) -> bool {
        let Had::Good(it) = had else { return false };
        let gain = if self.is_keyed {
            Self::end(&it.content, now) - Self::end(&it.content, it.saved_at)
        } else {
            now - 1000 * (it.saved_at / 1000)
        };
        self.sends == Sends::Renewed && gain > RENEWAL
    }

    /// Returns why a session cannot be saved.
    fn refusal(&self, content: &Content, now: i64) -> Option<Error> {
        let is_out_of_range = now.div_euclid(1000) > MAX_UNIX_SECONDS;
        if self.is_keyed {
            let is_ended = Self::end(content, now) <= now;
            return is_out_of_range
                .then_some(Error::TimeOutOfRange)
                .or(is_ended.then_some(Error::SessionExpired));
        }
        let is_ended = matches!(content.own, Own::At(end) if end < now);
        let is_early = self.cutoff.is_some_and(|second| now / 1000 < second);
        let reasons = [
            (is_early, Error::IssuedTooEarly),
            (is_ended && self.is_expiry_enforced, Error::SessionExpired),
            (is_out_of_range, Error::TimeOutOfRange),
            (is_ended, Error::SessionExpired),
        ];
        reasons
            .into_iter()
            .find(|(applies, _)| *applies)
            .map(|(_, error)| error)
    }
}

impl Status {
    /// Returns whether a response may do what the session requires.
    fn allows(self, decision: Decision, is_changed: bool) -> bool {
        let is_free = is_changed || !self.is_shared && !self.sets_cookie;
        self.code != 101
            && match decision {
                Decision::Nothing => true,
                Decision::Save if !is_changed => self.code < 400 && is_free,
                Decision::End if is_changed => true,
                Decision::Save | Decision::End => self.code < 500 && is_free,
            }
    }
}

/// Returns when a session ends by its own expiry.
fn own_end(content: &Content, saved_at: i64) -> Option<i64> {
    match content.own {
        Own::Default | Own::WithBrowser => None,
        Own::After(age) => Some(saved_at + age),
        Own::At(end) => Some(end),
    }
}

/// Returns the cookie's `Max-Age`, in seconds.
pub fn max_age(content: &Content, now: i64) -> Option<i64> {
    let end = own_end(content, now).unwrap_or(now + AGE);
    (content.own != Own::WithBrowser).then(|| (end - now).div_euclid(1000))
}

fn is_key(value: &str) -> bool {
    (8..=40).contains(&value.len())
        && value
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cookie {
    #[default]
    Kept,
    Set,
    Deleted,
}

/// What a response does with its session.
#[derive(Debug, Default)]
pub struct Effect {
    pub cookie: Cookie,
    /// Whether the cookie's key has no record any more.
    pub ends_key: bool,
    pub is_unsaved: bool,
    pub unsent: Option<Error>,
    pub error: Option<Error>,
}

impl Effect {
    pub fn new(
        site: &Site,
        had: Had<'_>,
        draft: &Draft,
        status: Status,
        loaded_at: i64,
        now: i64,
    ) -> Self {
        let wanted = site.wanted(had, draft, loaded_at);
        let had_cookie = !matches!(had, Had::Nothing);
        let is_flushed = draft.is_flushed() && had_cookie;
        let nothing = Self::default();
        let deleted = Self {
            cookie: Cookie::Deleted,
            ends_key: true,
            ..Self::default()
        };
        match (wanted, site.refusal(&draft.content, now)) {
            (Decision::Nothing, _) => nothing,
            // A handler that ends its session ends its record, even if the response cannot say so.
            _ if !status.allows(wanted, draft.is_changed())
                && site.is_keyed
                && draft.is_changed()
                && (wanted == Decision::End || is_flushed) =>
            {
                Self {
                    cookie: if status.code == 101 {
                        Cookie::Kept
                    } else {
                        Cookie::Deleted
                    },
                    is_unsaved: wanted == Decision::Save || !matches!(had, Had::Good(_)),
                    ..deleted
                }
            }
            _ if !status.allows(wanted, draft.is_changed()) => Self {
                is_unsaved: draft.is_changed(),
                ..nothing
            },
            (Decision::End, _) => deleted,
            (Decision::Save, None) => Self {
                cookie: Cookie::Set,
                ends_key: draft.renews_key,
                ..nothing
            },
            (Decision::Save, unsent) if !draft.is_changed() => Self { unsent, ..nothing },
            (Decision::Save, Some(Error::SessionExpired)) if had_cookie => deleted,
            (Decision::Save, Some(Error::SessionExpired)) => Self {
                is_unsaved: true,
                ..nothing
            },
            (Decision::Save, error) => Self {
                error,
                ends_key: is_flushed,
                ..nothing
            },
        }
    }
}
