//! Looks into session cookies: who signed them, how old they are, what takes their space. Or makes them.
//!
//! ```text
//! export SECRET_KEY='...'
//! cargo run --example inspect -- 'eyJ1c2VyIjo0Mn0:1r31eq:...'      cookies as arguments,
//! cargo run --example inspect -- --json < cookies.txt              or one per line
//! echo '{"user":42}' | cargo run --example inspect -- --encode     the other way
//! ```
//!
//! Keys come from a file or the environment: the arguments of a program are there for all of the machine to see.

mod input;
mod view;

use std::cmp::Reverse;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use std::{env, mem, str};

use clap::Parser;
use hardtack::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH};
use hardtack::{Compression, Error, KeyRing, MaxAge, SESSION_SALT, SecretKey};
use hardtack::{Session, SessionCodec, Timestamp, Verified};
use serde_json::Value;

use input::{Input, lines};
use view::{heading, refusal_view};

/// JSON may come in with white space, which does not count: of a line this long the rest is not even kept.
const LONGEST_JSON: usize = 16 * DEFAULT_MAX_JSON_LENGTH;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Looks into session cookies of Django's `signed_cookies` engine or of hardtack, or makes them
#[derive(Parser)]
#[command(name = "inspect", version, after_help = AFTER_HELP)]
struct Options {
    /// Cookie values; without any, one per line of standard input
    #[arg(value_name = "COOKIE")]
    inputs: Vec<OsString>,
    /// The other way: each input is a JSON object; prints its cookie value
    #[arg(long)]
    encode: bool,
    /// Print one JSON object per line instead of the human view
    #[arg(long)]
    json: bool,
    /// The salt of the signature
    #[arg(long, value_name = "TEXT", default_value = SESSION_SALT)]
    salt: String,
    /// How old a cookie may be; "none" for no limit [default: 1209600]
    #[arg(long, value_name = "SECONDS", value_parser = max_age, allow_negative_numbers = true)]
    max_age: Option<MaxAge>,
    /// Unix time to compare with or to sign at, fraction allowed [default: the clock]
    #[arg(long, value_name = "SECONDS", value_parser = instant, allow_negative_numbers = true)]
    now: Option<Timestamp>,
    /// Whether to compress what is encoded
    #[arg(long, value_name = "MODE", value_parser = ["auto", "never"], default_value = "auto")]
    compression: String,
    /// Longest cookie value accepted or written
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_LENGTH)]
    max_length: usize,
    /// First line the signing key, further lines fallback keys; the ends of the lines are not part of a key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Take keys that are short, repetitive, made for development, or begin or end with white space
    #[arg(long)]
    allow_weak_key: bool,
}

const AFTER_HELP: &str = "\
Keys: --key-file, or else SECRET_KEY and SECRET_KEY_FALLBACKS (separated by white space) of the environment.
Exit status: 0 all well, 1 something was refused, 2 wrong usage or no good key.";

fn main() -> ExitCode {
    let options = Options::parse();
    let codec = match codec(&options) {
        Ok(codec) => codec,
        Err(message) => return stop(message),
    };
    let mut inspector = Inspector {
        options,
        codec,
        count: 0,
        refused: false,
    };
    match inspector.run() {
        // Whoever closed our output (`| head`) has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => stop(error),
        _ => ExitCode::from(u8::from(inspector.refused)),
    }
}

fn stop(message: impl Display) -> ExitCode {
    complain(format_args!("error: {message}"));
    ExitCode::from(2)
}

/// `eprintln!` would panic if standard error is closed.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr(), "{message}");
}

// ---- Options

fn codec(options: &Options) -> Result<SessionCodec, String> {
    let compression = match options.compression.as_str() {
        "never" => Compression::Never,
        _ => Compression::Auto,
    };
    Ok(SessionCodec::new(key_ring(options)?)
        .with_salt(&options.salt)
        .with_max_age(options.max_age.unwrap_or_default())
        .with_compression(compression)
        .with_max_length(options.max_length))
}

