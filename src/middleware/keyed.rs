//! Sessions in a store. Their cookies hold keys.

use super::answer::Answer;
use super::decision::{Decision, SWITCHING_PROTOCOLS, Verdict};
use super::loaded::{Loaded, Source};
use super::response::Response;
use super::step::{Action, Draft, Outcome, Step};
use crate::error::Error;
use crate::limits::MAX_UNIX_SECONDS;
use crate::session::Session;
use crate::settings::SessionSettings;
use crate::timestamp::Timestamp;

/// Loads the session of a request from a store, and decides what to do with it once the handler has returned. It does
/// no IO itself: the caller does that between the steps, blocking or not.
///
/// 1. [`lookup`](Self::lookup) finds the key in the request's cookies, and [`load`](Self::load) returns what to load.
/// 2. The caller loads it, and [`loaded`](Self::loaded) makes the handler's session.
/// 3. When the handler has returned, [`step`](Self::step) returns what to do in the store.
/// 4. The caller does that, and [`answer`](Self::answer) makes the response's headers.
///
/// With a store that blocks:
///
/// ```
/// use std::collections::HashMap;
///
/// use hardtack::{Action, Answer, Error, Found, KeyMiddleware, Outcome, Session, SessionKey, Timestamp};
///
/// const NO_HEADERS: [(&str, &str); 0] = [];
///
/// /// Counts a visit. The store maps each key to JSON text and the time at which it ends.
/// fn visit(
///     sessions: &KeyMiddleware,
///     store: &mut HashMap<SessionKey, (String, Timestamp)>,
///     cookies: &str,
///     new_key: impl Fn() -> SessionKey,
///     now: Timestamp,
/// ) -> Result<Answer, Error> {
///     let lookup = sessions.lookup([cookies]);
///     let record = sessions.load(&lookup, now).and_then(|load| store.get(load.key));
///     let found = record.filter(|(_, end)| *end > now).map(|(json, end)| {
///         Ok(Found { session: Session::from_json(json)?, expires_at: Some(*end) })
///     });
///     let mut loaded = sessions.loaded(lookup, found.transpose(), Session::new(), now);
///
///     let visits = loaded.session.get("visits")?.unwrap_or(0) + 1;
///     loaded.session.insert("visits", visits)?;
///
///     let step = sessions.step(&loaded, 200, NO_HEADERS, now)?;
///     let record = |key| {
///         let save = step.save(key);
///         (save.session.to_json(), save.expires_at)
///     };
///     let outcome = match step.action() {
///         Action::Nothing => Outcome::Done,
///         // Another request has ended the session.
///         Action::Replace(old) if store.remove(old).is_none() && step.keeps_values() => Outcome::Gone,
///         Action::Create | Action::Replace(_) => {
///             let key = new_key();
///             store.insert(key.clone(), record(&key));
///             Outcome::Saved(key)
///         }
///         Action::Update(key) => match store.get_mut(key) {
///             Some(known) => {
///                 *known = record(key);
///                 Outcome::Saved(key.clone())
///             }
///             None => Outcome::Gone,
///         },
///         Action::Delete(key) => {
///             store.remove(key);
///             Outcome::Done
///         }
///     };
///     sessions.answer(step, outcome, NO_HEADERS)
/// }
///
/// let sessions = KeyMiddleware::default();
/// let mut store = HashMap::new();
/// let new_key = || SessionKey::from_random([7; 32]); // random bytes, in a program
/// let answer = visit(&sessions, &mut store, "", new_key, 1_700_000_000.into())?;
/// let cookie = String::from_utf8_lossy(&answer.headers[0].value);
/// assert!(cookie.contains("; Max-Age=1209600; "));
///
/// visit(&sessions, &mut store, &cookie, new_key, 1_700_000_060.into())?;
/// assert_eq!(store[&new_key()].0, r#"{"visits":2}"#);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyMiddleware {
    pub(crate) settings: SessionSettings,
}

impl KeyMiddleware {
    /// Creates a middleware with these settings.
    pub fn new(settings: SessionSettings) -> Self {
        Self { settings }
    }

