//! What a response says about its session.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::SessionMiddleware;
use super::loaded::{Loaded, Source};
use super::response::{Header, Response};
use crate::error::Error;
use crate::limits::DEFAULT_MAX_AGE;
use crate::timestamp::{MaxAge, Timestamp};

/// Another protocol takes over: such a response carries no session, and is not cached.
const SWITCHING_PROTOCOLS: u16 = 101;
/// Lowest status of a response that refuses the request: it never sends an unchanged session.
const CLIENT_ERROR: u16 = 400;
/// Lowest status of a response that is the server's error: its session is not saved.
const SERVER_ERROR: u16 = 500;

/// What a response says about its session.
///
/// A framework's middleware copies the headers into its response:
///
/// ```
/// # use hardtack::Answer;
/// fn copy(answer: Answer, headers: &mut Vec<(&'static str, Vec<u8>)>) {
///     for header in answer.headers {
///         if header.replaces {
///             headers.retain(|(name, _)| *name != header.name);
///         }
///         headers.push((header.name, header.value));
///     }
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// Headers for the response, to be set in this order.
    pub headers: Vec<Header>,
    /// Whether the handler changed the session, but this response does not send it: its status is 101, or 500 and above,
    /// or the session is new and its own expiry has already passed. The caller should log this.
    pub unsaved: bool,
    /// Why an unchanged session was not sent again, although a renewal or save-every-request required it. The browser
    /// keeps its cookie, so it is enough to log this.
    pub unsent: Option<Error>,
}

/// What to do with the cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Set,
    Delete,
    Nothing,
}

impl SessionMiddleware {
    /// Returns what the response says about its session. `response_headers` has all headers of the response, or at
    /// least `Cache-Control`, `Set-Cookie` and `Vary`: an `http::HeaderMap`, or a list of pairs of names and values.
    ///
    /// | the session | the answer |
    /// |---|---|
    /// | changed, and now empty; the request had a cookie | deletes it, at any status |
    /// | changed, and not empty; status below 500 | sets it; deletes it if its own expiry has passed |
    /// | not changed, not empty; save-every-request is on, or it was read and a renewal is due; status below 400, and no `Cache-Control: public` or `s-maxage` | sets it |
    /// | only read; the request's cookie is forged or too old; status below 500, and no `Cache-Control: public` or `s-maxage` | deletes it |
    /// | otherwise | nothing |
    ///
    /// - A cookie that was refused for another reason (it is too long, it is not signed, or its signature is valid but
    ///   its content cannot be read here) is left alone, unless the handler writes a new session or clears this one:
    ///   Django may be able to read it.
    /// - If the response already has a `Set-Cookie` for the same cookie, a changed session replaces it, and an
    ///   unchanged one adds nothing.
    /// - The response gets `Vary: Cookie` if the session was read or changed, or its cookie is set or deleted.
    /// - A response of status 101 gets no headers.
    ///
    /// # Errors
    ///
    /// Fails only for a session that was changed. Nothing is sent then, and the browser keeps its old session.
    ///
    /// - those of [`SessionCodec::encode`](crate::SessionCodec::encode): mainly [`Error::TooLong`];
    ///   [`SessionCodec::size_report`](crate::SessionCodec::size_report) names the keys that take the space
    /// - [`Error::MalformedExpiry`]: the handler set a malformed expiry
    /// - [`Error::CookieTooLarge`]: name and value together are too large
    pub fn answer<'h, N, V>(
        &self,
        loaded: &Loaded,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Answer, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let response = Response::read(response_headers, &self.settings.cookie);
        let is_modified = loaded.is_modified();
        // Determined first: encoding the session does not count as reading it.
        let is_read = loaded.session.accessed() || is_modified;
        let wanted = self.wanted(loaded, is_modified, is_read);
        let decision = if is_allowed(wanted, is_modified, status, &response) {
            wanted
        } else {
            Decision::Nothing
        };

        let mut answer = Answer {
            unsaved: is_modified && decision != wanted,
            ..Answer::default()
        };
        let set_cookie = match decision {
            Decision::Nothing => None,
            Decision::Delete => Some(self.settings.deletion()?),
            Decision::Set => match self.set(loaded, now.into()) {
                Ok(header) => Some(header),
                Err(error) if !is_modified => {
                    answer.unsent = Some(error);
                    None
                }
                Err(Error::SessionExpired) => match loaded.source {
                    Source::Nothing => {
                        answer.unsaved = true;
                        None
                    }
                    _ => Some(self.settings.deletion()?),
                },
                Err(error) => return Err(error),
            },
        };
        let varies = is_read || set_cookie.is_some();
        if let Some(header) = set_cookie {
            let headers = response.with_cookie(header.into_bytes());
            answer.headers.extend(headers);
        }
        if varies && status != SWITCHING_PROTOCOLS {
            answer.headers.extend(response.vary_on_cookie());
        }
        Ok(answer)
    }

    /// Returns what the session requires. [`is_allowed`] then checks the response.
    fn wanted(&self, loaded: &Loaded, is_modified: bool, is_read: bool) -> Decision {
        let Loaded { session, .. } = loaded;
        if session.object.len() == 0 {
            let is_ended = match loaded.source {
                Source::Nothing => false,
                Source::Cookie { .. } => is_modified,
                Source::Refused(error) if error.is_useless_cookie() => is_read,
                // Another service may read it: only a handler that clears or replaces the session ends it.
                Source::Refused(_) => session.cleared || loaded.is_replaced(),
            };
            return if is_ended {
                Decision::Delete
            } else {
                Decision::Nothing
            };
        }
        let is_due = matches!(loaded.source, Source::Cookie { is_due: true, .. });
        if is_modified || self.settings.saves_every_request || is_due && is_read {
            Decision::Set
        } else {
            Decision::Nothing
        }
    }

    fn set(&self, loaded: &Loaded, now: Timestamp) -> Result<String, Error> {
        let value = self.codec.encode(&loaded.session, now)?;
        let max_age = self
            .settings
            .max_age(&loaded.session, self.default_age(), now)?;
        self.settings.set(value, max_age, now)
    }

    fn default_age(&self) -> Duration {
        match self.codec.max_age {
            MaxAge::Limit(age) => age,
            MaxAge::NoLimit => DEFAULT_MAX_AGE,
        }
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
        Decision::Delete if is_modified => true,
        Decision::Set if is_modified => status < SERVER_ERROR,
        _ if response.is_shared || response.sets_cookie => false,
        Decision::Delete => status < SERVER_ERROR,
        Decision::Set => status < CLIENT_ERROR,
    }
}
