//! Stores with deliberate faults, which Django's tests must notice.

use hardtack::{Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError};

use crate::engine::Store;

/// A fault of a store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// No fault.
    None,
    /// The codec's salt differs from Django's.
    WrongSalt,
    /// An expired session is loaded.
    LoadsExpired,
    /// No session is found.
    LoadsNothing,
    /// A session is found under every key.
    LoadsAnything,
    /// A session is saved without its values.
    SavesEmpty,
    /// A session that was deleted is created again.
    Upserts,
    /// An update finds no session.
    UpdatesNothing,
    /// Nothing is deleted.
    DeletesNothing,
    /// No expired session is deleted.
    ClearsNothing,
    /// Sessions that have not expired are also deleted.
    ClearsAll,
}

pub const FAULTS: [Fault; 10] = [
    Fault::WrongSalt,
    Fault::LoadsExpired,
    Fault::LoadsNothing,
    Fault::LoadsAnything,
    Fault::SavesEmpty,
    Fault::Upserts,
    Fault::UpdatesNothing,
    Fault::DeletesNothing,
    Fault::ClearsNothing,
    Fault::ClearsAll,
];

/// A store with a fault.
pub struct Faulty {
    pub store: Store,
    pub fault: Fault,
}

type Result<T> = std::result::Result<T, StoreError<<Store as SessionStore>::Error>>;

impl SessionStore for Faulty {
    type Error = <Store as SessionStore>::Error;

    fn new_session(&self) -> Session {
        self.store.new_session()
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>> {
        let now = match self.fault {
            Fault::LoadsNothing => return Ok(None),
            Fault::LoadsExpired => 0.into(),
            _ => load.now,
        };
        let found = self.store.load(Load { now, ..load }).await?;
        let any = (self.fault == Fault::LoadsAnything).then(|| Found {
            session: self.new_session(),
            expires_at: None,
        });
        Ok(found.or(any))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool> {
        let empty = self.new_session();
        self.store.create(self.saved(save, &empty)).await
    }

    async fn update(&self, save: Save<'_>) -> Result<bool> {
        if self.fault == Fault::UpdatesNothing {
            return Ok(false);
        }
        let empty = self.new_session();
        let save = self.saved(save, &empty);
        Ok(self.store.update(save).await?
            || self.fault == Fault::Upserts && self.store.create(save).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool> {
        match self.fault {
            Fault::DeletesNothing => Ok(true),
            _ => self.store.delete(key).await,
        }
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32> {
        let now = match self.fault {
            Fault::ClearsNothing => return Ok(0),
            Fault::ClearsAll => i64::from(u32::MAX).into(),
            _ => clear.now,
        };
        self.store.clear_expired(Clear { now, ..clear }).await
    }
}

impl Faulty {
    fn saved<'a>(&self, save: Save<'a>, empty: &'a Session) -> Save<'a> {
        match self.fault {
            Fault::SavesEmpty => Save {
                session: empty,
                ..save
            },
            _ => save,
        }
    }
}
