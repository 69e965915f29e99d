//! Converts errors of sqlx.

use crate::error::{Error, ErrorKind};

use super::server::Server;

/// Keeps the error itself as the source only if its texts cannot contain a row's values.
pub(super) fn explain<D: Server>(error: sqlx::Error) -> Error {
    let new = |kind| Error::new(D::NAME, kind);
    match error {
        sqlx::Error::Database(error) => {
            let (code, kind) = D::explain(&*error);
            new(kind).with_code(code)
        }
        sqlx::Error::Io(error) => new(ErrorKind::Unreachable).with_source(error),
        sqlx::Error::Tls(error) => new(ErrorKind::Unreachable).with_source(error),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => new(ErrorKind::Unreachable),
        sqlx::Error::PoolTimedOut => new(ErrorKind::TimedOut),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) => {
            new(ErrorKind::WrongTable)
        }
        _ => new(ErrorKind::BadAnswer),
    }
}
