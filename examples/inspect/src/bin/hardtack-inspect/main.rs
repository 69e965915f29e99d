//! Inspects cookies: identifies a pasted one, verifies it, and shows its age and the size of its parts. Or makes one.
//!
//! ```text
//! hardtack-inspect 'sessionid=eyJ1c2VyIjo0Mn0:1r31eq:...'             what is in it, not verified
//! export SECRET_KEY='...'
//! hardtack-inspect 'eyJ1c2VyIjo0Mn0:1r31eq:...'                       who signed it
//! hardtack-inspect --json < cookies.txt                               one per line, for scripts
//! echo '{"user":42}' | hardtack-inspect --encode                      makes a cookie
//! ```
//!
//! Keys come from a file or the environment: other users of the machine see the arguments of a program.

mod input;
mod json;
mod options;
mod secrets;
mod table;
mod view;
mod words;

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use anstyle::{AnsiColor, Style};
use clap::Parser;
use hardtack::limits::DEFAULT_MAX_JSON_LENGTH;
use hardtack::{Compression, Error, Session, SessionCodec, Timestamp};
use hardtack_inspect::{Keys, LONGEST_PASTE, Report, Settings, inspect, split};

use input::{Input, lines, paste};
use options::Options;
use secrets::Secrets;

/// JSON may have white space in it, which does not count. Of a line longer than this, the rest is not kept.
const LONGEST_JSON: usize = 16 * DEFAULT_MAX_JSON_LENGTH;

fn main() -> ExitCode {
    let mut options = Options::parse();
    let inputs = mem::take(&mut options.inputs);
    let done = Inspector::new(options).and_then(|mut inspector| match inspector.run(inputs) {
        // Whoever closed our output (`| head`) has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        // A script must not take an empty list for one that was verified.
        _ if inspector.count == 0 => Err("standard input is empty (see --help)".into()),
        _ => Ok(inspector.refused),
    });
    match done {
        Ok(refused) => ExitCode::from(u8::from(refused)),
        Err(message) => {
            complain("error", AnsiColor::Red, message);
            ExitCode::from(2)
        }
    }
}

/// `eprintln!` would panic if standard error is closed.
fn complain(kind: &str, color: AnsiColor, message: impl Display) {
    let style = color.on_default().bold();
    let _ = writeln!(anstream::stderr(), "{style}{kind}:{style:#} {message}");
}

/// `Timestamp::now` needs the feature `std`; this works in every build.
fn clock() -> Timestamp {
    let since_epoch = SystemTime::UNIX_EPOCH.elapsed();
    since_epoch.unwrap_or_default().into()
}

struct Inspector {
    options: Options,
    keys: Option<Keys>,
    /// Signs, with `--encode`.
    codec: Option<SessionCodec>,
    /// Inputs so far.
    count: usize,
    /// Whether one of them was not accepted.
    refused: bool,
}

impl Inspector {
    fn new(options: Options) -> Result<Self, String> {
        let mut secrets = secrets::secrets(&options)?;
        let codec = options
            .encode
            .then(|| codec(&options, &secrets))
            .transpose()?;
        let keys = if options.encode {
            None
        } else {
            secrets.keys()?
        };
        if secrets.is_empty() && (options.json || options.key_file.is_some()) {
            return Err("there is no key (see --help)".into());
        }
        for note in &secrets.notes {
            complain("note", AnsiColor::Yellow, note);
        }
        Ok(Self {
            options,
            keys,
            codec,
            count: 0,
            refused: false,
        })
    }

    fn run(&mut self, arguments: Vec<OsString>) -> io::Result<()> {
        for argument in arguments {
            let bytes = argument.as_encoded_bytes().to_vec();
            let length = bytes.len();
            self.show(&Input { bytes, length })?;
            self.note_file(&argument);
        }
        if self.count > 0 {
            return Ok(());
        }
        if io::stdin().is_terminal() {
            complain(
                "note",
                AnsiColor::Yellow,
                "paste a cookie, then a line break and Ctrl-D (or see --help)",
            );
        }
        let mut stdin = io::stdin().lock();
        let keep = self.options.max_length.max(LONGEST_JSON);
        if self.options.json || self.options.encode || self.options.exact {
            return lines(stdin, keep).try_for_each(|line| self.show(&line?));
        }
        let beginning = paste(&mut stdin, LONGEST_PASTE)?;
        if beginning.len() > LONGEST_PASTE {
            // A list of cookies, not a paste.
            let all = io::Read::chain(beginning.as_slice(), stdin);
            return lines(all, keep).try_for_each(|line| self.show(&line?));
        }
        let Ok(text) = str::from_utf8(&beginning) else {
            return lines(beginning.as_slice(), keep).try_for_each(|line| self.show(&line?));
        };
        let pastes = split(text)
            .into_iter()
            .filter(|paste| !paste.trim().is_empty());
        pastes
            .into_iter()
            .try_for_each(|paste| self.show(&Input::from(paste)))
    }

