//! Starts, measures and stops a server's process.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::Failure;
use crate::site::Layer;

/// A server that is listening. It ends when this value is dropped or this process ends, because its standard input is
/// closed then.
pub struct Server {
    child: Child,
    pub layer: Layer,
    pub port: u16,
}

impl Server {
    pub fn start(layer: Layer) -> Result<Self, Failure> {
        let which = match layer {
            Layer::With => "with",
            Layer::Without => "without",
        };
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", which])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        let port = port.trim_end().parse()?;
        Ok(Self { child, layer, port })
    }

    /// Returns its resident memory, in KiB.
    pub fn memory(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mut lines = status.lines();
        let resident = lines.find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.ok_or("no VmRSS")?.trim_end_matches("kB").trim();
        Ok(resident.parse()?)
    }

    /// Stops the server. Fails if it had already ended, or exits with an error.
    pub fn stop(&mut self) -> Result<(), Failure> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the server has ended: {status}").into());
        }
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }
}
