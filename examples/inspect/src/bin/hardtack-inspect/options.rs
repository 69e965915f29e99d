//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Parser;
use clap::builder::Styles;
use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::{MaxAge, SESSION_SALT, Timestamp};
use hardtack_inspect::SALTS;

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

/// Inspects session cookies: what a pasted one is, who signed it, how old it is and what takes up its space.
///
/// Paste whatever you have: a value, name=value, a Cookie or Set-Cookie header, a curl command, JSON, a line of a browser's
/// tools, percent-encoded or broken over lines. Without a key it shows what is inside and marks it as not verified. With the
/// site's key it says whether the site signed it. It also knows other things by their form, such as a JWT or a Flask session.
#[derive(Parser)]
#[command(name = "hardtack-inspect", version, styles = STYLES, max_term_width = 100, after_help = EXAMPLES, after_long_help = after_help())]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
pub(crate) struct Options {
    /// Pastes to inspect, one each. Without any, standard input is one paste (--json: one for each line)
    #[arg(value_name = "COOKIE")]
    pub(crate) inputs: Vec<OsString>,

    /// Print one JSON object per line, for scripts. Needs a key
    #[arg(long)]
    pub(crate) json: bool,

    /// The other way: make a cookie of each JSON object, and print its value. Needs a key
    #[arg(long)]
    pub(crate) encode: bool,

    /// A file with the signing key in its first line and fallback keys in further lines, or settings or an environment file that assigns SECRET_KEY and SECRET_KEY_FALLBACKS
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) key_file: Option<PathBuf>,

    /// Sign with weak keys too (--encode). Without it, they only verify
    #[arg(long, help_heading = "Keys")]
    pub(crate) allow_weak_key: bool,

    /// The salt of the signature. Django's own salts are tried too, and named if one fits
    #[arg(long, value_name = "TEXT", default_value = SESSION_SALT, help_heading = "Verification")]
    pub(crate) salt: String,

    /// How old a cookie may be; "none" for no limit [default: 1209600, two weeks]
    #[arg(long, value_name = "SECONDS", value_parser = max_age, allow_negative_numbers = true, help_heading = "Verification")]
    pub(crate) max_age: Option<MaxAge>,

    /// The Unix time to compare with or to sign at; a fraction is allowed [default: the clock]
    #[arg(long, value_name = "SECONDS", value_parser = instant, allow_negative_numbers = true, help_heading = "Verification")]
    pub(crate) now: Option<Timestamp>,

    /// The longest cookie value to accept or write
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_LENGTH, help_heading = "Verification")]
    pub(crate) max_length: usize,

    /// Whether to compress encoded sessions
    #[arg(long, value_name = "MODE", value_parser = ["auto", "never"], default_value = "auto", help_heading = "Verification")]
    pub(crate) compression: String,

    /// Take inputs and keys as they are: look for no cookie in the input, and trim no key
    #[arg(long)]
    pub(crate) exact: bool,
}

const EXAMPLES: &str = "\
Examples:
  hardtack-inspect 'Cookie: csrftoken=...; sessionid=eyJ1c2VyIjo0Mn0:1r31eq:...'
  SECRET_KEY=... hardtack-inspect < paste.txt
  hardtack-inspect --json --key-file keys.txt < cookies.txt
  echo '{\"user\": 42}' | hardtack-inspect --encode --key-file keys.txt";

fn after_help() -> String {
    let salts = SALTS.map(|salt| format!("  {:<47}  {}", salt.salt, salt.use_));
    format!(
        "{EXAMPLES}

Keys:
  --key-file, or else the environment variables SECRET_KEY and SECRET_KEY_FALLBACKS (a list, or
  separated by white space). White space, quotes, comments and \"SECRET_KEY =\" around a key are
  taken off, with a note. An expression such as os.environ[...] is not a key.
  There is no option for the key itself: other users of the machine see the arguments of a program.

Salts that are tried:
{}

Exit status:
  0  every input was verified (or encoded)
  1  an input was refused, could not be verified, or is not a session
  2  wrong usage: an unknown option, a key that cannot be used, no key where one is needed, no input",
        salts.join("\n")
    )
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