/// The messages hold no key, nor the file's name: somebody may have typed a key in its place.
fn key_ring(options: &Options) -> Result<KeyRing, String> {
    let secrets = match &options.key_file {
        Some(path) => secrets_of_file(path)
            .map_err(|error| format!("the key file cannot be read: {error}"))?,
        None => secrets_of_environment(),
    };
    let mut keys = secrets.into_iter().enumerate().map(|(index, secret)| {
        let key = if options.allow_weak_key {
            SecretKey::allow_weak(secret)
        } else {
            SecretKey::new(secret)
        };
        key.map_err(|error| format!("{} is refused: {error} (see --help)", key_name(index)))
    });
    let signing_key = keys.next().ok_or("there is no key (see --help)")??;
    keys.try_fold(KeyRing::new(signing_key), |ring, key| {
        Ok(ring.with_fallback(key?))
    })
}

fn secrets_of_file(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let lines = lines(BufReader::new(File::open(path)?), usize::MAX);
    lines.map(|line| Ok(line?.bytes)).collect()
}

fn secrets_of_environment() -> Vec<Vec<u8>> {
    let variable = |name| env::var_os(name).unwrap_or_default().into_encoded_bytes();
    let fallbacks = variable("SECRET_KEY_FALLBACKS");
    let fallbacks = fallbacks.split(u8::is_ascii_whitespace).map(<[u8]>::to_vec);
    let mut secrets = vec![variable("SECRET_KEY")];
    secrets.extend(fallbacks.filter(|secret| !secret.is_empty()));
    secrets
}

fn key_name(index: usize) -> String {
    match index {
        0 => "the signing key".into(),
        _ => format!("fallback key {index}"),
    }
}

fn max_age(text: &str) -> Result<MaxAge, &'static str> {
    if text == "none" {
        return Ok(MaxAge::NoLimit);
    }
    let nanos = nanoseconds(text)?;
    let parts = (
        u64::try_from(nanos / NANOS_PER_SECOND),
        u32::try_from(nanos % NANOS_PER_SECOND),
    );
    let (Ok(seconds), Ok(rest)) = parts else {
        return Err("must not be negative");
    };
    Ok(Duration::new(seconds, rest).into())
}

fn instant(text: &str) -> Result<Timestamp, &'static str> {
    nanoseconds(text).map(Timestamp::from_unix_nanos)
}

/// Decimal seconds, exactly: a float would be off by up to 120 nanoseconds today.
fn nanoseconds(text: &str) -> Result<i128, &'static str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > 9 {
        return Err("must be decimal digits, at most nine of them after the point");
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    match format!("{sign}{whole}{fraction:0<9}").parse() {
        Ok(nanos) if Timestamp::from_unix_nanos(nanos).as_unix_nanos() == nanos => Ok(nanos),
        _ => Err("is beyond 64 bits of seconds"),
    }
}

/// `Timestamp::now` needs the feature `std`; this works in every build.
fn clock() -> Timestamp {
    let since_epoch = SystemTime::UNIX_EPOCH.elapsed();
    since_epoch.unwrap_or_default().into()
}

// ---- Encode, decode

struct Inspector {
    options: Options,
    codec: SessionCodec,
    /// Inputs so far.
    count: usize,
    /// Whether one of them was refused.
    refused: bool,
}

impl Inspector {
    fn run(&mut self) -> io::Result<()> {
        for argument in mem::take(&mut self.options.inputs) {
            let bytes = argument.into_encoded_bytes();
            let length = bytes.len();
            self.show(&Input { bytes, length })?;
        }
        if self.count == 0 {
            let keep = self.options.max_length.max(LONGEST_JSON);
            for line in lines(io::stdin().lock(), keep) {
                self.show(&line?)?;
            }
        }
        Ok(())
    }

