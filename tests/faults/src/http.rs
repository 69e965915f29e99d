//! A client for one worker, with a connection that it keeps open.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest time for an answer. Without it, a worker that hangs would stop the run.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub location: String,
    /// The names and values of the `Set-Cookie` headers. A deletion has no value.
    pub cookies: Vec<(String, Option<String>)>,
    pub body: String,
}

/// How a request ended.
#[derive(Debug)]
pub enum End {
    Answer(Response),
    /// The connection was lost, for this reason. With the headers, if they had arrived by then.
    Cut(Option<Response>, String),
}

#[derive(Default)]
pub struct Connection {
    stream: Option<(u16, TcpStream)>,
}

impl Connection {
    /// Sends a request to this port. `form` is the body of a `POST`; without one it is a `GET`. Returns `None` if there is no
    /// connection.
    pub async fn send(
        &mut self,
        port: u16,
        path: &str,
        form: Option<&str>,
        cookie: &str,
    ) -> Option<End> {
        if self.stream.as_ref().is_none_or(|(of, _)| *of != port) {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
            stream.set_nodelay(true).ok()?;
            self.stream = Some((port, stream));
        }
        let (_, stream) = self.stream.as_mut()?;
        let method = if form.is_some() { "POST" } else { "GET" };
        let form = form.unwrap_or_default();
        let host = format!("127.0.0.1:{port}");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        let mut head = None;
        let sent = timeout(PATIENCE, exchange(stream, &request, &mut head)).await;
        let why = match sent {
            Ok(Ok(response)) => return Some(End::Answer(response)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer in {} s", PATIENCE.as_secs()),
        };
        self.stream = None;
        Some(End::Cut(head, why))
    }
}

/// `head` is set as soon as the headers have arrived.
async fn exchange(
    stream: &mut TcpStream,
    request: &str,
    head: &mut Option<Response>,
) -> io::Result<Response> {
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    let end = loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            break end;
        }
    };
    let (mut response, length) = parse(&buffer[..end])?;
    *head = Some(response.clone());
    while buffer.len() < end + 4 + length {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    response.body = String::from_utf8_lossy(&buffer[end + 4..]).into_owned();
    Ok(response)
}

/// Parses the head of a response. Returns it and the length of the body.
fn parse(head: &[u8]) -> io::Result<(Response, usize)> {
    let head = String::from_utf8_lossy(head);
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
    let mut response = Response {
        status: status.ok_or_else(wrong)?,
        ..Response::default()
    };
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(": ").ok_or_else(wrong)?;
        match &*name.to_ascii_lowercase() {
            "content-length" => length = value.parse().ok(),
            "location" => value.clone_into(&mut response.location),
            "set-cookie" => {
                let (pair, attributes) = value.split_once(';').ok_or_else(wrong)?;
                let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
                let is_deleted = attributes.to_ascii_lowercase().contains("max-age=0;");
                let value = (!is_deleted).then(|| value.to_owned());
                response.cookies.push((name.to_owned(), value));
            }
            _ => {}
        }
    }
    Ok((response, length.ok_or_else(wrong)?))
}
