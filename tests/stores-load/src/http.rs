//! A client with one connection and one cookie.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Failure;

/// The maximum time for an answer: the stores give up much earlier.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub body: String,
    /// The value of the one `Set-Cookie`, and whether it deletes the cookie.
    pub set_cookie: Option<SetCookie>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetCookie {
    /// `name=value`
    Set(String),
    Deleted,
}

/// A connection that is kept open.
pub struct Connection {
    port: u16,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            port,
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request with this `Cookie`, and reads the whole response. Reconnects if the server closed the connection
    /// after the previous response.
    pub async fn get(&mut self, path: &str, cookie: Option<&str>) -> Result<Response, Failure> {
        let cookie = cookie.map_or(String::new(), |cookie| format!("cookie: {cookie}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{cookie}\r\n");
        let answered = timeout(PATIENCE, self.exchange(&request)).await?;
        match answered {
            Err(error) if is_closed(&error) && self.buffer.is_empty() => {
                *self = Self::open(self.port).await?;
                Ok(timeout(PATIENCE, self.exchange(&request)).await??)
            }
            answered => Ok(answered?),
        }
    }

    async fn exchange(&mut self, request: &str) -> io::Result<Response> {
        self.buffer.clear();
        self.stream.write_all(request.as_bytes()).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let head = self.buffer.windows(4).position(|end| end == b"\r\n\r\n");
            if let Some(head) = head {
                let (mut response, length) = parse(&self.buffer[..head])?;
                while self.buffer.len() < head + 4 + length {
                    if self.stream.read_buf(&mut self.buffer).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                response.body = String::from_utf8_lossy(&self.buffer[head + 4..]).into_owned();
                return Ok(response);
            }
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

/// Parses the head of a response. Returns it and the length of the body.
fn parse(head: &[u8]) -> io::Result<(Response, usize)> {
    let head = String::from_utf8_lossy(head);
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12));
    let mut response = Response {
        status: status
            .and_then(|text| text.parse().ok())
            .ok_or_else(wrong)?,
        body: String::new(),
        set_cookie: None,
    };
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("set-cookie") {
            let pair = value.trim().split(';').next().unwrap_or_default();
            let is_deleted = value.to_ascii_lowercase().contains("max-age=0");
            response.set_cookie = Some(if is_deleted {
                SetCookie::Deleted
            } else {
                SetCookie::Set(pair.to_owned())
            });
        }
    }
    Ok((response, length.ok_or_else(wrong)?))
}
