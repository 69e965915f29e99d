//! A service's process.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::Failure;
use crate::engine::Engine;
use crate::servers::Addresses;

/// A service that is listening. It ends when this value is dropped or this process ends, because its standard input is
/// closed then.
pub struct Service {
    child: Child,
    pub port: u16,
}

impl Service {
    /// Starts this package's own service.
    pub fn hardtack(engine: Engine, addresses: &Addresses) -> Result<Self, Failure> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["serve", &engine.to_string()]);
        Self::start(command, addresses)
    }

    /// Starts the same pages with tower-sessions. Returns `None` if that was not built.
    pub fn tower_sessions(engine: Engine, addresses: &Addresses) -> Result<Option<Self>, Failure> {
        let mut program = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        program.push("../../target/tower-sessions/release/stores-load-tower-sessions");
        if !program.exists() {
            return Ok(None);
        }
        let mut command = Command::new(program);
        command.arg(engine.to_string());
        Self::start(command, addresses).map(Some)
    }

    pub fn start(mut command: Command, addresses: &Addresses) -> Result<Self, Failure> {
        let mut child = command
            .envs(addresses.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        let port = port.trim_end().parse();
        let port =
            port.map_err(|_| format!("{} did not start", command.get_program().display()))?;
        Ok(Self { child, port })
    }

    /// Returns the processor time that it has used, in the kernel's ticks.
    pub fn ticks(&self) -> Result<u64, Failure> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // proc_pid_stat(5): utime and stime are fields 14 and 15, and the name in parentheses is field 2.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no fields")?;
        let mut fields = fields.split(' ').skip(11);
        let mut next = || -> Result<u64, Failure> { Ok(fields.next().ok_or("no time")?.parse()?) };
        Ok(next()? + next()?)
    }

    /// Stops the service. Fails if it had already ended, or exits with an error.
    pub fn stop(mut self) -> Result<(), Failure> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the service has ended: {status}").into());
        }
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the service ended with {status}").into())
        }
    }
}
