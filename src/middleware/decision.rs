//! Decides whether a response saves its session, ends it or leaves it alone. Sessions in a cookie and sessions in a
//! store follow the same rules.

use super::loaded::{Loaded, Source};
use super::response::Response;
use crate::session::Change;
use crate::settings::SessionSettings;

/// The status after which a connection changes to another protocol. Such a response gets no session headers, and no
/// cache stores it.
pub(super) const SWITCHING_PROTOCOLS: u16 = 101;
/// Lowest status of a response that refuses the request. Such a response never sends an unchanged session.
const CLIENT_ERROR: u16 = 400;
/// Lowest status of a server error. Such a response does not save its session.
const SERVER_ERROR: u16 = 500;

/// What to do with the session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Save it, and set its cookie.
    Save,
    /// Delete it, and its cookie.
    End,
    Nothing,
}

/// What a response does with its session.
pub(super) struct Verdict {
    /// What the session requires.
    pub(super) wanted: Decision,
    /// What the response does: the same as `wanted`, or nothing if it must not do that.
    pub(super) decision: Decision,
    /// Whether the handler changed the session, so failing to save it is an error.
    pub(super) is_modified: bool,
    /// Whether the response depends on the cookie, even if it does not set it.
    pub(super) varies: bool,
}

impl Verdict {
    pub(super) fn new(
        loaded: &Loaded,
        settings: &SessionSettings,
        status: u16,
        response: &Response<'_>,
    ) -> Self {
        let is_modified = loaded.is_modified();
        let is_read = loaded.session.accessed() || is_modified;
        let wanted = wanted(loaded, settings, is_modified, is_read);
        let decision = if is_allowed(wanted, is_modified, status, response) {
            wanted
        } else {
            Decision::Nothing
        };
        Self {
            wanted,
            decision,
            is_modified,
            varies: is_read && status != SWITCHING_PROTOCOLS,
        }
    }

    /// Returns whether the handler changed the session, but the response must not save or end it.
    pub(super) fn is_unsaved(&self) -> bool {
        self.is_modified && self.decision != self.wanted
    }
}

/// Returns what the session requires. [`is_allowed`] then checks the response.
fn wanted(
    loaded: &Loaded,
    settings: &SessionSettings,
    is_modified: bool,
    is_read: bool,
) -> Decision {
    if loaded.session.object.len() == 0 {
        let is_ended = match &loaded.source {
            Source::Nothing => false,
            Source::Cookie { .. } | Source::Record { .. } => is_modified,
            Source::Refused {
                error,
                record: None,
                may_hide_another: false,
            } if error.is_useless_cookie() => is_read,
            // Another service may be able to read it, or another cookie may be good, so it ends only if the handler cleared
            // or replaced the session.
            Source::Refused { .. } => loaded.is_discarded(),
        };
        return if is_ended {
            Decision::End
        } else {
            Decision::Nothing
        };
    }
    let is_due = match loaded.source {
        Source::Cookie { is_due, .. } | Source::Record { is_due, .. } => is_due,
        Source::Nothing | Source::Refused { .. } => false,
    };
    let is_due = is_due || loaded.session.change == Change::Rehashed;
    if is_modified || settings.saves_every_request || is_due && is_read {
        Decision::Save
    } else {
        Decision::Nothing
    }
}

/// Returns whether a response may do what the session requires. An unchanged session is treated more strictly than a
/// changed one: it must not override the response's own `Set-Cookie`, be cached for all users, or be renewed by a
/// request that was refused.
fn is_allowed(decision: Decision, is_modified: bool, status: u16, response: &Response<'_>) -> bool {
    if status == SWITCHING_PROTOCOLS {
        return false;
    }
    match decision {
        Decision::Nothing => true,
        Decision::End if is_modified => true,
        Decision::Save if is_modified => status < SERVER_ERROR,
        _ if response.is_shared || response.sets_cookie => false,
        Decision::End => status < SERVER_ERROR,
        Decision::Save => sends_unchanged(status),
    }
}

/// Returns whether a response of this status may send an unchanged session.
pub(crate) const fn sends_unchanged(status: u16) -> bool {
    status < CLIENT_ERROR && status != SWITCHING_PROTOCOLS
}
