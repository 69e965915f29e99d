//! A Django site with `USE_TZ = False` in Berlin, and a codec with that time zone, around both clock changes.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use hardtack::{Error, Expiry, Session, SessionCodec, SessionMiddleware, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::common::{KEY, codec};
use crate::python::environment;
use crate::zone::berlin;

/// 2024-03-31, 02:00 becomes 03:00; 2024-10-27, 03:00 becomes 02:00.
const CHANGES: [i64; 2] = [1_711_846_800, 1_729_990_800];
const HOUR: i64 = 3600;
const DEFAULT_AGE: Duration = Duration::from_secs(1_209_600);

/// The script `zones.py`, which answers each question at once.
struct Site {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Site {
    fn start() -> Self {
        let mut child = environment()
            .python("zones.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self {
            child,
            questions,
            answers,
        }
    }

    fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> T {
        writeln!(self.questions, "{question}").expect("Django listens");
        let answer = self.answers.next().expect("an answer").expect("UTF-8");
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{question}: {answer}: {error}"))
    }

    /// Returns the instant of a local time.
    fn instant(&mut self, local: &str) -> Timestamp {
        let micros: i64 = self.ask(&json!(local));
        Timestamp::from_unix_nanos(i128::from(micros) * 1000)
    }

    /// Sends a request with this cookie. The view changes the session, so that Django saves it.
    fn visit<T: DeserializeOwned>(&mut self, now: i64, cookie: &str, minutes: Option<i64>) -> T {
        let cookie = Some(cookie).filter(|cookie| !cookie.is_empty());
        self.ask(&json!({"key": KEY, "now": now, "cookie": cookie, "minutes": minutes}))
    }

    fn stop(mut self) {
        drop(self.questions);
        assert!(self.child.wait().expect("it ends").success());
    }
}

/// Django's result for a request.
#[derive(Debug, Deserialize)]
struct Visit {
    cookie: String,
    visits: i64,
    expiry: String,
    age: i64,
    date: String,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
}

fn site_codec() -> SessionCodec {
    codec().with_site_time_zone(berlin())
}

/// Returns the instant whose time in UTC is this local time.
fn as_if_utc(local: &str) -> Timestamp {
    let mut session = Session::new();
    session
        .insert("_session_expiry", format!("{local}Z"))
        .expect("JSON");
    session.expiry_date(0, DEFAULT_AGE).expect("an instant")
}

/// Returns local times of both days around the changes, and others from all years.
fn local_times() -> Vec<String> {
    let days = [
        "2024-03-30",
        "2024-03-31",
        "2024-10-26",
        "2024-10-27",
        "2024-10-28",
    ];
    let minutes = days.into_iter().flat_map(|day| {
        (0..24 * 60 / 5).map(move |step| format!("{day}T{:02}:{:02}:00", step / 12, step % 12 * 5))
    });
    let borders = ["2024-03-31", "2024-10-27"].into_iter().flat_map(|day| {
        [
            "01:59:59.999999",
            "02:00:00.000001",
            "02:59:59.999999",
            "03:00:00.000001",
        ]
        .map(|time| format!("{day}T{time}"))
    });
    let years = (2..9_999).step_by(7).flat_map(|year| {
        [
            "01-01T00:00:00",
            "04-01T12:30:00",
            "10-31T02:30:00",
            "12-31T23:59:59",
        ]
        .map(|date| format!("{year:04}-{date}"))
    });
    minutes.chain(borders).chain(years).collect()
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn local_times_are_read_as_zoneinfo_reads_them() {
    let mut site = Site::start();
    let empty = SessionMiddleware::new(site_codec()).load([""], 0).session;
    let times = local_times();
    for local in &times {
        let mut session = empty.clone();
        session.insert("_session_expiry", local).expect("JSON");
        let ours = session.expiry_date(0, DEFAULT_AGE);
        assert_eq!(ours, Ok(site.instant(local)), "{local}");
    }
    site.stop();
    println!("zones: {} local times compared with zoneinfo", times.len());
}

/// A session that both sides change in turns.
struct Dialogue<'a> {
    site: &'a mut Site,
    codec: SessionCodec,
    now: i64,
}

impl Dialogue<'_> {
    /// Django changes the session of our cookie, and computes the same end.
    fn django(&mut self, cookie: &str, minutes: Option<i64>) -> Visit {
        self.now += 1;
        let visit: Visit = self.site.visit(self.now, cookie, minutes);
        assert!(
            !visit.expiry.contains('+') && visit.date == visit.expiry,
            "{visit:?}"
        );
        // Django subtracts local times.
        let local_now = self.now + i64::from(berlin()(self.now.into()).whole_seconds());
        let local_end = as_if_utc(&visit.expiry);
        assert_eq!(
            visit.age,
            local_end.as_unix_seconds() - local_now,
            "{visit:?}"
        );
        visit
    }

