//! The clock of all workers. libfaketime reads it from a file, so it can be moved while they run. It is frozen between the
//! moves, so the right answer to each request is known to the second.

use std::fs;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::Failure;

/// The library for programs with threads, from Debian's package libfaketime.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

pub struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    pub fn new(folder: &Path) -> Result<Self, Failure> {
        let triplets = fs::read_dir("/usr/lib")?.filter_map(Result::ok);
        let mut libraries = triplets.map(|triplet| triplet.path().join(LIBRARY));
        let library = libraries.find(|library| library.exists());
        Ok(Self {
            library: library.ok_or("there is no libfaketime (Debian's package libfaketime)")?,
            file: folder.join("clock"),
        })
    }

    /// Sets the clock to this Unix time, in seconds.
    pub fn set(&self, now: i64) -> Result<(), Failure> {
        let now = OffsetDateTime::from_unix_timestamp(now)?;
        let (date, (hour, minute, second)) = (now.date(), now.to_hms());
        // Renamed, so that no worker reads half of it.
        let new = self.file.with_extension("new");
        let month = u8::from(date.month());
        fs::write(
            &new,
            format!(
                "{:04}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}\n",
                date.year(),
                date.day()
            ),
        )?;
        Ok(fs::rename(new, &self.file)?)
    }

    /// Returns the environment variables that make a program read this clock. Its timers go on as usual.
    pub fn variables(&self) -> [(&'static str, &Path); 5] {
        [
            ("LD_PRELOAD", &self.library),
            ("FAKETIME_TIMESTAMP_FILE", &self.file),
            ("FAKETIME_NO_CACHE", Path::new("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", Path::new("1")),
            ("TZ", Path::new("UTC")),
        ]
    }
}
