//! memcached, as Django's `PyMemcacheCache` and `PyLibMCCache` use it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_memcached::{
    Client, Error as ClientError, ErrorKind as Fault, MetaProtocol, MetaValue, Status,
};
use hardtack::{Save, Session, StoreError};
use tokio::sync::Semaphore;

use super::Cache;
use super::server::{Server, When, time_left};
use crate::pickle::{self, Protocol};
use crate::{Error, ErrorKind};

/// The flags of a value that is a pickle (`FLAG_PICKLE` in pymemcache's `serde.py`, `PYLIBMC_FLAG_PICKLE` in pylibmc).
/// These clients return values with other flags as text, bytes or a number.
const PICKLE: u32 = 1;

/// Requests the key in the answer, which shows that the answer belongs to this request.
const KEY: &str = "k";

/// memcached takes a longer time to live for a Unix time ("30 days" in its `doc/protocol.txt`).
const LONGEST_RELATIVE: u64 = 30 * 24 * 60 * 60;

/// The last Unix time that memcached supports, in 2038: it has 32 bits, and takes a later time for one in the past.
const LAST_END: i64 = i32::MAX as i64;

/// Maximum length of a value, in bytes: less than memcached's largest item, which is 1 MiB including the key (at most
/// 250 bytes).
const DEFAULT_MAX_LENGTH: usize = 1024 * 1024 - 1024;

/// An address of memcached, and connections to it.
pub struct Memcached {
    address: String,
    max_length: usize,
    /// One permit for each connection.
    permits: Semaphore,
    idle: Mutex<Vec<Client>>,
}

impl Cache<Memcached> {
    /// Creates a store of sessions that memcached keeps as Django does. `address` is `host:port`, or `unix://` and the
    /// path of a socket. memcached must be version 1.6 or later.
    ///
    /// ```
    /// use hardtack_stores::{Cache, Memcached};
    ///
    /// let store = Cache::<Memcached>::new("127.0.0.1:11211").with_key_prefix("shop");
    /// ```
    ///
    /// memcached does not support times after 19 January 2038, so a session that would end later ends then.
    ///
    /// A site with several memcached servers, which spreads its keys over them, is not supported.
    pub fn new(address: impl Into<String>) -> Self {
        let address = address.into();
        let scheme = if address.contains("://") {
            ""
        } else {
            "tcp://"
        };
        Self::with_server(Memcached {
            address: format!("{scheme}{address}"),
            max_length: DEFAULT_MAX_LENGTH,
            permits: Semaphore::new(8),
            idle: Mutex::default(),
        })
    }

    /// Sets the maximum length of a value, in bytes. Defaults to 1,047,552: memcached takes values of up to 1 MiB,
    /// together with the key and about 50 bytes, unless its option `-I` says otherwise. Saving a longer session fails
    /// with [`Error::TooLong`](hardtack::Error::TooLong), and its record stays as it is. If memcached itself refuses a
    /// shorter value, it also deletes the record.
    #[must_use]
    pub fn with_max_value_length(mut self, bytes: usize) -> Self {
        self.server.max_length = bytes;
        self
    }

    /// Sets the maximum number of connections, at least 1. Connections are opened when they are needed, and kept open.
    /// Defaults to 8.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        let connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self.server.permits = Semaphore::new(connections);
        self
    }
}

enum Command<'a> {
    Get,
    Set {
        value: &'a [u8],
        flags: [&'a str; 4],
    },
    Delete,
}

impl Memcached {
    /// Returns the value for `Get`, or an empty one after a session was written or deleted. Returns `None` if memcached
    /// did nothing: there is no such record, or, for a write that must not replace one, there is one.
    async fn ask(
        &self,
        key: &str,
        command: Command<'_>,
    ) -> Result<Option<MetaValue>, StoreError<Error>> {
        let _permit = self.permits.acquire().await;
        let idle = self.idle().pop();
        let mut answer = Err(ClientError::ConnectionClosed);
        if let Some(client) = idle {
            answer = self.run(client, key, &command).await;
        }
        // There was no open connection, or the server has closed it, for example because it was restarted.
        if let Err(ClientError::Io(_) | ClientError::ConnectionClosed) = answer {
            answer = match Client::new(&self.address).await {
                Ok(client) => self.run(client, key, &command).await,
                Err(error) => Err(error),
            };
        }
        answer.or_else(|error| refusal(error, &command))
    }

