//! How a login is checked: users come from Django's database, the rest is hardtack's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hardtack::KeyRing;
use hardtack::auth::AuthHasher;
use hardtack::axum::{SignedIn, UserLoader};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tokio::task::spawn_blocking;

use crate::failure::Failure;

/// Django's `AUTHENTICATION_BACKENDS`.
const BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

/// An argument of each handler that shows the user or changes the session, so that a session whose login has ended is not
/// saved again.
pub type Visitor = Option<SignedIn<Users>>;

/// A row of Django's users.
pub struct User {
    pub id: i64,
    pub name: String,
    password: String,
}

/// Django's users, and the keys that their logins are checked with.
#[derive(Clone)]
pub struct Users {
    database: Arc<Mutex<Connection>>,
    hasher: AuthHasher,
}

impl Users {
    /// Opens Django's database, to read it.
    ///
    /// If Django is killed while it writes, whoever reads next must undo the half of it, and a connection that is opened
    /// read-only cannot: each query would fail until Django writes again. `query_only` forbids all other writing.
    pub fn open(path: impl AsRef<Path>, keys: &KeyRing) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let database = Connection::open_with_flags(path, flags)?;
        database.pragma_update(None, "query_only", true)?;
        Ok(Self {
            database: Arc::new(Mutex::new(database)),
            hasher: AuthHasher::new(keys),
        })
    }
}

impl UserLoader for Users {
    type User = User;
    type Error = Failure;

    fn hasher(&self) -> &AuthHasher {
        &self.hasher
    }

    async fn active_user(&self, id: &str) -> Result<Option<User>, Failure> {
        const QUERY: &str = "SELECT coalesce(nullif(first_name, ''), username), password \
                             FROM auth_user WHERE id = ?1 AND is_active";
        let Ok(id) = id.parse() else {
            return Ok(None);
        };
        let database = Arc::clone(&self.database);
        let find = move || {
            let database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let row = database.query_row(QUERY, [id], |row| {
                let (name, password) = (row.get(0)?, row.get(1)?);
                Ok(User { id, name, password })
            });
            row.optional()
        };
        Ok(spawn_blocking(find).await??)
    }

    fn password(user: &User) -> &str {
        &user.password
    }

    fn accepts_backend(&self, backend: &str) -> bool {
        backend == BACKEND
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use hardtack::axum::UserLoader as _;
    use hardtack::{KeyRing, SecretKey};
    use rusqlite::Connection;

    use super::Users;

    /// The files of a database are copied in the middle of a transaction, as they are when its writer is killed.
    #[tokio::test]
    async fn users_are_read_after_django_was_killed_while_it_wrote() {
        let folder = std::env::temp_dir().join(format!("shared-login-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (django, killed) = (folder.join("django"), folder.join("killed"));
        let database = Connection::open(&django).expect("a database");
        database
            .execute_batch(
                "CREATE TABLE auth_user (id INTEGER, first_name TEXT, username TEXT, password TEXT, is_active INTEGER);
                 INSERT INTO auth_user VALUES (7, '', 'admiral', hex(zeroblob(100000)), 1);
                 PRAGMA cache_size = 1;
                 BEGIN;
                 UPDATE auth_user SET password = 'half';",
            )
            .expect("a transaction");
        fs::copy(&django, &killed).expect("a copy");
        let journal = folder.join("django-journal");
        fs::copy(journal, folder.join("killed-journal")).expect("a journal");

        let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator");
        let users = Users::open(&killed, &KeyRing::new(key.expect("a key"))).expect("users");
        let user = users.active_user("7").await;
        let user = user.unwrap_or_else(|_| panic!("no query is refused"));
        assert_eq!(user.map(|user| user.password.len()), Some(200_000));
        let database = users.database.lock().expect("one thread");
        let write = database.execute("UPDATE auth_user SET password = ''", []);
        assert!(write.is_err(), "nothing else is written");
        drop(database);
        fs::remove_dir_all(folder).expect("the folder");
    }
}
