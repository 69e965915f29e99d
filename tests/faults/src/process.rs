//! A worker's process.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::Failure;

/// The longest time that a worker may take to start, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    child: Child,
    log: PathBuf,
    pub port: u16,
}

impl Process {
    /// Starts a program that prints its address, and waits until it has. If this process is killed, the program is, too.
    pub async fn start(
        program: &[&str],
        variables: Vec<(&str, String)>,
        log: PathBuf,
    ) -> Result<Self, Failure> {
        let output = fs::File::create(&log)?;
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .args(program)
            .envs(variables)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()?;
        let start = Instant::now();
        loop {
            if let Some(port) = port(&fs::read_to_string(&log)?) {
                return Ok(Self { child, log, port });
            }
            if child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                let output = fs::read_to_string(&log)?;
                return Err(format!("{program:?} did not start: {output}").into());
            }
            sleep(Duration::from_millis(3)).await;
        }
    }

    /// Kills the process. Fails if it had ended already, or has panicked.
    pub async fn kill(mut self) -> Result<(), Failure> {
        let ended = self.child.try_wait()?;
        self.child.start_kill()?;
        self.child.wait().await?;
        let output = fs::read_to_string(&self.log)?;
        if let Some(status) = ended {
            return Err(format!("a worker has ended: {status}: {output}").into());
        }
        if output.contains("panicked at") {
            return Err(format!("a worker has panicked: {output}").into());
        }
        Ok(fs::remove_file(&self.log)?)
    }
}

/// Returns the port in `http://127.0.0.1:PORT`, once what follows it is there.
fn port(output: &str) -> Option<u16> {
    let (_, rest) = output.split_once("http://127.0.0.1:")?;
    let end = rest.find(|char: char| !char.is_ascii_digit())?;
    rest[..end].parse().ok()
}