    async fn run(
        &self,
        mut client: Client,
        key: &str,
        command: &Command<'_>,
    ) -> Result<Option<MetaValue>, ClientError> {
        let answer = match command {
            Command::Get => {
                client
                    .meta_get(key, false, None, Some(&["v", "f", KEY]))
                    .await
            }
            Command::Set { value, flags } => {
                client.meta_set(key, *value, false, None, Some(flags)).await
            }
            Command::Delete => client.meta_delete(key, false, None, Some(&[KEY])).await,
        };
        let answer = match answer {
            Ok(Some(value)) if value.key.as_deref() != Some(key.as_bytes()) => {
                Err(Status::Error(Fault::Protocol(None)).into())
            }
            answer => answer,
        };
        // Otherwise there may be more to read, and the next request would take it for its own answer, which could be
        // another user's session. (The client itself closes a connection whose answer it did not read to the end.)
        let is_in_step = !matches!(answer, Err(ClientError::Protocol(Status::Error(_))));
        if is_in_step && !client.is_closed() {
            self.idle().push(client);
        }
        match (answer?, command) {
            (None, Command::Get) => Ok(None),
            (Some(value), _) if value.status.as_ref().is_some_and(is_refusal) => Ok(None),
            (value, _) => Ok(Some(value.unwrap_or_default())),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether memcached did nothing, because there is no such record, or because there already is one.
const fn is_refusal(status: &Status) -> bool {
    matches!(
        status,
        Status::NotStored | Status::NotFound | Status::Exists
    )
}

/// Returns `None` if memcached did nothing ([`is_refusal`]), otherwise the error. Messages are not kept: they may
/// contain a part of a value.
fn refusal(
    error: ClientError,
    command: &Command<'_>,
) -> Result<Option<MetaValue>, StoreError<Error>> {
    let failure = |kind| Err(StoreError::Store(Error::new(Memcached::NAME, kind)));
    let status = match error {
        ClientError::Connect(error) | ClientError::Io(error) => {
            let failure = Error::new(Memcached::NAME, ErrorKind::Unreachable);
            return Err(StoreError::Store(failure.with_source(error)));
        }
        ClientError::ConnectionClosed => return failure(ErrorKind::Unreachable),
        ClientError::ParseError(_) => return failure(ErrorKind::BadAnswer),
        ClientError::Protocol(status) => status,
    };
    match (status, command) {
        (status, _) if is_refusal(&status) => Ok(None),
        (Status::Error(Fault::Server(text)), Command::Set { value, .. })
            if text.contains("too large") =>
        {
            let length = value.len();
            let limit = length.saturating_sub(1);
            Err(hardtack::Error::TooLong { length, limit }.into())
        }
        // The client checks the key.
        (Status::Error(Fault::KeyTooLong | Fault::Client(_)), _) => failure(ErrorKind::InvalidKey),
        (Status::Error(Fault::Server(_) | Fault::NonexistentCommand), _) => {
            failure(ErrorKind::Refused)
        }
        _ => failure(ErrorKind::BadAnswer),
    }
}

impl Server for Memcached {
    const NAME: &'static str = "memcached";

    async fn get(&self, key: &str, limit: usize) -> Result<Option<Session>, StoreError<Error>> {
        let Some(value) = self.ask(key, Command::Get).await? else {
            return Ok(None);
        };
        if value.flags != Some(PICKLE) {
            let reason = "its flags in memcached are not those of a pickle";
            return Err(hardtack::Error::UnreadableRecord { reason }.into());
        }
        let session = pickle::read(&value.data.unwrap_or_default(), limit)?;
        Ok(Some(session))
    }

    async fn put(
        &self,
        key: &str,
        save: Save<'_>,
        when: When,
        limit: usize,
    ) -> Result<bool, StoreError<Error>> {
        let value = pickle::write(save.session, Protocol::Five, limit)?;
        let (length, limit) = (value.len(), self.max_length);
        if length > limit {
            return Err(hardtack::Error::TooLong { length, limit }.into());
        }
        // Whole seconds, as in Django. 0 would mean that the record never expires.
        let seconds = time_left(save).as_secs().max(1);
        let ends = if seconds > LONGEST_RELATIVE {
            save.expires_at.as_unix_seconds().min(LAST_END).to_string()
        } else {
            seconds.to_string()
        };
        let mode = match when {
            When::Always => "MS",
            When::Missing => "ME",
            When::There => "MR",
        };
        let flags = [&format!("F{PICKLE}"), &format!("T{ends}"), mode, KEY];
        let value = &value;
        let written = self.ask(key, Command::Set { value, flags }).await?;
        Ok(written.is_some())
    }

    async fn delete(&self, key: &str) -> Result<bool, StoreError<Error>> {
        Ok(self.ask(key, Command::Delete).await?.is_some())
    }
}
