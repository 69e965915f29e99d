//! The command `hardtack-clear`. Tests on PostgreSQL and MariaDB need servers (stores/tests/servers.sh).

mod common;
#[path = "db/site.rs"]
mod site;

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use common::address;
use site::{Server, Site};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{MySql, Postgres, Sqlite};

const PAST: &str = "2001-01-01 00:00:00";
const FUTURE: &str = "2999-01-01 00:00:00";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardtack-clear"));
    command
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env_remove("SECRET_KEY")
        .env_remove("SECRET_KEY_FALLBACKS")
        .stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    said(&command(arguments).output().unwrap())
}

/// Returns the exit code and the output, in which the time at the end of a line is replaced by "T".
fn said(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().map(|line| match line.rsplit_once(" in ") {
        Some((line, time)) if time.ends_with(" s") => format!("{line} in T\n"),
        _ => format!("{line}\n"),
    });
    (output.status.code(), lines.collect())
}

/// Creates an SQLite file in the tests' folder, with expired and live sessions.
async fn file(name: &str, expired: u32) -> (String, Site<Sqlite>) {
    let path = format!("{}/{name}.sqlite3", env!("CARGO_TARGET_TMPDIR"));
    let _ = std::fs::remove_file(&path);
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    let site = Site {
        pool,
        table: "django_session".into(),
    };
    site.run("PRAGMA synchronous = OFF").await;
    site.run(&format!(
        "CREATE TABLE django_session ({})",
        Sqlite::columns("text")
    ))
    .await;
    fill(&site, expired).await;
    (path, site)
}

/// Inserts expired rows, and two live ones.
async fn fill<D: Server>(site: &Site<D>, expired: u32) {
    for n in 0..expired {
        site.insert(&format!("expired{n:025}"), "", PAST).await;
    }
    site.insert("alive000", "", FUTURE).await;
    site.insert("alive001", "", FUTURE).await;
}

#[tokio::test]
async fn expired_sessions_are_deleted_and_counted() {
    let (path, site) = file("deleted", 25).await;
    let done = run(&[&path, "--batch", "10", "--pause", "0ms"]);
    assert_eq!(
        done,
        (
            Some(0),
            "25 expired sessions\ndeleted 25 of 25 in T\n".into()
        )
    );
    assert_eq!(site.keys().await, ["alive000", "alive001"]);
    let again = run(&[&path]);
    assert_eq!(
        again,
        (Some(0), "0 expired sessions\ndeleted 0 of 0 in T\n".into())
    );
}

#[tokio::test]
async fn a_dry_run_deletes_nothing() {
    let (path, site) = file("dry", 1234).await;
    assert_eq!(
        run(&[&path, "--dry-run"]),
        (Some(0), "1,234 expired sessions\n".into())
    );
    assert_eq!(site.keys().await.len(), 1236);
}

#[tokio::test]
async fn the_address_may_be_in_the_environment() {
    let (path, _) = file("environment", 3).await;
    for address in [
        &path,
        &format!("sqlite:{path}"),
        &format!("sqlite://{path}"),
    ] {
        let output = command(&["--dry-run"])
            .env("DATABASE_URL", address)
            .output()
            .unwrap();
        assert_eq!(said(&output), (Some(0), "3 expired sessions\n".into()));
    }
    assert_eq!(
        run(&[]),
        (Some(1), "error: no address, and no DATABASE_URL\n".into())
    );
}

#[tokio::test]
async fn a_zone_moves_the_end_of_sessions() {
    let (path, site) = file("zone", 0).await;
    // An hour ago in UTC. On a site in Adak, that is more than eight hours ahead.
    site.run("INSERT INTO django_session VALUES ('anhourago', '', datetime('now', '-1 hour'))")
        .await;
    let adak = run(&[&path, "--dry-run", "--time-zone", "America/Adak"]);
    assert_eq!(adak, (Some(0), "0 expired sessions\n".into()));
    assert_eq!(
        run(&[&path, "--dry-run"]),
        (Some(0), "1 expired session\n".into())
    );
}

#[cfg(unix)]
#[tokio::test]
async fn it_stops_between_batches_and_can_be_run_again() {
    for signal in ["INT", "TERM"] {
        let (path, site) = file(&format!("stopped-{signal}"), 40).await;
        let running = command(&[&path, "--batch", "10", "--pause", "1s"])
            .spawn()
            .unwrap();
        while site.keys().await.len() == 42 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        send(signal, &running);
        let (code, said) = said(&running.wait_with_output().unwrap());
        let left = site.keys().await.len() - 2;
        assert!((10..40).contains(&left), "{left}");
        let expected = format!(
            "40 expired sessions\nstopped: deleted {} of 40 in T\n",
            40 - left
        );
        assert_eq!((code, said), (Some(130), expected));
        run(&[&path]);
        assert_eq!(site.keys().await, ["alive000", "alive001"]);
    }
}

