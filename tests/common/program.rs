//! A program of the examples, running as a process of its own, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running program, which is killed when this is dropped.
pub struct Program {
    child: Child,
    address: String,
    /// What it printed before its address.
    pub notices: Vec<String>,
    /// Kept open: a program panics if it prints into a closed pipe.
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it on a free port, with these environment variables, and waits for its address.
    pub fn start(path: &str, keys: &[(&str, &str)]) -> Self {
        let mut command = Command::new(path);
        command.env("PORT", "0").stdout(Stdio::piped());
        for name in ["SECRET_KEY", "SECRET_KEY_FALLBACK"] {
            command.env_remove(name);
        }
        let child = command.envs(keys.iter().copied()).spawn();
        let mut child = child.expect("it starts");
        let output = child.stdout.take().expect("it is piped");
        let mut program = Self {
            child,
            address: String::new(),
            notices: Vec::new(),
            output: BufReader::new(output),
        };
        loop {
            let mut line = String::new();
            let length = program.output.read_line(&mut line).expect("UTF-8");
            assert!(length > 0, "it ended: {:?}", program.notices);
            match line.trim_end().strip_prefix("http://") {
                Some(address) => {
                    address.clone_into(&mut program.address);
                    return program;
                }
                None => program.notices.push(line),
            }
        }
    }

    /// Sends a request with these `Cookie` lines and this form. It is HTTP/1.0, so no answer is chunked.
    pub fn ask(&self, method: &str, path: &str, cookies: &[String], form: &str) -> Response {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let cookies = cookies.iter().map(|cookie| format!("Cookie: {cookie}\r\n"));
        let lines = [
            format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address),
            cookies.collect::<Vec<_>>().concat(),
            "Content-Type: application/x-www-form-urlencoded\r\n".into(),
            format!("Content-Length: {}\r\n\r\n{form}", form.len()),
        ];
        stream
            .write_all(lines.concat().as_bytes())
            .expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        Response::parse(&text)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let headers = lines.map(|line| line.split_once(": ").expect("a header"));
        Self {
            status: status.expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// Returns the values of all headers of this name, which is in lower case.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.headers.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}