    /// We read its cookie, and find the end that `zoneinfo` finds.
    fn read(&mut self, visit: &Visit) -> Session {
        self.now += 1;
        let end = self.site.instant(&visit.expiry);
        let read = self.codec.decode(&visit.cookie, self.now);
        // In the hour that occurs twice, half an hour from now may already be over: Django wrote the earlier time.
        let has_ended = Timestamp::from(self.now) > end;
        assert_eq!(read == Err(Error::SessionExpired), has_ended, "{visit:?}");
        let codec = self.codec.clone().ignore_session_expiry();
        let session = codec.decode(&visit.cookie, self.now).expect("decodes");
        assert_eq!(session.get("visits"), Ok(Some(visit.visits)));
        assert_eq!(session.expiry_date(self.now, DEFAULT_AGE), Ok(end));
        session
    }

    /// Returns our cookie of a session that we have changed.
    fn ours(&mut self, mut session: Session) -> String {
        self.now += 1;
        session.insert("ours", self.now).expect("JSON");
        let codec = self.codec.clone().ignore_session_expiry();
        codec.encode(&session, self.now).expect("encodes")
    }
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn a_session_keeps_its_end_between_django_and_us() {
    let mut site = Site::start();
    let mut sessions = 0;
    let nows = CHANGES.into_iter().flat_map(|change| {
        [
            -25 * HOUR,
            -2 * HOUR,
            -HOUR,
            -1800,
            -61,
            -1,
            0,
            61,
            1800,
            HOUR - 1,
            HOUR,
            2 * HOUR,
            25 * HOUR,
        ]
        .map(|seconds| change + seconds)
    });
    for (now, minutes) in nows.flat_map(|now| [10, 45, 90, 24 * 60].map(|minutes| (now, minutes))) {
        let mut talk = Dialogue {
            site: &mut site,
            codec: site_codec(),
            now,
        };
        // Django sets the expiry, we change the session, then Django changes it.
        let first = talk.django("", Some(minutes));
        let session = talk.read(&first);
        let cookie = talk.ours(session);
        let second = talk.django(&cookie, None);
        assert_eq!((second.visits, &second.expiry), (2, &first.expiry));
        let mut session = talk.read(&second);

        // We set it, Django changes the session, and we read it.
        let end = talk.now + minutes * 60;
        session
            .set_expiry(Expiry::At(end.into()))
            .expect("an expiry");
        let cookie = talk.ours(session);
        let third = talk.django(&cookie, None);
        talk.read(&third);
        // The second of the two equal hours is read as the first.
        let is_second = (CHANGES[1]..CHANGES[1] + HOUR).contains(&end);
        let written = if is_second { end - HOUR } else { end };
        assert_eq!(talk.site.instant(&third.expiry), written.into());

        // The same for a session that was created without the codec.
        let mut session = Session::new();
        session
            .set_expiry(Expiry::At(end.into()))
            .expect("an expiry");
        let cookie = talk.ours(session);
        let fourth = talk.django(&cookie, None);
        assert_eq!(fourth.expiry, third.expiry);
        // Django sets it again.
        talk.django(&fourth.cookie, Some(minutes));
        sessions += 2;
    }

    // The reason for all this: Django cannot save a session whose expiry has an offset.
    let mut session = Session::new();
    let now = CHANGES[0];
    session
        .set_expiry(Expiry::At((now + HOUR).into()))
        .expect("an expiry");
    let cookie = codec().encode(&session, now).expect("encodes");
    let failure: Failure = site.visit(now, &cookie, None);
    assert_eq!(failure.error, "TypeError");
    site.stop();
    println!("zones: {sessions} sessions around both changes of the clocks, each changed by turns");
}