    /// Says so if an argument was meant as the name of a file.
    fn note_file(&self, argument: &OsStr) {
        if !self.options.json && Path::new(argument).is_file() {
            let note = "there is a file of that name; to look into it, use < before the name";
            complain("note", AnsiColor::Yellow, note);
        }
    }

    fn show(&mut self, input: &Input) -> io::Result<()> {
        self.count += 1;
        let now = self.options.now.unwrap_or_else(clock);
        let text = if let Some(codec) = &self.codec {
            let encoded = encode(codec, input, now);
            self.refused |= encoded.is_err();
            match encoded {
                Ok(cookie) if self.options.json => json::cookie(&cookie),
                Ok(cookie) => cookie,
                Err(error) if self.options.json => json::refusal(error),
                Err(error) => {
                    // Not among the cookies, which another program may read.
                    let message = format!("JSON object {} refused: {error}", self.count);
                    let _ = writeln!(io::stderr(), "{message}");
                    return Ok(());
                }
            }
        } else {
            self.decoded(input, now)
        };
        writeln!(anstream::stdout(), "{text}")
    }

    fn decoded(&mut self, input: &Input, now: Timestamp) -> String {
        let report = self.report(input, now);
        let session = accepted(&report);
        // Scripts only take sessions; people may look at other things that the site signed.
        self.refused |= if self.options.json {
            session.is_none()
        } else {
            !report.is_accepted()
        };
        let view = view::View {
            count: self.count,
            report: &report,
            now,
        };
        match session {
            Some(session) if self.options.json => json::session(&report, &session, now),
            None if self.options.json => json::refused(&report),
            _ => view.to_string(),
        }
    }

    fn report(&self, input: &Input, now: Timestamp) -> Report {
        let settings = Settings {
            keys: self.keys.as_ref(),
            salt: &self.options.salt,
            max_age: self.options.max_age.unwrap_or_default(),
            max_length: self.options.max_length,
            now,
            is_exact: self.options.exact,
        };
        let too_long = Error::TooLong {
            length: input.length,
            limit: self.options.max_length,
        };
        match str::from_utf8(&input.bytes) {
            _ if !input.is_whole() || input.length > LONGEST_PASTE => {
                Report::refused(input.length, too_long)
            }
            Ok(text) => inspect(text, &settings),
            Err(_) => {
                // It may still contain a cookie, whose own characters are ASCII.
                let found = inspect(&String::from_utf8_lossy(&input.bytes), &settings);
                if found.kind.is_some() && !self.options.exact {
                    return found;
                }
                // Only text can be signed.
                let error = if input.length > self.options.max_length {
                    too_long
                } else {
                    Error::BadSignature
                };
                Report {
                    problem: Some("It is not text in UTF-8.".into()),
                    ..Report::refused(input.length, error)
                }
            }
        }
    }
}

fn codec(options: &Options, secrets: &Secrets) -> Result<SessionCodec, String> {
    let compression = match options.compression.as_str() {
        "never" => Compression::Never,
        _ => Compression::Auto,
    };
    Ok(SessionCodec::new(secrets.ring(options.allow_weak_key)?)
        .with_salt(&options.salt)
        .with_max_age(options.max_age.unwrap_or_default())
        .with_compression(compression)
        .with_max_length(options.max_length))
}

fn encode(codec: &SessionCodec, input: &Input, now: Timestamp) -> Result<String, Error> {
    if !input.is_whole() {
        let limit = DEFAULT_MAX_JSON_LENGTH;
        return Err(Error::JsonTooLong { limit });
    }
    let text = str::from_utf8(&input.bytes).map_err(|error| Error::MalformedJson {
        offset: error.valid_up_to(),
    })?;
    codec.encode(&Session::from_json(text)?, now)
}

/// The session, if a key of the site signed it under the salt that was asked for, and it is valid now.
fn accepted(report: &Report) -> Option<Session> {
    let contents = report.contents.as_ref()?;
    let is_accepted = report.is_accepted() && contents.is_verified;
    Session::from_json(&contents.text)
        .ok()
        .filter(|_| is_accepted)
}

/// How the words of the view are set apart on a terminal.
pub(crate) const QUIET: Style = Style::new().dimmed();
