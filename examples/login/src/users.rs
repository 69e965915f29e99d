//! Accounts, in SQLite: in memory, so they are gone when the program ends, or in a file, which several programs can share.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Row, params_from_iter};
use tokio::task::spawn_blocking;

use crate::Failure;

/// `AUTOINCREMENT`: an id is never given to another account. `key` is the name in lower case.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    sign_outs INTEGER NOT NULL DEFAULT 0)";

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    /// The text that is hashed into a login. When it changes, every login of the user ends: after a new password, and after
    /// each "sign out everywhere". The cookie's stamp could not end them, since every save of a session moves it.
    pub(crate) login_text: String,
}

impl User {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let id: i64 = row.get("id")?;
        let password_hash: String = row.get("password_hash")?;
        let sign_outs: i64 = row.get("sign_outs")?;
        Ok(Self {
            id: id.to_string(),
            name: row.get("name")?,
            login_text: format!("{password_hash} {sign_outs}"),
            password_hash,
        })
    }
}

pub(crate) struct Users(Arc<Mutex<Connection>>);

impl Users {
    /// Opens the accounts in a file, which is created if it does not exist, or new ones in memory.
    pub(crate) fn open(file: Option<&Path>) -> rusqlite::Result<Self> {
        let database = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        database.execute_batch(TABLE)?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    /// Creates an account, or returns `None` if the name is taken, in upper or lower case.
    pub(crate) async fn create(
        &self,
        name: &str,
        password_hash: String,
    ) -> Result<Option<User>, Failure> {
        let insert = "INSERT INTO users (name, key, password_hash) VALUES (?1, ?2, ?3) \
                      ON CONFLICT (key) DO NOTHING RETURNING *";
        self.row(
            insert,
            [name.to_owned(), name.to_lowercase(), password_hash],
        )
        .await
    }

    pub(crate) async fn by_name(&self, name: &str) -> Result<Option<User>, Failure> {
        let select = "SELECT * FROM users WHERE key = ?1";
        self.row(select, [name.to_lowercase()]).await
    }

    pub(crate) async fn by_id(&self, id: &str) -> Result<Option<User>, Failure> {
        self.row("SELECT * FROM users WHERE id = ?1", [id.to_owned()])
            .await
    }

    /// Ends all logins that the user has now.
    pub(crate) async fn sign_out_everywhere(&self, id: &str) -> Result<(), Failure> {
        let update = "UPDATE users SET sign_outs = sign_outs + 1 WHERE id = ?1 RETURNING *";
        self.row(update, [id.to_owned()]).await.map(drop)
    }

    /// Sets a new password, which ends all logins that the user has now. Returns the account as it is then.
    pub(crate) async fn set_password_hash(
        &self,
        id: &str,
        hash: String,
    ) -> Result<Option<User>, Failure> {
        let update = "UPDATE users SET password_hash = ?2 WHERE id = ?1 RETURNING *";
        self.row(update, [id.to_owned(), hash]).await
    }

    /// Runs a statement, and returns the account in its result. SQLite blocks, so it runs on a thread of its own.
    async fn row<const N: usize>(
        &self,
        statement: &'static str,
        values: [String; N],
    ) -> Result<Option<User>, Failure> {
        let database = Arc::clone(&self.0);
        let run = move || {
            let database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let mut statement = database.prepare(statement)?;
            // All rows, although there is at most one: a failure to commit comes with the end.
            let rows = statement.query_map(params_from_iter(values), User::of)?;
            let users: Vec<User> = rows.collect::<rusqlite::Result<_>>()?;
            Ok::<_, rusqlite::Error>(users.into_iter().next())
        };
        Ok(spawn_blocking(run).await??)
    }
}
