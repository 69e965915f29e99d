//! Sessions in a store, whose cookies hold keys.

use core::time::Duration;

use super::answer::Answer;
use super::decision::{Decision, Verdict};
use super::loaded::{Loaded, Source};
use super::response::Response;
use super::step::{Action, Draft, Outcome, Step};
use crate::cookie;
use crate::error::Error;
use crate::limits::MAX_UNIX_SECONDS;
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::settings::SessionSettings;
use crate::store::{Found, Load};
use crate::timestamp::Timestamp;

/// Loads the session of a request from a store, and decides what to do with it when the handler has returned. It does no
/// IO: the caller does that between the steps, blocking or not.
///
/// 1. [`lookup`](Self::lookup) finds the key in the request's cookies, and [`load`](Self::load) says what to load.
/// 2. The caller loads it, and [`loaded`](Self::loaded) makes the handler's session.
/// 3. When the handler has returned, [`step`](Self::step) says what to do in the store.
/// 4. The caller does that, and [`answer`](Self::answer) makes the response's headers.
///
/// With a store that blocks:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use hardtack::{Action, Answer, Error, Found, KeyMiddleware, Outcome, Session, SessionKey, Timestamp};
///
/// /// JSON text and its end, for each key.
/// type Records = BTreeMap<String, (String, Timestamp)>;
///
/// const NO_HEADERS: [(&str, &str); 0] = [];
///
/// /// One request: counts the visits.
/// fn visit(
///     sessions: &KeyMiddleware,
///     records: &mut Records,
///     cookies: &str,
///     mut new_key: impl FnMut() -> SessionKey,
///     now: Timestamp,
/// ) -> Result<Answer, Error> {
///     let lookup = sessions.lookup([cookies]);
///     let record = sessions.load(&lookup, now).and_then(|load| records.get(load.key.as_str()));
///     let found = record.filter(|(_, end)| *end > now).map(|(json, end)| {
///         Ok(Found { session: Session::from_json(json)?, expires_at: Some(*end) })
///     });
///     let mut loaded = sessions.loaded(lookup, found.transpose(), Session::new(), now);
///
///     let visits = loaded.session.get("visits")?.unwrap_or(0) + 1;
///     loaded.session.insert("visits", visits)?;
///
///     let step = sessions.step(&loaded, 200, NO_HEADERS, now)?;
///     let mut save = |key: &SessionKey| {
///         let save = step.save(key);
///         records.insert(key.as_str().into(), (save.session.to_json(), save.expires_at)).is_some()
///     };
///     let outcome = match step.action() {
///         Action::Nothing => Outcome::Done,
///         Action::Create | Action::Replace(_) => {
///             let key = new_key();
///             save(&key);
///             Outcome::Saved(key)
///         }
///         Action::Update(key) => {
///             save(key);
///             Outcome::Saved(key.clone())
///         }
///         Action::Delete(_) => Outcome::Done,
///     };
///     if let Action::Replace(key) | Action::Delete(key) = step.action() {
///         records.remove(key.as_str());
///     }
///     sessions.answer(step, outcome, NO_HEADERS)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyMiddleware {
    pub(crate) settings: SessionSettings,
}

/// The key in a request's cookies, if there is one. Created by [`KeyMiddleware::lookup`].
#[derive(Clone, Debug)]
pub struct Lookup(Candidate);

#[derive(Clone, Debug)]
enum Candidate {
    Nothing,
    NotAKey,
    Key(SessionKey),
}

impl Lookup {
    /// Returns the key, or `None` if there is nothing to look up.
    pub fn key(&self) -> Option<&SessionKey> {
        match &self.0 {
            Candidate::Key(key) => Some(key),
            _ => None,
        }
    }
}

impl KeyMiddleware {
    /// Creates a middleware with these settings.
    pub fn new(settings: SessionSettings) -> Self {
        Self { settings }
    }

