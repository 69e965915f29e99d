//! The intended differences from Django, and no others: each kind with its reason.

use hardtack::{Error, Loaded, cookie};

use super::outcome::Outcome;
use super::scenario::{Action, Question};

pub const OWN_EXPIRY: &str = "own expiry";
pub const ONLY_DJANGO_READS: &str = "only Django reads";
pub const TOO_LONG_TO_READ: &str = "too long to read";
pub const SEVERAL: &str = "several cookies";
pub const YOUNGEST: &str = "youngest cookie";

const EMPTIED: &str = "emptied";
const REFUSED: &str = "refused and read";
const LEFT_ALONE: &str = "left alone";
const NOT_SENT: &str = "empty, not sent";
const SHORT: &str = "short";
const TOO_LARGE: &str = "too large to send";
const FRACTION: &str = "fraction of a second";
const REFUSAL: &str = "refusal";
const SHARED: &str = "shared caches";
const SAID_ALREADY: &str = "said already";
const PAST: &str = "past expiry";

/// Every kind of difference, and its reason.
pub const KINDS: &[(&str, &str)] = &[
    (
        EMPTIED,
        "a session that was emptied is deleted, at any status; Django does so after flush only, and signs a {} otherwise",
    ),
    (
        REFUSED,
        "a cookie that nobody can read is deleted once it was asked for; Django replaces it by a signed {}",
    ),
    (
        LEFT_ALONE,
        "a cookie that is not signed, or has a good signature and cannot be read here, may be another service's; Django replaces it by a signed {}",
    ),
    (
        NOT_SENT,
        "an empty session is never sent, not by save-every-request and not by cycle; Django signs a {}",
    ),
    (
        SHORT,
        "a cookie under 8 characters is left alone, as any other that is not signed; Django always deletes it",
    ),
    (
        TOO_LARGE,
        "a cookie that browsers drop is an error; Django sends it",
    ),
    (
        PAST,
        "a session whose own expiry has passed is deleted; Django sends it with a negative Max-Age",
    ),
    (
        REFUSAL,
        "what the view did not change is not sent with a status of 400 and above, save-every-request or not; Django sends it below 500",
    ),
    (
        SHARED,
        "what the view did not change is not sent on a response for shared caches; Django sends it, and a cache may hand it to others",
    ),
    (
        SAID_ALREADY,
        "what the view did not change is not sent over a cookie of that name which the view set; Django sends it",
    ),
    (
        FRACTION,
        "an expiry with a fraction of a second: Max-Age and Expires name the same second; Django adds the fraction to Expires",
    ),
    (
        OWN_EXPIRY,
        "a session past its own expiry has expired; Django's engine never looks at it",
    ),
    (
        ONLY_DJANGO_READS,
        "a payload that no Django writes, under a good signature, is malformed; Django reads it",
    ),
    (
        TOO_LONG_TO_READ,
        "a cookie value over 4096 bytes is not looked at; Django reads it",
    ),
    (
        SEVERAL,
        "of several cookies a good one counts, whatever comes after it; in Django the last one",
    ),
    (
        YOUNGEST,
        "of several good cookies the youngest counts, as a stale one of another path would make sign-in loop; in Django the last one",
    ),
];

/// What our side knew when it answered.
pub struct State {
    refusal: Option<Error>,
    is_empty: bool,
    modified: bool,
    pub accessed: bool,
}

impl State {
    pub fn of(loaded: &Loaded) -> Self {
        let accessed = loaded.session.accessed();
        Self {
            refusal: loaded.refusal(),
            is_empty: loaded.session.is_empty(),
            modified: loaded.session.modified(),
            accessed,
        }
    }

    /// Returns whether no key signed the cookie, or it has expired.
    fn is_useless(&self) -> bool {
        self.refusal.is_some_and(Error::is_useless_cookie)
    }

    fn is_unreadable(&self) -> bool {
        self.refusal.is_some() && !self.is_useless()
    }
}

/// Returns the kind of difference between the two answers to this question, if it is an intended one.
pub fn kind(
    question: &Question,
    state: &State,
    django: &Outcome,
    ours: &Outcome,
) -> Option<&'static str> {
    if django.seen != ours.seen {
        return None;
    }
    if let Some(error) = ours.error {
        return kind_of_error(question, error, django);
    }
    if let (Some(django), Some(ours)) = (&django.cookie, &ours.cookie)
        && django
            .expires
            .zip(ours.expires)
            .is_some_and(|(django, ours)| django == ours + 1)
        && django.is_but_for_expires(ours)
    {
        return has_fraction(question).then_some(FRACTION);
    }
    if ours.deletes() {
        if !state.is_empty && is_past(django) {
            return Some(PAST);
        }
        return kind_of_deletion(question, state, django, ours);
    }
    if ours.is_nothing(question) {
        if let Some(kind) = kind_of_restraint(question, state, django, ours) {
            return Some(kind);
        }
        if state.is_empty {
            return kind_of_silence(question, state, django, ours);
        }
        // The request had no cookie, so there is nothing to delete.
        let name = question.settings.session_cookie_name;
        let came_in = cookie::find(name, &question.headers).next().is_some();
        return (is_past(django) && !came_in).then_some(PAST);
    }
    None
}