    /// Returns when a session that is saved now ends, at most [`MAX_UNIX_SECONDS`].
    pub(super) fn end(&self, session: &Session, now: Timestamp) -> Result<Timestamp, Error> {
        let end = session.end(now, self.settings.age)?;
        Ok(end.min(MAX_UNIX_SECONDS.into()))
    }

    /// Returns what to do in the store once the handler has returned a response of this status. `response_headers` are
    /// all headers of the response, or at least `Set-Cookie`, `Vary` and those that control caches.
    ///
    /// | the session | the action | the cookie |
    /// |---|---|---|
    /// | changed, and now empty; it had a record | `Delete`, at any status | deleted |
    /// | cleared or replaced, and now empty; its record cannot be read | `Delete`, at any status | deleted |
    /// | changed, and now empty; no record has the cookie's key | `Nothing` | deleted |
    /// | changed, and not empty; status below 500: | | |
    /// | – it has a record | `Update` | set |
    /// | – it has a record, and it was [flushed](Session::flush), [cycled](Session::cycle) or replaced by another session | `Replace` | set |
    /// | – it has no record | `Create` | set |
    /// | – its record cannot be read | `Create`, and the record is left alone; `Replace` if the session was cleared or replaced | set |
    /// | – its own expiry has passed; it has a record | `Delete` | deleted |
    /// | not changed, not empty; save-every-request is on, or it was read and a renewal is due, or [`AuthHasher::check`](crate::auth::AuthHasher::check) rewrote the login's hash; status below 400, and not marked for shared caches | `Update` | set |
    /// | flushed or replaced, and not empty; status 500 and above | `Delete` of its record, if there is one; nothing is saved | deleted |
    /// | only read; no record has the cookie's key; status below 500, and not marked for shared caches | `Nothing` | deleted |
    /// | otherwise | `Nothing` | left alone |
    ///
    /// - A cookie that does not have the form of a key is left alone, unless the handler writes a new session or clears
    ///   this one: it may be a cookie of another engine. So is an unknown key if the request has another cookie of the
    ///   same name: a subdomain can hide the good cookie with its own, and only the good one would be deleted.
    /// - A response is marked for shared caches if its `Cache-Control` has `public` or `s-maxage`, or if it has a
    ///   `CDN-Cache-Control`, another header of this kind (RFC 9213) or a `Surrogate-Control`, with neither `private` nor
    ///   `no-store`.
    /// - If the response already has a `Set-Cookie` for the same cookie, a changed session replaces it, and an
    ///   unchanged one adds nothing.
    /// - With status 101, the response gets no headers and nothing is saved. The record of an ended session is still
    ///   deleted.
    ///
    /// # Errors
    ///
    /// Fails only for a session that the handler changed. In that case nothing is saved or sent. (If the handler
    /// flushed a session that has a record, the step deletes the record, and [`answer`](Self::answer) then returns the
    /// error.)
    ///
    /// - [`Error::MalformedExpiry`]: the session's own expiry is malformed, or a local time on a site whose time zone is
    ///   not known
    /// - [`Error::TimeOutOfRange`]: `now` is after the year 9999, so probably in milliseconds
    pub fn step<'h, N, V>(
        &self,
        loaded: &Loaded,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Step, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let now = now.into();
        let response = Response::read(response_headers, &self.settings.cookie);
        let verdict = Verdict::new(loaded, &self.settings, status, &response);
        let mut step = Step::new(&verdict, now);
        match verdict.decision {
            Decision::Save => match self.draft(loaded, now) {
                Ok(draft) => {
                    step.action = saving(loaded);
                    step.draft = draft;
                }
                Err(error) if !verdict.is_modified => step.answer.unsent = Some(error),
                Err(Error::SessionExpired) => match loaded.source {
                    Source::Nothing => step.answer.unsaved = true,
                    _ => step.end(loaded),
                },
                Err(error) => {
                    // A flushed session ends even if the next one cannot be saved.
                    if loaded.is_flushed() {
                        step.end(loaded);
                    }
                    if step.action == Action::Nothing {
                        return Err(error);
                    }
                    step.failure = Some(error);
                }
            },
            Decision::End => step.end(loaded),
            // The handler ended the session, so its record is deleted, although the response cannot save a new session
            // or, with status 101, delete the cookie.
            Decision::Nothing
                if verdict.is_unsaved()
                    && (verdict.wanted == Decision::End || loaded.is_flushed()) =>
            {
                step.end(loaded);
                step.deletes_cookie = status != SWITCHING_PROTOCOLS;
                step.answer.unsaved =
                    verdict.wanted == Decision::Save || step.action == Action::Nothing;
            }
            Decision::Nothing => {}
        }
        Ok(step)
    }

    /// Returns what to save. Fails with [`Error::SessionExpired`] if the session would end at once.
    fn draft(&self, loaded: &Loaded, now: Timestamp) -> Result<Draft, Error> {
        let session = loaded.session.copy();
        let mut session = session.unchanged(loaded.site_zone.clone());
        session.localize_expiry()?;
        let expires_at = self.end(&session, now.for_stamp()?)?;
        if expires_at <= now {
            return Err(Error::SessionExpired);
        }
        Ok(Draft {
            max_age: self.settings.max_age(&session, now)?,
            session,
            now,
            expires_at,
            keeps_values: !loaded.is_discarded(),
        })
    }

    /// Returns the session's headers for the response, once the step is done. `response_headers` are those that were
    /// passed to [`step`](Self::step). If the store itself failed, do not call this method: send a response of status
    /// 503 with `Vary: Cookie`, but no other header of the session.
    ///
    /// The response gets `Vary: Cookie` if the session was read or changed, or its cookie is set or deleted.
    ///
    /// # Errors
    ///
    /// Fails only for a session that the handler changed. In that case nothing is sent, and the browser keeps its
    /// cookie.
    ///
    /// - [`Error::SessionGone`]: another request ended the session in the meantime. The response should have status
    ///   400
    /// - [`Error::NoSessionKey`]: no new key could be created, or all that were tried are taken
    /// - the error in [`Outcome::Failed`], or one that [`step`](Self::step) lists if the handler flushed the session
    /// - [`Error::CookieTooLarge`]: the cookie's name is too long
    pub fn answer<'h, N, V>(
        &self,
        step: Step,
        outcome: Outcome,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
    ) -> Result<Answer, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        if let Some(error) = step.failure {
            return Err(error);
        }
        let Draft { now, max_age, .. } = step.draft;
        let cookie = match outcome {
            Outcome::Done if step.deletes_cookie => self.settings.deletion().map(Some),
            Outcome::Done => Ok(None),
            Outcome::Saved(key) => self
                .settings
                .set(key.as_str().into(), max_age, now)
                .map(Some),
            Outcome::Gone => Err(Error::SessionGone),
            Outcome::NoKey => Err(Error::NoSessionKey),
            Outcome::Failed(error) => Err(error),
        };
        let mut answer = step.answer;
        let set_cookie = match cookie {
            Err(error) if !step.is_modified => {
                answer.unsent = Some(error);
                None
            }
            cookie => cookie?,
        };
        let response = Response::read(response_headers, &self.settings.cookie);
        answer.add(&response, set_cookie, step.varies);
        Ok(answer)
    }
}

impl Step {
    /// Deletes the cookie, and the record if the handler ended it.
    fn end(&mut self, loaded: &Loaded) {
        self.deletes_cookie = true;
        match &loaded.source {
            Source::Record { key, .. } => self.action = Action::Delete(key.clone()),
            Source::Refused {
                record: Some(key), ..
            } if loaded.is_discarded() => self.action = Action::Delete(key.clone()),
            _ => {}
        }
    }
}

/// Returns the action that saves a session.
fn saving(loaded: &Loaded) -> Action {
    let renews_key = loaded.session.renews_key || loaded.is_replaced();
    match &loaded.source {
        Source::Record { key, .. } if !renews_key => Action::Update(key.clone()),
        Source::Record { key, .. } => Action::Replace(key.clone()),
        Source::Refused {
            record: Some(key), ..
        } if loaded.is_discarded() => Action::Replace(key.clone()),
        _ => Action::Create,
    }
}