    /// Finds the session's key in a request's `Cookie` headers.
    ///
    /// Of several cookies with the same name, the last one that has the form of a key ([`SessionKey::parse`]) is used, so
    /// that a request costs one look-up. Django uses the last one, whatever its form.
    pub fn lookup<'h, H>(&self, headers: impl IntoIterator<Item = &'h H>) -> Lookup
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let mut candidate = Candidate::Nothing;
        for value in cookie::find(&self.settings.cookie.name, headers) {
            if let Some(key) = SessionKey::parse(&value) {
                return Lookup(Candidate::Key(key));
            }
            candidate = Candidate::NotAKey;
        }
        Lookup(candidate)
    }

    /// Returns what to load, or `None` if there is nothing to look up.
    pub fn load<'a>(&self, lookup: &'a Lookup, now: impl Into<Timestamp>) -> Option<Load<'a>> {
        lookup.key().map(|key| Load {
            key,
            now: now.into(),
            default_age: self.settings.age,
        })
    }

    /// Returns the session of a request.
    ///
    /// - `found` is what the store found. If there was nothing to look up, it is ignored. If the store itself failed, do
    ///   not call this: the request has no session then, not an empty one.
    /// - `empty` is the session of a visitor without one ([`SessionStore::new_session`](crate::SessionStore::new_session)).
    ///   Its time zone becomes that of each session of the request, also of one that the handler assigns.
    ///
    /// [`Loaded::refusal`] says why there is no session: [`Error::NotASessionKey`], [`Error::UnknownSessionKey`], or the
    /// error of `found`, whose record is left alone unless the handler clears or replaces the session.
    pub fn loaded(
        &self,
        lookup: Lookup,
        found: Result<Option<Found>, Error>,
        empty: Session,
        now: impl Into<Timestamp>,
    ) -> Loaded {
        let refused = |error, record| Source::Refused { error, record };
        let (session, source) = match (lookup.0, found) {
            (Candidate::Nothing, _) => (None, Source::Nothing),
            (Candidate::NotAKey, _) => (None, refused(Error::NotASessionKey, None)),
            (Candidate::Key(_), Ok(None)) => (None, refused(Error::UnknownSessionKey, None)),
            (Candidate::Key(key), Err(error)) => (None, refused(error, Some(key))),
            (Candidate::Key(key), Ok(Some(found))) => {
                let is_due = self.is_due(&found, now.into());
                (Some(found.session), Source::Record { key, is_due })
            }
        };
        let site_zone = empty.site_zone.clone();
        let session = session.unwrap_or(empty).unchanged(site_zone.clone());
        Loaded {
            site_zone,
            ..Loaded::new(session, source)
        }
    }

    /// Returns whether a session would end so much later, if it was saved now, that it is due for renewal.
    fn is_due(&self, found: &Found, now: Timestamp) -> bool {
        let gain = self.end(&found.session, now).map(|end| {
            found.expires_at.map_or(Duration::MAX, |expires_at| {
                end.saturating_duration_since(expires_at)
            })
        });
        gain.is_ok_and(|gain| self.settings.renews(gain))
    }

    /// Returns when a session ends that is saved now: at an instant that a date can hold.
    fn end(&self, session: &Session, now: Timestamp) -> Result<Timestamp, Error> {
        let end = session.end(now, self.settings.age)?;
        Ok(end.min(MAX_UNIX_SECONDS.into()))
    }

    /// Returns what to do in the store, when the handler has returned a response of this status. `response_headers` has
    /// all headers of the response, or at least `Cache-Control`, `Set-Cookie` and `Vary`.
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
    /// | – its own expiry has passed | `Delete` of its record, if there is one | deleted |
    /// | not changed, not empty; save-every-request is on, or it was read and a renewal is due; status below 400, and no `Cache-Control: public` or `s-maxage` | `Update` | set |
    /// | only read; no record has the cookie's key; status below 500, and no `Cache-Control: public` or `s-maxage` | `Nothing` | deleted |
    /// | otherwise | `Nothing` | left alone |
    ///
    /// - A cookie that does not have the form of a key is left alone, unless the handler writes a new session or clears
    ///   this one: it may be a cookie of another engine.
    /// - A response of status 101 gets no headers, and saves nothing. (It can delete a record.)
    ///
    /// # Errors
    ///
    /// Fails only for a session that was changed. Nothing is saved or sent then.
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
                Err(error) => return Err(error),
            },
            Decision::End => step.end(loaded),
            // The record ends, although a response of status 101 cannot say so.
            Decision::Nothing if verdict.is_unsaved() && verdict.wanted == Decision::End => {
                step.end(loaded);
                step.deletes_cookie = false;
                step.answer.unsaved = step.action == Action::Nothing;
            }
            Decision::Nothing => {}
        }
        Ok(step)
    }

    /// [`Error::SessionExpired`]: the session would end at once.
    fn draft(&self, loaded: &Loaded, now: Timestamp) -> Result<Draft, Error> {
        let mut session = loaded.session.unchanged(loaded.site_zone.clone());
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
            carries_over: !loaded.is_discarded(),
        })
    }

    /// Returns what the response says about its session, when the step is done. `response_headers` are those of
    /// [`step`](Self::step).
    ///
    /// The response gets `Vary: Cookie` if the session was read or changed, or its cookie is set or deleted.
    ///
    /// # Errors
    ///
    /// Fails only for a session that was changed. Nothing is sent then, and the browser keeps its cookie.
    ///
    /// - [`Error::SessionGone`]: the session was ended while the request ran. The response should have status 400.
    /// - [`Error::NoSessionKey`]
    /// - the error of [`Outcome::Failed`]
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

/// Returns how a session is saved.
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