fn send(signal: &str, process: &Child) {
    let kill = Command::new("kill")
        .args(["-s", signal, &process.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn wrong_arguments_are_refused() {
    for arguments in [
        &["--batch", "0"][..],
        &["--batch", "many"],
        &["--pause", "soon"],
        &["--pause", "-1s"],
        &["--time-zone", "Europe/Nowhere"],
        &["--unknown"],
    ] {
        let (code, said) = run(arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.starts_with("error: "), "{said}");
    }
}

#[tokio::test]
async fn errors_are_sentences() {
    let (path, _) = file("errors", 0).await;
    let table = "error: SQLite: the table of the sessions is missing, or does not have Django's columns (error 1)\n";
    let name = "error: SQLite: no table can have this name\n";
    let address =
        "error: the address is not a PostgreSQL or MySQL address, an SQLite file, or a folder\n";
    for (arguments, error) in [
        (&[&path, "--table", "nothing"][..], table),
        (&[&path, "--table", ""], name),
        (&["oracle://user:secret@host/site"], address),
        (&["/no/such/file"], address),
    ] {
        assert_eq!(run(arguments), (Some(1), error.into()));
    }
}

#[test]
fn a_password_is_never_printed() {
    for address in [
        "postgres://user:secret@127.0.0.1:99999/site",
        "postgres://user:sec#ret@127.0.0.1/site",
        "mysql://user:secret@127.0.0.1:port/site",
        "mysql://user:secret@[::1/site",
    ] {
        let (code, said) = run(&[address]);
        assert_eq!(code, Some(1));
        assert!(
            said.starts_with("error: the address cannot be parsed"),
            "{said}"
        );
        assert!(!said.contains("sec"), "{said}");
    }
}

#[tokio::test]
async fn a_folder_is_cleared() {
    let folder = format!("{}/sessions", env!("CARGO_TARGET_TMPDIR"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    let codec = common::codec();
    let text = codec
        .encode(&hardtack::Session::new(), 1_000_000_000)
        .unwrap();
    let hour = std::time::SystemTime::now() - Duration::from_secs(3600);
    for (name, time) in [
        ("sessionidold00000", hour),
        ("sessionidnew00000", std::time::SystemTime::now()),
        ("otheridold00000", hour),
    ] {
        let path = format!("{folder}/{name}");
        std::fs::write(&path, &text).unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    let arguments = [folder.as_str(), "--age", "1800"];
    let missing = "error: a folder needs SECRET_KEY in the environment\n";
    assert_eq!(run(&arguments), (Some(1), missing.into()));
    let with_keys = |key: &str, fallbacks: &str, more: &[&str]| {
        let mut command = command(&[&arguments, more].concat());
        command
            .env("SECRET_KEY", key)
            .env("SECRET_KEY_FALLBACKS", fallbacks);
        said(&command.output().unwrap())
    };
    let weak = "error: SECRET_KEY: the key has 4 bytes; at least 32 are needed\n";
    assert_eq!(with_keys("weak", "", &[]), (Some(1), weak.into()));
    // With another key, it cannot tell whether the sessions have ended.
    let other = "another-key-of-50-characters-or-so-made-by-a-generator";
    let none = "0 expired sessions\ndeleted 0 of 0 in T\n";
    assert_eq!(with_keys(other, "", &[]), (Some(0), none.into()));
    let one = "1 expired session\n";
    for said in [one, "1 expired session\ndeleted 1 of 1 in T\n"] {
        let more: &[&str] = if said == one { &["--dry-run"] } else { &[] };
        let done = with_keys(other, common::SECRET_KEY, more);
        assert_eq!(done, (Some(0), said.into()));
    }
    let mut left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["otheridold00000", "sessionidnew00000"]);
}

#[tokio::test]
#[ignore = "needs servers"]
async fn postgres_is_cleared() {
    is_cleared::<Postgres>("HARDTACK_POSTGRES").await;
}

#[tokio::test]
#[ignore = "needs servers"]
async fn mysql_is_cleared() {
    is_cleared::<MySql>("HARDTACK_MYSQL").await;
}

async fn is_cleared<D: Server>(variable: &str) {
    let site = Site::<D>::new("cleared").await;
    fill(&site, 25).await;
    let done = run(&[&address(variable), "--table", "cleared", "--batch", "10"]);
    let said = "25 expired sessions\ndeleted 25 of 25 in T\n";
    assert_eq!(done, (Some(0), said.into()));
    assert_eq!(site.keys().await, ["alive000", "alive001"]);
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_batch_whose_rows_are_locked_is_tried_again() {
    let site = Site::<MySql>::new("cleared_later").await;
    fill(&site, 25).await;
    site.run("SET GLOBAL innodb_lock_wait_timeout = 1").await;
    let mut other = site.pool.begin().await.unwrap();
    sqlx::query("UPDATE cleared_later SET session_data = 'x'")
        .execute(&mut *other)
        .await
        .unwrap();
    let address = address("HARDTACK_MYSQL");
    let running = command(&[&address, "--table", "cleared_later"])
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    other.rollback().await.unwrap();
    let done = said(&running.wait_with_output().unwrap());
    site.run("SET GLOBAL innodb_lock_wait_timeout = 50").await;
    assert_eq!(
        done,
        (
            Some(0),
            "25 expired sessions\ndeleted 25 of 25 in T\n".into()
        )
    );
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_wrong_password_is_an_error() {
    let site = Site::<MySql>::without_table("wrong_password").await;
    site.run("CREATE OR REPLACE USER guest@'127.0.0.1' IDENTIFIED BY 'right'")
        .await;
    let address = address("HARDTACK_MYSQL").replace("root@", "guest:secret@");
    let denied = "error: MySQL: the server refused the user, the password, the database or the user's rights (error 1045)\n";
    assert_eq!(run(&[&address]), (Some(1), denied.into()));
}

/// PostgreSQL with TLS, on its own, since the other tests use the shared one without.
struct TlsServer {
    folder: String,
    address: String,
}

impl TlsServer {
    fn start() -> Self {
        let folder = format!("{}/tls", env!("CARGO_TARGET_TMPDIR"));
        let mut server = Self {
            address: String::new(),
            folder,
        };
        let _ = std::fs::remove_dir_all(&server.folder);
        server.run(
            r#"tests/servers.sh start "$1" postgres
            printf '[req]\ndistinguished_name = name\n[name]\n' >"$1/openssl.cnf"
            openssl req -config "$1/openssl.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
                -subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout "$1/server.key" -out "$1/server.crt"
            chown postgres "$1"/server.*
            mv "$1/server.key" "$1/postgres/"
            cp -p "$1/server.crt" "$1/postgres/"
            echo 'ssl = on' >>"$1/postgres/postgresql.conf"
            # Refuses connections without TLS.
            echo 'hostssl all all 127.0.0.1/32 trust' >"$1/postgres/pg_hba.conf"
            tests/servers.sh stop "$1" postgres
            tests/servers.sh start "$1" postgres"#,
        );
        let address = server.run(r#". "$1/env" && printf %s "$HARDTACK_POSTGRES""#);
        server.address = address;
        server
    }

    /// Runs a script with the folder as its argument, and returns its output.
    fn run(&self, script: &str) -> String {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", script, "script", &self.folder]);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let mut stop = Command::new("tests/servers.sh");
        let _ = stop.args(["stop", &self.folder, "postgres"]).status();
    }
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_server_may_have_tls() {
    let server = TlsServer::start();
    let pool = sqlx::PgPool::connect(&server.address).await.unwrap();
    let site = Site::<Postgres> {
        pool,
        table: "django_session".into(),
    };
    let columns = Postgres::columns("text");
    site.run(&format!("CREATE TABLE django_session ({columns})"))
        .await;
    fill(&site, 3).await;

    let with = |settings: &str| run(&[&format!("{}{settings}", server.address), "--dry-run"]);
    let certificate = format!("{}/server.crt", server.folder);
    let counted = (Some(0), "3 expired sessions\n".to_owned());
    assert_eq!(with(""), counted);
    assert_eq!(with("?sslmode=require"), counted);
    let verified = format!("?sslmode=verify-full&sslrootcert={certificate}");
    assert_eq!(with(&verified), counted);

    let no_connection = "error: PostgreSQL: there is no connection to the server: ";
    let unknown = format!("{no_connection}invalid peer certificate: UnknownIssuer\n");
    assert_eq!(with("?sslmode=verify-full"), (Some(1), unknown));
    let (code, refused) = with("?sslmode=disable");
    assert_eq!(code, Some(1), "{refused}");
    assert!(refused.contains("(error 28000)"), "{refused}");
}
