//! The servers in a folder of `stores/tests/servers.sh`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use hardtack_stores::sqlx::{Connection as _, Executor as _};
use hardtack_stores::sqlx::{MySqlConnection, PgConnection, SqliteConnection};

use crate::Failure;
use crate::engine::Engine;

/// Django's tables, as `manage.py migrate` creates them.
const POSTGRES_TABLE: &str = "DROP TABLE IF EXISTS django_session;
    CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamp with time zone NOT NULL);
    CREATE INDEX ON django_session (session_key varchar_pattern_ops);
    CREATE INDEX ON django_session (expire_date);";
const MYSQL_TABLE: &str = "CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data longtext NOT NULL, expire_date datetime(6) NOT NULL, INDEX (expire_date))";
const SQLITE_TABLE: &str = "DROP TABLE IF EXISTS django_session;
    CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL);
    CREATE INDEX django_session_expire_date ON django_session (expire_date);";

/// The variables `HARDTACK_POSTGRES` and so on, which the services read.
#[derive(Clone)]
pub struct Addresses(Vec<(String, String)>);

impl Addresses {
    /// Returns a server's address. `server` is a name in `servers.sh`, or `sqlite`.
    pub fn get(&self, server: &str) -> Result<&str, Failure> {
        let name = format!("HARDTACK_{}", server.to_uppercase());
        let pair = self.0.iter().find(|(known, _)| *known == name);
        Ok(&pair.ok_or_else(|| format!("no {name}"))?.1)
    }

    /// Returns the same addresses, except for one server.
    pub fn with(&self, server: &str, address: String) -> Self {
        let mut addresses = self.clone();
        let name = format!("HARDTACK_{}", server.to_uppercase());
        addresses.0.retain(|(known, _)| *known != name);
        addresses.0.push((name, address));
        addresses
    }

    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

pub struct Servers {
    pub addresses: Addresses,
    folder: PathBuf,
}

impl Servers {
    /// Reads the addresses, and creates the tables.
    pub async fn open(folder: &str) -> Result<Self, Failure> {
        let folder = fs::canonicalize(folder)?;
        let variables = fs::read_to_string(folder.join("env"))?;
        let mut pairs = Vec::new();
        for line in variables.lines() {
            let pair = line
                .strip_prefix("export ")
                .and_then(|line| line.split_once('='));
            let (name, value) = pair.ok_or("not an env of servers.sh")?;
            pairs.push((name.to_owned(), value.to_owned()));
        }
        let sqlite = format!("sqlite:{}?mode=rwc", folder.join("load.sqlite").display());
        pairs.push(("HARDTACK_SQLITE".to_owned(), sqlite));
        let addresses = Addresses(pairs);
        let servers = Self { addresses, folder };
        servers.create_tables().await?;
        Ok(servers)
    }

    async fn create_tables(&self) -> Result<(), Failure> {
        let mut postgres = PgConnection::connect(self.addresses.get("postgres")?).await?;
        postgres.execute(POSTGRES_TABLE).await?;
        let mut mysql = MySqlConnection::connect(self.addresses.get("mysql")?).await?;
        mysql.execute("DROP TABLE IF EXISTS django_session").await?;
        mysql.execute(MYSQL_TABLE).await?;
        let mut sqlite = SqliteConnection::connect(self.addresses.get("sqlite")?).await?;
        sqlite.execute(SQLITE_TABLE).await?;
        Ok(())
    }

    /// Returns the path of a server's log.
    pub fn log(&self, server: &str) -> PathBuf {
        self.folder.join(format!("{server}.log"))
    }

    /// Makes the database pass each commit to the kernel before it answers, so that the commit survives the death of
    /// the server's process. The other servers with data do so by default.
    pub async fn keep_commits(&self, engine: Engine) -> Result<(), Failure> {
        if engine == Engine::MySql {
            let mut mysql = MySqlConnection::connect(self.addresses.get("mysql")?).await?;
            mysql
                .execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
                .await?;
        }
        Ok(())
    }

    /// Sends a signal to all processes of the engine's server: KILL, STOP or CONT.
    pub async fn signal(&self, engine: Engine, signal: &str) -> Result<(), Failure> {
        let pid = fs::read_to_string(self.folder.join(format!("{engine}.pid")))?;
        let pid = pid.trim();
        // PostgreSQL has a process for each connection.
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let mut command = Command::new("kill");
        command.args(["-s", signal, pid]);
        // Some children may have ended by now.
        command
            .args(children.split_whitespace())
            .stderr(Stdio::null());
        command.status().await?;
        Ok(())
    }

    /// Restarts the engine's server.
    pub async fn start(&self, engine: Engine) -> Result<(), Failure> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stores/tests/servers.sh");
        let mut command = Command::new(script);
        command
            .arg("start")
            .arg(&self.folder)
            .arg(engine.to_string());
        if command.status().await?.success() {
            Ok(())
        } else {
            Err(format!("{engine} did not start").into())
        }
    }
}
