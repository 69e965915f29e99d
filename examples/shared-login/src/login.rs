//! How a login is checked: users come from Django's database, the rest is hardtack's.

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
    pub fn open(path: String, keys: &KeyRing) -> rusqlite::Result<Self> {
        let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
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
