//! `SessionBase` and its subclasses (`django/contrib/sessions/backends`), built from hardtack's sessions, keys and
//! stores.
//!
//! Django's classes decide two things that hardtack leaves to its caller: when a session is loaded, and which method of
//! a store saves it.

use std::time::Duration;

use hardtack::{Clear, Error, Load, Save, Session, SessionKey, SessionStore};

use crate::faults::Faulty;
use crate::protocol::{Micros, Refusal, Site};

/// Small, so that clearing takes more than one batch.
const BATCH: u32 = 1;

/// The context of every request.
pub struct Context<'a> {
    pub site: &'a Site,
    pub store: &'a Faulty,
    pub age: Duration,
    pub now: Micros,
}

/// One of Django's sessions. Its map is loaded when a test uses it.
pub struct SessionBase {
    pub key: Option<SessionKey>,
    pub map: Option<Session>,
}

impl SessionBase {
    pub fn new(key: Option<&str>) -> Self {
        let key = key.and_then(SessionKey::parse);
        Self { key, map: None }
    }

    /// Returns the map, and loads it first if necessary.
    pub async fn map(&mut self, cx: &Context<'_>) -> Result<&mut Session, Refusal> {
        let map = match self.map.take() {
            Some(map) => map,
            None if self.key.is_none() => cx.store.new_session(),
            None => self.load(cx).await?,
        };
        Ok(self.map.insert(map))
    }

    /// Loads the session. If the key has no record, the key is dropped.
    pub async fn load(&mut self, cx: &Context<'_>) -> Result<Session, Refusal> {
        let found = match &self.key {
            Some(key) => load(key, cx).await?,
            None => None,
        };
        Ok(found.unwrap_or_else(|| {
            self.key = None;
            cx.store.new_session()
        }))
    }

    pub async fn save(&mut self, must_create: bool, cx: &Context<'_>) -> Result<(), Refusal> {
        let Some(key) = self.key.clone() else {
            return self.create(cx).await;
        };
        let (is_saved, error) = if must_create {
            (self.create_as(&key, cx).await?, "CreateError")
        } else {
            let map = self.map(cx).await?;
            let record = cx.record(&key, map)?;
            (cx.store.update(record).await?, "UpdateError")
        };
        is_saved.then_some(()).ok_or(Refusal::new(error))
    }

    /// Creates a record, with new keys until one is free.
    pub async fn create(&mut self, cx: &Context<'_>) -> Result<(), Refusal> {
        loop {
            let key = new_key()?;
            if self.create_as(&key, cx).await? {
                self.key = Some(key);
                self.map(cx).await?.cycle();
                return Ok(());
            }
        }
    }

    /// Creates a record under this key, without loading it first.
    async fn create_as(&mut self, key: &SessionKey, cx: &Context<'_>) -> Result<bool, Refusal> {
        let map = self.map.get_or_insert_with(|| cx.store.new_session());
        let record = cx.record(key, map)?;
        Ok(cx.store.create(record).await?)
    }

    pub async fn cycle_key(&mut self, cx: &Context<'_>) -> Result<(), Refusal> {
        self.map(cx).await?;
        let old = self.key.clone();
        self.create(cx).await?;
        if let Some(old) = old {
            cx.store.delete(&old).await?;
        }
        Ok(())
    }

    pub async fn delete(&mut self, cx: &Context<'_>) -> Result<(), Refusal> {
        if let Some(key) = &self.key {
            cx.store.delete(key).await?;
        }
        Ok(())
    }

    pub async fn flush(&mut self, cx: &Context<'_>) -> Result<(), Refusal> {
        self.clear(cx);
        self.delete(cx).await?;
        self.key = None;
        Ok(())
    }

    pub fn clear(&mut self, cx: &Context<'_>) {
        self.map.insert(cx.store.new_session()).clear();
    }

    /// Accessed and modified.
    pub fn flags(&self) -> (bool, bool) {
        let flags = |map: &Session| (map.accessed(), map.modified());
        self.map.as_ref().map(flags).unwrap_or_default()
    }

    /// In Django, any code can write the flags. Here they are clear in a session that was just read, and a change also
    /// counts as reading.
    pub fn set_flags(
        &mut self,
        (accessed, modified): (bool, bool),
        cx: &Context<'_>,
    ) -> Result<(), Refusal> {
        if let Some(map) = &mut self.map {
            *map = cx.site.session(&map.to_json())?;
            if modified {
                map.cycle();
            } else if accessed {
                let _ = map.iter();
            }
        }
        Ok(())
    }
}

impl Context<'_> {
    fn record<'a>(&self, key: &'a SessionKey, session: &'a Session) -> Result<Save<'a>, Error> {
        Ok(Save {
            key,
            session,
            now: self.now.into(),
            expires_at: session.expiry_date(self.now, self.age)?,
        })
    }
}

pub fn new_key() -> Result<SessionKey, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(SessionKey::from_random(bytes))
}

async fn load(key: &SessionKey, cx: &Context<'_>) -> Result<Option<Session>, Refusal> {
    let load = Load {
        key,
        now: cx.now.into(),
        default_age: cx.age,
    };
    Ok(cx.store.load(load).await?.map(|found| found.session))
}

pub async fn exists(key: Option<&str>, cx: &Context<'_>) -> Result<bool, Refusal> {
    match key.and_then(SessionKey::parse) {
        Some(key) => Ok(load(&key, cx).await?.is_some()),
        None => Ok(false),
    }
}

pub async fn clear_expired(cx: &Context<'_>) -> Result<(), Refusal> {
    let clear = Clear {
        now: cx.now.into(),
        default_age: cx.age,
        at_most: BATCH,
    };
    while cx.store.clear_expired(clear).await? > 0 {}
    Ok(())
}
