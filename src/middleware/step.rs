//! What to do in the store once the handler has returned, and the outcome.

use super::answer::Answer;
use super::decision::Verdict;
use crate::error::Error;
use crate::limits::MAX_NEW_KEYS;
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::store::{Save, SessionStore, StoreError};
use crate::timestamp::Timestamp;

/// What to do in the store before the response is sent. Created by [`KeyMiddleware::step`](crate::KeyMiddleware::step).
///
/// With an asynchronous [`SessionStore`], call [`run`](Self::run). Otherwise, do what [`action`](Self::action) says.
#[derive(Debug)]
#[must_use = "the session is not saved until the step is run"]
pub struct Step {
    pub(super) action: Action,
    pub(super) draft: Draft,
    /// The answer so far.
    pub(super) answer: Answer,
    pub(super) is_modified: bool,
    pub(super) deletes_cookie: bool,
    /// Why the session that follows a flushed one cannot be saved.
    pub(super) failure: Option<Error>,
    pub(super) varies: bool,
}

/// What is saved, except its key.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) session: Session,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The cookie's `Max-Age`, in seconds. `None` if the cookie ends with the browser.
    pub(super) max_age: Option<i64>,
    /// Whether the session keeps values of the record that it replaces.
    pub(super) keeps_values: bool,
}

/// What to do in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Do nothing.
    Nothing,
    /// Save the session under a new key. If the key is taken, try another one.
    Create,
    /// Save the session under this key if the key has a record. Otherwise do not create one.
    Update(SessionKey),
    /// Save the session under a new key as for [`Create`](Self::Create), and delete the record of this key. If there is no
    /// such record and the step [keeps values](Step::keeps_values), another request has ended the session: it must not
    /// come back under the new key.
    Replace(SessionKey),
    /// Delete the record of this key, if there is one.
    Delete(SessionKey),
}

/// What was done in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to do, or the record was deleted.
    Done,
    /// The session was saved under this key.
    Saved(SessionKey),
    /// The record to save was deleted in the meantime.
    Gone,
    /// No new key could be created, or all that were tried are taken.
    NoKey,
    /// The session cannot be written. The store itself works.
    Failed(Error),
}

impl Step {
    pub(super) fn new(verdict: &Verdict, now: Timestamp) -> Self {
        Self {
            action: Action::Nothing,
            draft: Draft {
                session: Session::new(),
                now,
                expires_at: now,
                max_age: None,
                keeps_values: false,
            },
            answer: Answer {
                unsaved: verdict.is_unsaved(),
                ..Answer::default()
            },
            is_modified: verdict.is_modified,
            deletes_cookie: false,
            failure: None,
            varies: verdict.varies,
        }
    }

    /// Returns what to do in the store.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Returns what to save under a key. For the actions that save nothing, it is an empty session that has already
    /// ended.
    pub fn save<'a>(&'a self, key: &'a SessionKey) -> Save<'a> {
        Save {
            key,
            session: &self.draft.session,
            now: self.draft.now,
            expires_at: self.draft.expires_at,
        }
    }

    /// Returns whether the session of [`Action::Replace`] keeps values of the record that it replaces. If so, it may be
    /// saved only if that record is still there: otherwise, the outcome is [`Outcome::Gone`]. A flushed session keeps none.
    pub fn keeps_values(&self) -> bool {
        self.draft.keeps_values
    }

    /// Carries out the [`action`](Self::action) in a store. `new_key` creates a key from random bytes
    /// ([`SessionKey::from_random`]), or returns `None` if no random bytes are available. At most [`MAX_NEW_KEYS`] keys
    /// are tried.
    ///
    /// A session that gets a new key and keeps its values is not saved if its old record was deleted in the meantime:
    /// the result is [`Outcome::Gone`]. A flushed session ends even if the one that follows it cannot be saved.
    ///
    /// # Errors
    ///
    /// The store's own error. If a new record was created before the error, it stays until it expires; no browser has
    /// its key.
    pub async fn run<S: SessionStore>(
        &self,
        store: &S,
        new_key: impl FnMut() -> Option<SessionKey>,
    ) -> Result<Outcome, S::Error> {
        let result = match &self.action {
            Action::Nothing => Ok(Outcome::Done),
            Action::Create => self.create(store, new_key).await,
            Action::Update(key) => {
                let updated = store.update(self.save(key)).await;
                updated.map(|is_there| {
                    if is_there {
                        Outcome::Saved(key.clone())
                    } else {
                        Outcome::Gone
                    }
                })
            }
            Action::Replace(key) => self.replace(store, key, new_key).await,
            Action::Delete(key) => store.delete(key).await.map(|_| Outcome::Done),
        };
        match result {
            Ok(outcome) => Ok(outcome),
            Err(StoreError::Session(error)) => Ok(Outcome::Failed(error)),
            Err(StoreError::Store(error)) => Err(error),
        }
    }

    async fn create<S: SessionStore>(
        &self,
        store: &S,
        mut new_key: impl FnMut() -> Option<SessionKey>,
    ) -> Result<Outcome, StoreError<S::Error>> {
        for _ in 0..MAX_NEW_KEYS {
            let Some(key) = new_key() else { break };
            if store.create(self.save(&key)).await? {
                return Ok(Outcome::Saved(key));
            }
        }
        Ok(Outcome::NoKey)
    }

    async fn replace<S: SessionStore>(
        &self,
        store: &S,
        old: &SessionKey,
        new_key: impl FnMut() -> Option<SessionKey>,
    ) -> Result<Outcome, StoreError<S::Error>> {
        let outcome = match self.create(store, new_key).await {
            Err(StoreError::Session(error)) => Outcome::Failed(error),
            created => created?,
        };
        let keeps_values = self.draft.keeps_values;
        // A flushed session ends even if the next one is not saved. Any other session stays.
        if keeps_values && !matches!(outcome, Outcome::Saved(_)) {
            return Ok(outcome);
        }
        let was_there = store.delete(old).await?;
        match &outcome {
            Outcome::Saved(new) if keeps_values && !was_there => {
                store.delete(new).await?;
                Ok(Outcome::Gone)
            }
            _ => Ok(outcome),
        }
    }
}
