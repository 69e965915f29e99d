//! Redis, as Django's `RedisCache` and django-redis use it.

use hardtack::{Save, Session, StoreError};
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use redis::aio::ConnectionManager;
use redis::{ErrorKind as RedisErrorKind, RedisError};

use super::Cache;
use super::server::{Server, When, time_left};
use crate::pickle::{self, Protocol};
use crate::{Error, ErrorKind};

/// Values of at most this many bytes are not compressed (`ZlibCompressor.min_length` in django-redis).
const LONGEST_PLAIN: usize = 15;

/// A connection to Redis, and the form of the values.
pub struct Redis {
    connection: ConnectionManager,
    encoding: Encoding,
    zlib: bool,
}

/// The form in which Redis keeps a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A pickle, written with this protocol and read with any. Django's `RedisCache` writes protocol 5; django-redis
    /// writes its `PICKLE_VERSION`, or else Python's default protocol, which is 4 before Python 3.14.
    Pickle(Protocol),
    /// The `JSONSerializer` of django-redis.
    Json,
}

impl Cache<Redis> {
    /// Creates a store of sessions that Redis keeps as Django's own `RedisCache` does.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), redis::RedisError> {
    /// use hardtack_stores::{Cache, Redis};
    /// use redis::aio::ConnectionManager;
    ///
    /// let client = redis::Client::open("redis://127.0.0.1:6379/1")?;
    /// let store = Cache::<Redis>::new(ConnectionManager::new(client).await?).with_key_prefix("shop"); // KEY_PREFIX
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// For django-redis, set the encoding with `with_encoding(Encoding::Pickle(Protocol::Four))`, and call
    /// `with_zlib()` if the site uses its `ZlibCompressor`.
    ///
    /// A broken connection is replaced. [`ConnectionManagerConfig`](redis::aio::ConnectionManagerConfig) sets the
    /// number of attempts, the delays between them and the timeouts. A call waits no longer than
    /// [`with_time_limit`](Self::with_time_limit) allows.
    pub fn new(connection: ConnectionManager) -> Self {
        Self::with_server(Redis {
            connection,
            encoding: Encoding::Pickle(Protocol::Five),
            zlib: false,
        })
    }

    /// Sets the form of the values. Defaults to a pickle of protocol 5, as Django's `RedisCache` writes it.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.server.encoding = encoding;
        self
    }

    /// Compresses values of more than 15 bytes, and reads compressed ones, as the `ZlibCompressor` of django-redis does.
    #[must_use]
    pub fn with_zlib(mut self) -> Self {
        self.server.zlib = true;
        self
    }
}

impl Redis {
    fn encode(&self, session: &Session, limit: usize) -> Result<Vec<u8>, hardtack::Error> {
        let value = match self.encoding {
            Encoding::Pickle(protocol) => pickle::write(session, protocol, limit)?,
            Encoding::Json => session.to_json().into_bytes(),
        };
        if self.encoding == Encoding::Json && value.len() > limit {
            return Err(hardtack::Error::JsonTooLong { limit });
        }
        if self.zlib && value.len() > LONGEST_PLAIN {
            return Ok(compress_to_vec_zlib(&value, 6));
        }
        Ok(value)
    }

    fn decode(&self, value: &[u8], limit: usize) -> Result<Session, hardtack::Error> {
        let inflated;
        let mut value = value;
        if self.zlib {
            match decompress_to_vec_zlib_with_limit(value, pickle::longest(limit)) {
                Ok(plain) => {
                    inflated = plain;
                    value = &inflated;
                }
                Err(error) if error.status == TINFLStatus::HasMoreOutput => {
                    return Err(hardtack::Error::JsonTooLong { limit });
                }
                // Short values are not compressed, nor are those that were written before the site had a compressor.
                Err(_) => {}
            }
        }
        match self.encoding {
            Encoding::Pickle(_) => pickle::read(value, limit),
            Encoding::Json if value.len() > limit => Err(hardtack::Error::JsonTooLong { limit }),
            Encoding::Json => {
                let text = str::from_utf8(value).map_err(|_| NOT_UTF8)?;
                Session::from_json(text)
            }
        }
    }
}

const NOT_UTF8: hardtack::Error = hardtack::Error::UnreadableRecord {
    reason: "its JSON is not UTF-8",
};

impl Server for Redis {
    const NAME: &'static str = "Redis";

    async fn get(&self, key: &str, limit: usize) -> Result<Option<Session>, StoreError<Error>> {
        let mut connection = self.connection.clone();
        let value: Option<Vec<u8>> = redis::cmd("GET")
            .arg(key)
            .query_async(&mut connection)
            .await
            .map_err(error)?;
        let session = value.map(|value| self.decode(&value, limit));
        Ok(session.transpose()?)
    }

    async fn put(
        &self,
        key: &str,
        save: Save<'_>,
        when: When,
        limit: usize,
    ) -> Result<bool, StoreError<Error>> {
        let value = self.encode(save.session, limit)?;
        // Django's RedisCache counts in whole seconds, and a session with less than one left would be deleted.
        let millis = time_left(save).as_millis().max(1);
        let mut command = redis::cmd("SET");
        command
            .arg(key)
            .arg(value)
            .arg("PX")
            .arg(millis.to_string());
        match when {
            When::Always => {}
            When::Missing => {
                command.arg("NX");
            }
            When::There => {
                command.arg("XX");
            }
        }
        let mut connection = self.connection.clone();
        command.query_async(&mut connection).await.map_err(error)
    }

    async fn delete(&self, key: &str) -> Result<bool, StoreError<Error>> {
        let mut connection = self.connection.clone();
        let mut command = redis::cmd("DEL");
        command
            .arg(key)
            .query_async(&mut connection)
            .await
            .map_err(error)
    }
}

/// A server's message is not kept: it may contain the arguments of the command.
fn error(error: RedisError) -> StoreError<Error> {
    let kind = match (error.kind(), error.code()) {
        (_, Some("WRONGTYPE")) => {
            let reason = "it is not a Redis string, but another type";
            return hardtack::Error::UnreadableRecord { reason }.into();
        }
        _ if error.is_timeout() => ErrorKind::TimedOut,
        (RedisErrorKind::Io, _) => ErrorKind::Unreachable,
        (RedisErrorKind::AuthenticationFailed, _)
        | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => ErrorKind::AccessDenied,
        (_, Some("LOADING" | "BUSY" | "TRYAGAIN" | "MASTERDOWN" | "CLUSTERDOWN")) => {
            ErrorKind::Busy
        }
        (RedisErrorKind::Parse | RedisErrorKind::UnexpectedReturnType, _) => ErrorKind::BadAnswer,
        _ => ErrorKind::Refused,
    };
    let failure = Error::new(Redis::NAME, kind);
    StoreError::Store(match error.code() {
        Some(code) => failure.with_code(code),
        None if error.is_io_error() => failure.with_source(error),
        None => failure,
    })
}
