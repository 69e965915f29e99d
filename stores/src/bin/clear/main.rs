//! Deletes expired sessions in batches, instead of `manage.py clearsessions`.

mod progress;
mod target;

use std::error::Error as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Parser;
use hardtack::limits::DEFAULT_MAX_AGE;
use hardtack::{Clear, SESSION_COOKIE_NAME, SessionStore, StoreError, Timestamp};
use hardtack_stores::{Error, ErrorKind};
use jiff::SignedDuration;

use progress::Progress;

/// The exit code of a program that was interrupted.
const INTERRUPTED: u8 = 130;
/// How often in a row a batch is repeated if requests have locked its rows (a deadlock, for example).
const MAX_BUSY: u32 = 10;
const BUSY_PAUSE: Duration = Duration::from_millis(500);

/// Deletes the expired sessions of a Django site.
///
/// It deletes in batches, so that no request waits for long. It can be stopped (Ctrl-C or SIGTERM) and started again. The
/// exit code is 0 if it has deleted all of them, 1 after an error, 2 if an argument is wrong, and 130 if it was stopped.
#[derive(Parser)]
#[command(name = "hardtack-clear", version)]
struct Args {
    /// The database: postgres://USER:PASSWORD@HOST/NAME, mysql://USER:PASSWORD@HOST/NAME, or the path of an SQLite file.
    /// Defaults to the environment variable DATABASE_URL, which other users of the machine cannot see.
    ///
    /// TLS is used if the server has it, but by default the server's certificate is not verified. To verify it, append
    /// ?sslmode=verify-full (PostgreSQL) or ?ssl-mode=VERIFY_IDENTITY (MySQL). The certificates that the system trusts are
    /// accepted, and those in a file: &sslrootcert=FILE or &ssl-ca=FILE. Other modes are "disable", "require" and
    /// "verify-ca", or "DISABLED", "REQUIRED" and "VERIFY_CA".
    ///
    /// Or the folder of the engine "file". Its sessions must be read, so SECRET_KEY must be in the environment, and also
    /// SECRET_KEY_FALLBACKS, separated by spaces, if the site has any.
    address: Option<String>,
    /// The table of the sessions
    #[arg(long, value_name = "NAME", default_value = "django_session")]
    table: String,
    /// How many sessions to delete at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// How long to wait between batches
    #[arg(long, value_name = "TIME", default_value = "10ms", value_parser = duration)]
    pause: Duration,
    /// Only count the expired sessions
    #[arg(long)]
    dry_run: bool,
    /// SESSION_COOKIE_AGE, for a folder
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_MAX_AGE.as_secs())]
    age: u64,
    /// SESSION_COOKIE_NAME, for a folder
    #[arg(long, value_name = "NAME", default_value = SESSION_COOKIE_NAME)]
    prefix: String,
    /// TIME_ZONE of a site with USE_TZ = False
    #[arg(long, value_name = "ZONE", value_parser = target::zone)]
    time_zone: Option<jiff::tz::TimeZone>,
}

impl Args {
    fn age(&self) -> Duration {
        Duration::from_secs(self.age)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>().ok();
    let duration = duration.and_then(|duration| Duration::try_from(duration).ok());
    duration.ok_or_else(|| "not a time, such as 10ms or 1s".into())
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(target::run(&args)),
        Err(error) => Err(error.to_string()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Deletes the expired sessions of a store. `expired` is how many there are.
async fn clear(
    store: &impl SessionStore<Error = Error>,
    expired: u64,
    now: Timestamp,
    args: &Args,
) -> Result<ExitCode, String> {
    let sessions = if expired == 1 { "session" } else { "sessions" };
    progress::print(&format!(
        "{} expired {sessions}",
        progress::grouped(expired)
    ));
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let is_stopped = stop_on_signal();
    let mut progress = Progress::new(expired);
    let clear = Clear {
        now,
        default_age: args.age(),
        at_most: args.batch,
    };
    let mut busy = 0;
    loop {
        match store.clear_expired(clear).await {
            Ok(0) => break,
            Ok(cleared) => {
                busy = 0;
                progress.add(cleared.into());
            }
            Err(StoreError::Store(error)) if error.kind() == ErrorKind::Busy && busy < MAX_BUSY => {
                busy += 1;
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            Err(error) => {
                progress.end("deleted");
                return Err(sentence(&error));
            }
        }
        if is_stopped.load(Ordering::Relaxed) {
            progress.end("stopped: deleted");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        tokio::time::sleep(args.pause).await;
    }
    progress.end("deleted");
    Ok(ExitCode::SUCCESS)
}

/// Returns the texts of the error and its source.
fn sentence(error: &StoreError<Error>) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Returns a flag that a signal sets, so that the current batch is finished first. A second signal ends the process.
fn stop_on_signal() -> Arc<AtomicBool> {
    let is_stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_stopped);
    tokio::spawn(async move {
        while signal().await.is_ok() {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED.into());
            }
        }
    });
    is_stopped
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