/// Returns whether Django sends a session that a browser deletes at once.
fn is_past(django: &Outcome) -> bool {
    let cookie = django.cookie.as_ref();
    let age = cookie.and_then(|cookie| cookie.attributes.get("max-age")?.as_deref());
    age.is_some_and(|age| age.starts_with('-')) && django.varies()
}

/// Returns the kind of difference if Django sends an unchanged session and ours does not, because of the response.
fn kind_of_restraint(
    question: &Question,
    state: &State,
    django: &Outcome,
    ours: &Outcome,
) -> Option<&'static str> {
    let is_useless = state.is_empty && state.is_useless() && state.accessed;
    let is_saved = !state.is_empty && question.settings.session_save_every_request;
    if state.modified || !(is_useless || is_saved) || django.is_nothing(question) {
        return None;
    }
    if question.status >= 500 || ours.varies() != (state.accessed || says_cookie(question)) {
        return None;
    }
    if question.response.is_shared() {
        Some(SHARED)
    } else if question.response.cookie.is_some() {
        Some(SAID_ALREADY)
    } else {
        (is_saved && question.status >= 400).then_some(REFUSAL)
    }
}

fn says_cookie(question: &Question) -> bool {
    question
        .response
        .vary
        .is_some_and(|vary| vary.contains("Cookie"))
}

fn kind_of_error(question: &Question, error: Error, django: &Outcome) -> Option<&'static str> {
    let is_too_large = matches!(error, Error::TooLong { .. });
    (is_too_large && !django.is_nothing(question)).then_some(TOO_LARGE)
}

fn kind_of_deletion(
    question: &Question,
    state: &State,
    django: &Outcome,
    ours: &Outcome,
) -> Option<&'static str> {
    let is_saved = question.status < 500;
    let signs_empty = if is_saved {
        django.sets_empty() || (django.is_nothing(question) && pops_first(question))
    } else {
        django.is_nothing(question)
    };
    if !(signs_empty && django.varies() && ours.varies() && state.is_empty) {
        return None;
    }
    if state.is_useless() && is_saved {
        return state.accessed.then_some(REFUSED);
    }
    let is_asked_for = !state.is_unreadable() || empties(question) || writes(question);
    (state.modified && is_asked_for).then_some(EMPTIED)
}

fn kind_of_silence(
    question: &Question,
    state: &State,
    django: &Outcome,
    ours: &Outcome,
) -> Option<&'static str> {
    let is_saved = question.status < 500;
    if ours.varies() != (state.accessed || says_cookie(question)) {
        return None;
    }
    if django.deletes() {
        let is_late =
            !state.accessed || ((!is_saved || state.is_unreadable()) && !empties(question));
        return (is_short(question) && is_late).then_some(SHORT);
    }
    if !(is_saved && django.sets_empty()) {
        return None;
    }
    if state.is_unreadable() && state.accessed {
        return Some(LEFT_ALONE);
    }
    let is_sent_by_django = question.settings.session_save_every_request || cycles(question);
    (is_sent_by_django && !(state.is_useless() && state.accessed)).then_some(NOT_SENT)
}

fn empties(question: &Question) -> bool {
    let empties = |action: &Action| matches!(action, Action::Clear | Action::Flush);
    question.actions.iter().any(empties)
}

/// Returns whether `pop` is the first action: if Django's `pop` loads the session, it resets the flag "modified" that
/// the refusal set.
fn pops_first(question: &Question) -> bool {
    matches!(question.actions.first(), Some(Action::Pop { .. }))
}

fn writes(question: &Question) -> bool {
    use Action::{ExpireAfter, ExpireAt, ExpireWithBrowser, Set, SetDefault, SetTestCookie};
    let writes = |action: &Action| {
        matches!(
            action,
            Set { .. }
                | SetDefault { .. }
                | ExpireAfter { .. }
                | ExpireAt { .. }
                | ExpireWithBrowser
                | SetTestCookie
        )
    };
    question.actions.iter().any(writes)
}

fn has_fraction(question: &Question) -> bool {
    let has_fraction = |action: &Action| match action {
        Action::Set { key, value } => *key == "_session_expiry" && value.is_f64(),
        _ => false,
    };
    question.actions.iter().any(has_fraction)
}

fn cycles(question: &Question) -> bool {
    let cycles = |action: &Action| matches!(action, Action::Cycle);
    question.actions.iter().any(cycles)
}

/// Returns whether the value is so short that Django does not accept it as a session key.
fn is_short(question: &Question) -> bool {
    let name = question.settings.session_cookie_name;
    let last = cookie::find(name, &question.headers).next();
    last.is_some_and(|value| value.chars().count() < 8)
}
