//! Accounts, in memory: they are gone when the program ends. A site keeps them in a database, with the same calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    /// The last "sign out everywhere", in whole Unix seconds, as a cookie's stamp.
    pub(crate) signed_out_at: Option<i64>,
    /// How often that was.
    sign_outs: u64,
}

impl User {
    /// Whether a cookie of this second was signed before the last "sign out everywhere".
    pub(crate) fn has_ended(&self, issued_at: i64) -> bool {
        self.signed_out_at
            .is_some_and(|instant| issued_at < instant)
    }

    /// What the hash in a session is made of. The password is in it, and so is each "sign out everywhere": a request that is
    /// under way at that moment gets a cookie with a later stamp, and within a second stamps say nothing.
    pub(crate) fn login_text(&self) -> String {
        format!("{} {}", self.password_hash, self.sign_outs)
    }
}

#[derive(Default)]
pub(crate) struct Users(Mutex<Table>);

#[derive(Default)]
struct Table {
    /// An id is the place in here, and never given to another.
    rows: Vec<User>,
    by_name: HashMap<String, usize>,
}

impl Users {
    /// A new account, or `None` if somebody has that name, in whatever case of letters.
    pub(crate) fn create(&self, name: &str, password_hash: String) -> Option<User> {
        let mut table = self.table();
        let key = name.to_lowercase();
        if table.by_name.contains_key(&key) {
            return None;
        }
        let row = table.rows.len();
        let user = User {
            id: row.to_string(),
            name: name.to_owned(),
            password_hash,
            signed_out_at: None,
            sign_outs: 0,
        };
        table.rows.push(user.clone());
        table.by_name.insert(key, row);
        Some(user)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<User> {
        let table = self.table();
        let row = table.by_name.get(&name.to_lowercase())?;
        table.rows.get(*row).cloned()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<User> {
        let row: usize = id.parse().ok()?;
        self.table().rows.get(row).cloned()
    }

    /// No session that began before signs the user in again.
    pub(crate) fn sign_out_everywhere(&self, id: &str, now: i64) {
        self.change(id, |user| {
            user.signed_out_at = Some(now);
            user.sign_outs += 1;
        });
    }

    /// No session that began with another password signs the user in again. Returns the account as it is then.
    pub(crate) fn set_password_hash(&self, id: &str, hash: String) -> Option<User> {
        self.change(id, |user| user.password_hash = hash)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut User)) -> Option<User> {
        let row: usize = id.parse().ok()?;
        let mut table = self.table();
        let user = table.rows.get_mut(row)?;
        change(user);
        Some(user.clone())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
