//! Runs an example that counts visits in its own process, and sends requests to it. All these examples must behave
//! alike.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use hardtack::{KeyRing, SecretKey, SessionCodec, Timestamp};

const KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";

/// A running program. It is killed when this value is dropped.
struct Program {
    child: Child,
    address: String,
    /// What it printed before its address.
    said: Vec<String>,
}

impl Program {
    /// Starts the program with this key, or without one.
    fn start(path: &str, key: Option<&str>) -> Self {
        let mut command = Command::new(path);
        command.env("PORT", "0").env_remove("SECRET_KEY");
        command.envs(key.map(|key| ("SECRET_KEY", key)));
        let child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut program = Self {
            child,
            address: String::new(),
            said: Vec::new(),
        };
        let output = program.child.stdout.take().expect("it is piped");
        for line in BufReader::new(output).lines() {
            let line = line.expect("UTF-8");
            if let Some(address) = line.strip_prefix("http://") {
                address.clone_into(&mut program.address);
                return program;
            }
            program.said.push(line);
        }
        panic!("it printed no address: {:?}", program.said);
    }

    fn ask(&self, method: &str, path: &str, cookie: &str) -> Response {
        let address = &self.address;
        let mut stream = TcpStream::connect(address).expect("it listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nCookie: theme=dark\r\nCookie: {cookie}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        Response {
            status: lines.next().expect("a status line").to_owned(),
            headers: lines
                .map(|line| line.split_once(": ").expect("a header"))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Response {
    status: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "several {name}");
        value
    }

    /// Returns `name=value` of the cookie that the response sets.
    fn cookie(&self) -> &str {
        let header = self.header("set-cookie").expect("a cookie is set");
        header.split(';').next().unwrap_or_default()
    }

    #[track_caller]
    fn is_visit(&self, visits: u32) {
        assert_eq!(self.status, "HTTP/1.1 200 OK");
        assert!(
            self.body.contains(&format!(">{visits}</h1>")),
            "{}",
            self.body
        );
        assert_eq!(self.header("vary"), Some("Cookie"));
    }
}

pub fn counts_visits_in_a_cookie(path: &str) {
    let program = Program::start(path, Some(KEY));
    assert!(program.said.is_empty());
    let first = program.ask("GET", "/", "");
    first.is_visit(1);
    let header = first.header("set-cookie").expect("a cookie is set");
    for attribute in ["HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1209600"] {
        assert!(
            header.split("; ").any(|known| known == attribute),
            "{header}"
        );
    }
    assert!(!header.contains("Secure"), "{header}");

    let second = program.ask("GET", "/", first.cookie());
    second.is_visit(2);
    let key = SecretKey::new(KEY).expect("a good key");
    let codec = SessionCodec::new(KeyRing::new(key));
    let value = second.cookie().strip_prefix("visits=").expect("its name");
    let session = codec.decode(value, Timestamp::now()).expect("a session");
    assert_eq!(session.get("visits"), Ok(Some(2)));

    // Another process with the same key continues the session.
    let other = Program::start(path, Some(KEY));
    other.ask("GET", "/", second.cookie()).is_visit(3);
}

pub fn starts_again(path: &str) {
    let program = Program::start(path, Some(KEY));
    let visit = program.ask("GET", "/", "");
    let forgotten = program.ask("POST", "/forget", visit.cookie());
    assert_eq!(forgotten.status, "HTTP/1.1 303 See Other");
    assert_eq!(forgotten.header("location"), Some("/"));
    assert_eq!(forgotten.cookie(), "visits=");
    let header = forgotten.header("set-cookie").expect("a cookie is deleted");
    assert!(header.contains("; Max-Age=0; "), "{header}");
    assert_eq!(forgotten.header("vary"), Some("Cookie"));
}

pub fn believes_no_forged_cookie(path: &str) {
    let program = Program::start(path, Some(KEY));
    let visit = program.ask("GET", "/", "");
    let second = program.ask("GET", "/", visit.cookie());
    let mut forged = second.cookie().to_owned();
    let last = forged.pop().expect("a signature");
    forged.push(if last == 'A' { 'E' } else { 'A' });
    program.ask("GET", "/", &forged).is_visit(1);
    // Nothing reads a session here, so the response has no headers for it.
    let missing = program.ask("GET", "/missing", &forged);
    assert_eq!(missing.status, "HTTP/1.1 404 Not Found");
    assert_eq!(
        (missing.header("set-cookie"), missing.header("vary")),
        (None, None)
    );
}

pub fn makes_a_key_if_it_has_none(path: &str) {
    let program = Program::start(path, None);
    assert!(program.said[0].starts_with("SECRET_KEY is not set"));
    let visit = program.ask("GET", "/", "");
    program.ask("GET", "/", visit.cookie()).is_visit(2);
    // Another process has another key.
    let other = Program::start(path, None);
    other.ask("GET", "/", visit.cookie()).is_visit(1);
}
