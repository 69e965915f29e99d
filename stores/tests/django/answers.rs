//! The answers of Django's sessions to the requests of its tests.

use std::time::Duration;

use hardtack::{Error, Expiry, JsonText, RECORD_SALT, Session, SessionKey, SessionStore};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::engine::CACHE_PREFIX;
use crate::events::CACHE;
use crate::protocol::{Ask, Given, LogEntry, Micros, Refusal};
use crate::session::{Context, SessionBase, clear_expired, exists, new_key};

impl SessionBase {
    pub async fn answer(
        &mut self,
        ask: Ask,
        cx: &Context<'_>,
        log: &mut Vec<LogEntry>,
    ) -> Result<Value, Refusal> {
        let Context { now, age, .. } = *cx;
        Ok(match ask {
            Ask::New { .. } => unreachable!("asked before there is a session"),
            Ask::KeySalt => RECORD_SALT.into(),
            Ask::SessionKey => self.key.iter().map(SessionKey::as_str).collect(),
            Ask::SetSessionKey { session_key } => {
                self.key = session_key.as_deref().and_then(SessionKey::parse);
                Value::Null
            }
            Ask::NewSessionKey => new_key()?.as_str().into(),
            Ask::SessionCache => self.map.iter().map(Session::to_json).collect(),
            Ask::ForgetSessionCache => {
                self.map = None;
                Value::Null
            }
            Ask::Accessed => self.flags().0.into(),
            Ask::Modified => self.flags().1.into(),
            Ask::SetAccessed { value } => json!(self.set_flags((value, self.flags().1), cx)?),
            Ask::SetModified { value } => json!(self.set_flags((self.flags().0, value), cx)?),
            Ask::Contains { key } => self.map(cx).await?.contains_key(&key).into(),
            Ask::Get { key } => {
                let value = self.map(cx).await?.get_json(&key);
                value.iter().map(JsonText::as_str).collect()
            }
            Ask::Insert { key, json } => json!(self.map(cx).await?.insert(&key, json.0)?),
            Ask::SetDefault { key, json } => {
                let map = self.map(cx).await?;
                map.set_default(&key, json.0)?.as_str().into()
            }
            Ask::Pop { key } => {
                let value: Option<Box<RawValue>> = self.map(cx).await?.pop(&key)?;
                value.iter().map(|value| value.get()).collect()
            }
            Ask::Update { json } => {
                let pairs = Session::from_json(json.0.get())?;
                json!(self.map(cx).await?.update(pairs.iter())?)
            }
            Ask::Items => {
                let items = self.map(cx).await?.iter();
                items
                    .map(|(key, value)| json!([key, value.as_str()]))
                    .collect()
            }
            Ask::Clear => json!(self.clear(cx)),
            Ask::Flush => json!(self.flush(cx).await?),
            Ask::CycleKey => json!(self.cycle_key(cx).await?),
            Ask::Create => json!(self.create(cx).await?),
            Ask::Save { must_create } => json!(self.save(must_create, cx).await?),
            Ask::Load => self.load(cx).await?.to_json().into(),
            Ask::Exists { session_key } => exists(session_key.as_deref(), cx).await?.into(),
            Ask::Delete { session_key: None } => json!(self.delete(cx).await?),
            Ask::Delete {
                session_key: Some(key),
            } => {
                if let Some(key) = SessionKey::parse(&key) {
                    cx.store.delete(&key).await?;
                }
                Value::Null
            }
            Ask::ClearExpired => json!(clear_expired(cx).await?),
            Ask::Encode { json } => {
                let session = Session::from_json(json.0.get())?;
                cx.site.codec().encode(&session, now)?.into()
            }
            Ask::Decode { text } => decode(&text, cx, log).to_json().into(),
            Ask::SetExpiry { expiry } => {
                json!(set_expiry(self.map(cx).await?, expiry.as_ref(), now)?)
            }
            Ask::ExpiryAge { modification } => {
                self.map(cx).await?.expiry_age(modification, age)?.into()
            }
            Ask::ExpiryDate { modification } => {
                let date = self.map(cx).await?.expiry_date(modification, age)?;
                json!(i64::try_from(date.as_unix_nanos() / 1000)?)
            }
            Ask::ExpireAtBrowserClose => {
                let default = cx.site.settings.expire_at_browser_close;
                self.map(cx).await?.ends_with_browser(default)?.into()
            }
            Ask::Cache => CACHE.into(),
            Ask::CacheKey => {
                if self.key.is_none() {
                    self.key = Some(new_key()?);
                }
                let key = self.key.as_ref().map(SessionKey::as_str);
                format!("{CACHE_PREFIX}{}", key.unwrap_or_default()).into()
            }
            Ask::KeyToFile { session_key } => {
                let key = SessionKey::parse(&session_key);
                let key = key.ok_or(Refusal::new("InvalidSessionKey"))?;
                format!("{}{}", cx.site.settings.cookie_name, key.as_str()).into()
            }
        })
    }
}

/// Django reads text that it cannot verify or decode as an empty session, and logs it if it cannot be verified.
fn decode(text: &str, cx: &Context<'_>, log: &mut Vec<LogEntry>) -> Session {
    let decoded = cx.site.codec().decode(text);
    if let Err(Error::BadSignature | Error::NotSigned) = decoded {
        log.push(LogEntry {
            logger: "django.security.SuspiciousSession",
            level: "WARNING",
            message: "Session data corrupted".to_owned(),
            error: None,
        });
    }
    decoded.unwrap_or_default()
}

fn set_expiry(session: &mut Session, expiry: Option<&Given>, now: Micros) -> Result<(), Error> {
    session.set_expiry(match expiry {
        None => Expiry::Default,
        Some(Given::At(instant)) => Expiry::At((*instant).into()),
        Some(Given::In(micros)) => Expiry::At(Micros(now.0 + micros).into()),
        Some(Given::Seconds(seconds)) => match u64::try_from(*seconds) {
            Ok(seconds) => Expiry::After(Duration::from_secs(seconds)),
            // An age in the past, which a `Duration` cannot hold: written as Django writes it.
            Err(_) => return session.insert("_session_expiry", seconds),
        },
    })
}
