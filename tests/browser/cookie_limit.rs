//! The headers that cookie-limit.test.mjs sends to a browser: one request per line, one answer per line.
//!
//! - `limits`: the two limits
//! - `cookie NAME VALUE PATH`: a cookie whose name, value and path have these numbers of bytes; or the error
//! - `deletion NAME VALUE PATH`: the header that deletes it
//! - `set NAME`: a cookie with this name and the default attributes; `delete NAME`: the header that deletes it
//! - `scope PATH DOMAIN`: a cookie for this path and domain (none: only for the host); `unscope PATH DOMAIN`: the
//!   header that deletes it
//! - `session NAME`: a session of Django's engine that fills a cookie whose name has this number of bytes to the last
//!   byte
//! - `decode VALUE`: the session's JSON
//! - `find NAME HEADER`: how many cookies of this name a `Cookie` header has, whose bytes are in hex

use std::error::Error;
use std::io::{self, BufRead, Write};

use hardtack::limits::{MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_LENGTH};
use hardtack::{
    Compression, KeyRing, SecretKey, Session, SessionCodec, SetCookie, Timestamp, cookie,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["limits"] => Ok(format!("{MAX_COOKIE_LENGTH} {MAX_COOKIE_ATTRIBUTE_LENGTH}")),
            ["cookie", name, value, path] => cookie(name, value, path)?.to_header(),
            ["deletion", name, value, path] => {
                cookie(name, value, path)?.into_deletion().to_header()
            }
            ["set", name] => named(name).to_header(),
            ["delete", name] => named(name).into_deletion().to_header(),
            ["scope", path, ref domain @ ..] => scoped(path, domain).to_header(),
            ["unscope", path, ref domain @ ..] => scoped(path, domain).into_deletion().to_header(),
            ["session", name] => session(name.parse()?),
            ["decode", value] => codec()?
                .decode(value, Timestamp::now())
                .map(|session| session.to_json()),
            ["find", name, header] => Ok(find(name, header)?.to_string()),
            _ => return Err(format!("what is {line:?}?").into()),
        };
        match answer {
            Ok(text) => writeln!(out, "{text}")?,
            Err(error) => writeln!(out, "error {error:?}")?,
        }
        out.flush()?;
    }
    Ok(())
}

/// Not `Secure`, because the test's server uses plain HTTP.
fn cookie(name: &str, value: &str, path: &str) -> Result<SetCookie, Box<dyn Error>> {
    let path = format!("/{}", "p".repeat(path.parse::<usize>()? - 1));
    let value = "v".repeat(value.parse()?);
    Ok(SetCookie::new("n".repeat(name.parse()?))
        .with_value(value)
        .with_path(path)
        .with_secure(false))
}

fn find(name: &str, header: &str) -> Result<usize, Box<dyn Error>> {
    let digits: Vec<char> = header.chars().collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16));
    let header: Vec<u8> = bytes.collect::<Result<_, _>>()?;
    Ok(cookie::find(name, [&header]).len())
}

fn named(name: &str) -> SetCookie {
    SetCookie::new(name).with_value("v")
}

fn scoped(path: &str, domain: &[&str]) -> SetCookie {
    let cookie = SetCookie::new("sessionid")
        .with_value("v")
        .with_path(path)
        .with_secure(false);
    match domain {
        [domain] => cookie.with_domain(*domain),
        _ => cookie,
    }
}

fn codec() -> Result<SessionCodec, hardtack::Error> {
    let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    Ok(SessionCodec::new(KeyRing::new(key)).with_compression(Compression::Never))
}

fn session(name: usize) -> Result<String, hardtack::Error> {
    let (codec, now) = (codec()?, Timestamp::now());
    let mut session = Session::new();
    let mut value = String::new();
    for length in 0.. {
        session.insert("pad", "x".repeat(length))?;
        let next = codec.encode(&session, now)?;
        if name + next.len() > MAX_COOKIE_LENGTH {
            break;
        }
        value = next;
    }
    SetCookie::new("n".repeat(name))
        .with_value(value)
        .with_secure(false)
        .to_header()
}