    fn show(&mut self, input: &Input) -> io::Result<()> {
        self.count += 1;
        let Options { encode, json, .. } = self.options;
        let now = self.options.now.unwrap_or_else(clock);
        let result = if encode {
            self.encode(input, now)
        } else {
            self.decode(input, now)
        };
        self.refused |= result.is_err();
        let text = match result {
            Ok(text) => text,
            Err(error) if json => refusal_json(error),
            Err(error) if encode => {
                // Not among the cookies, which another program may read.
                complain(format_args!("JSON object {} refused: {error}", self.count));
                return Ok(());
            }
            Err(error) => heading(self.count, &input.bytes) + &refusal_view(error),
        };
        writeln!(io::stdout(), "{text}")
    }

    fn encode(&self, input: &Input, now: Timestamp) -> Result<String, Error> {
        if !input.is_whole() {
            let limit = DEFAULT_MAX_JSON_LENGTH;
            return Err(Error::JsonTooLong { limit });
        }
        let text = str::from_utf8(&input.bytes).map_err(|error| Error::MalformedJson {
            offset: error.valid_up_to(),
        })?;
        let cookie = self.codec.encode(&Session::from_json(text)?, now)?;
        if self.options.json {
            return Ok(format!(r#"{{"ok":true,"cookie":"{cookie}"}}"#));
        }
        Ok(cookie)
    }

    fn decode(&self, input: &Input, now: Timestamp) -> Result<String, Error> {
        let (length, limit) = (input.length, self.options.max_length);
        if length > limit {
            return Err(Error::TooLong { length, limit });
        }
        // No key signs what is not text.
        let value = str::from_utf8(&input.bytes).map_err(|_| Error::BadSignature)?;
        let verified = self.codec.verify(value, now)?;
        let session = verified.session()?;
        let cookie = Cookie {
            length,
            now,
            max_age: self.options.max_age.unwrap_or_default(),
            verified,
            is_compressed: value.starts_with('.'),
            json: session.to_json(),
            members: members(&session)?,
        };
        if self.options.json {
            return Ok(cookie.json_line());
        }
        Ok(heading(self.count, &input.bytes) + &cookie.to_string())
    }
}

/// A cookie that was accepted.
struct Cookie<'a> {
    length: usize,
    now: Timestamp,
    max_age: MaxAge,
    verified: Verified<'a>,
    is_compressed: bool,
    json: String,
    members: Vec<Member>,
}

/// A key of the session and its value as the JSON spells them: in ASCII, so nothing in them acts on a terminal.
struct Member {
    key: String,
    value: String,
    /// With two quotes, a colon and a comma.
    bytes: usize,
}

/// The largest first.
fn members(session: &Session) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    for (key, value) in session.iter() {
        // A session of this key alone spells it as the cookie does: `{"key":0}`.
        let mut alone = Session::new();
        alone.insert(&key, 0)?;
        let json = alone.to_json();
        let (key, value) = (&json[2..json.len() - 4], value.as_str());
        members.push(Member {
            key: key.into(),
            value: value.into(),
            bytes: key.len() + value.len() + 4,
        });
    }
    members.sort_by_key(|member| Reverse(member.bytes));
    Ok(members)
}

// ---- JSON

impl Cookie<'_> {
    fn json_line(&self) -> String {
        let issued_at = self.verified.issued_at();
        format!(
            r#"{{"ok":true,"session":{},"issued_at":{},"age":{},"key":{},"compressed":{},"bytes":{}}}"#,
            self.json,
            issued_at.as_unix_seconds(),
            decimal(self.now.as_unix_nanos() - issued_at.as_unix_nanos()),
            self.verified.key_index(),
            self.is_compressed,
            self.length,
        )
    }
}

fn refusal_json(error: Error) -> String {
    let (name, message) = (variant(error), Value::from(error.to_string()));
    format!(r#"{{"ok":false,"error":"{name}","message":{message}}}"#)
}

/// The name of the error's variant, out of its `Debug` text, so that no list here can fall behind.
fn variant(error: Error) -> String {
    let debug = format!("{error:?}");
    debug.split(' ').next().unwrap_or(&debug).into()
}

/// Seconds, exactly, and with no more digits than needed: `12`, `-0.25`.
fn decimal(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    let text = format!("{sign}{}.{:09}", seconds.abs(), rest.abs());
    text.trim_end_matches('0').trim_end_matches('.').into()
}
