//! Three browsers send requests to a site whose keys, clock and settings change. Each answer is compared with a model: a
//! browser with a good cookie has its session, with everything that was written, and no other browser has one.
//!
//! A run is made of bytes: one for the site, then [`STEP`] for each step. Any bytes are a run, so a fuzzer can insert, drop
//! and swap steps.

mod engine;
mod forged;
mod model;
mod request;
mod session;

use hardtack::Timestamp;

use engine::{Engine, KEYS};
use model::{Cookie, Effect, Had, Issued, Sends, Site};
use request::{Request, add};
use session::{Content, Draft};

/// Bytes of a step.
pub const STEP: usize = 8;
/// Steps of a run. Any more are ignored.
pub const MAX_STEPS: usize = 24;
/// Unix milliseconds at the start of a run.
const START: i64 = 1_700_000_000_000;
const BROWSERS: usize = 3;
const DELETION: &str =
    "sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_unix_nanos(1_000_000 * i128::from(milliseconds))
}

/// Where the sessions are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Cookie,
    Keyed,
}

/// Runs the steps, and panics if the site and the model differ.
pub fn run(kind: Kind, settings: u8, steps: &[u8]) {
    let mut world = World::new(kind, settings);
    let (steps, _) = steps.as_chunks::<STEP>();
    for (at, &[kind, bytes @ ..]) in steps.iter().take(MAX_STEPS).enumerate() {
        match kind % 16 {
            0 => world.move_clock(bytes),
            1 => world.change_keys(bytes),
            2 => world.move_cutoff(bytes),
            _ => world.request(&Request::new(bytes, at as u64, &world)),
        }
    }
    // In the end, each browser reads what it has.
    for browser in 0..BROWSERS {
        let request = Request {
            browser,
            values: world.jars[browser].iter().cloned().collect(),
            ..Request::default()
        };
        world.request(&request);
    }
}

struct World {
    site: Site,
    engine: Engine,
    /// Unix milliseconds.
    now: i64,
    /// Every cookie that the site has issued. In a store, those whose session has not been ended.
    issued: Vec<Issued>,
    /// The session's cookie of each browser. It is sent even after its `Max-Age`.
    jars: [Option<String>; BROWSERS],
}

impl World {
    fn new(kind: Kind, settings: u8) -> Self {
        let site = Site {
            is_keyed: matches!(kind, Kind::Keyed),
            sends: [Sends::Changed, Sends::Renewed, Sends::Every][usize::from(settings % 3)],
            is_expiry_enforced: settings < 64,
            signing_key: 0,
            fallback: None,
            cutoff: None,
        };
        Self {
            site,
            engine: Engine::new(&site),
            now: START,
            issued: Vec::new(),
            jars: [const { None }; BROWSERS],
        }
    }

    fn move_clock(&mut self, [how, low, high, ..]: [u8; STEP - 1]) {
        let seconds = i64::from(i16::from_le_bytes([low, high]));
        let instants = [
            0,
            -1_500,
            i64::from(i32::MAX),
            i64::from(u32::MAX),
            hardtack::limits::MAX_UNIX_SECONDS,
        ];
        self.now = match how % 4 {
            0 => self.now + 10 * seconds,
            1 | 2 => self.now + 1_000 * seconds,
            _ => 1_000 * instants[usize::from(low) % 5] + 500 * i64::from(high),
        };
    }

    fn change_keys(&mut self, [signing, fallback, ..]: [u8; STEP - 1]) {
        let old = self.site.signing_key;
        self.site.signing_key = usize::from(signing) % KEYS;
        // Either the new key takes the old one's place, or any two keys do.
        self.site.fallback = match usize::from(fallback) % (2 * KEYS) {
            key if key < KEYS => Some(key),
            KEYS => None,
            _ => Some(old),
        };
        self.engine.configure(&self.site);
    }

    fn move_cutoff(&mut self, [is_set, offset, ..]: [u8; STEP - 1]) {
        let offset = i64::from(offset.cast_signed());
        self.site.cutoff =
            (is_set % 4 > 0 && !self.site.is_keyed).then_some(self.now / 1000 + offset);
        self.engine.configure(&self.site);
    }

    fn old(&self, at: u8) -> Option<&Issued> {
        self.issued
            .get(usize::from(at).checked_rem(self.issued.len())?)
    }

    /// Sends a request, and compares its session and its response with the model.
    fn request(&mut self, request: &Request) {
        let loaded_at = self.now;
        let had = self.site.find(&self.issued, &request.values, self.now);
        let mut draft = Draft::new(match had {
            Had::Good(it) => it.content.clone(),
            Had::Nothing | Had::Refused { .. } => Content::default(),
        });
        let mut loaded = self.engine.load(&request.cookies(), instant(self.now));
        for edit in request.edits {
            edit.run(&self.site, &mut loaded, &mut draft);
        }
        self.now += request.lag;
        let mut headers = request.headers();
        let answer = self
            .engine
            .answer(&loaded, request.status.code, &headers, instant(self.now));
        let effect = Effect::new(&self.site, had, &draft, request.status, loaded_at, self.now);
        let old = match had {
            Had::Good(it) => Some(it.value.clone()),
            Had::Nothing | Had::Refused { .. } => None,
        };

        let (told, error) = match answer {
            Ok(answer) => {
                add(&answer, &mut headers);
                ((answer.unsaved, answer.unsent), None)
            }
            Err(error) => ((false, None), Some(error)),
        };
        assert_eq!(
            (told, error),
            ((effect.is_unsaved, effect.unsent), effect.error),
            "{request:?}"
        );
        let depends = draft.is_read() || effect.cookie != Cookie::Kept;
        let varies = depends && request.status.code != 101 && effect.error.is_none();
        assert_eq!(
            headers.contains(&("vary", b"Cookie".into())),
            varies,
            "{request:?}"
        );

        let cookies = headers.iter().filter(|(name, _)| *name == "set-cookie");
        let cookies = cookies.map(|(_, value)| std::str::from_utf8(value).expect("ASCII"));
        let cookies: Vec<&str> = cookies.collect();
        let (cookie, jar) = match cookies[..] {
            ["theme=light"] => (Cookie::Kept, None),
            ["theme=light", "sessionid=own; Path=/"] => (Cookie::Kept, Some(Some("own".into()))),
            ["theme=light", DELETION] => (Cookie::Deleted, Some(None)),
            ["theme=light", header] => (
                Cookie::Set,
                Some(Some(self.issue(header, draft, old.as_deref()))),
            ),
            _ => unreachable!("{cookies:?}"),
        };
        assert_eq!(cookie, effect.cookie, "{request:?}");
        if let Some(jar) = jar {
            self.jars[request.browser] = jar;
        }
        if self.site.is_keyed && effect.ends_key {
            self.issued.retain(|it| Some(&it.value) != old.as_ref());
        }
        self.compare_store();
    }

    /// Adds the cookie of a `Set-Cookie` header to the model, and returns its value.
    fn issue(&mut self, header: &str, draft: Draft, old: Option<&str>) -> String {
        let content = draft.content;
        let (value, attributes) = header
            .strip_prefix("sessionid=")
            .and_then(|rest| rest.split_once("; "))
            .expect("attributes");
        let mut attributes = attributes.split("; ");
        let age = attributes.find_map(|attribute| attribute.strip_prefix("Max-Age="));
        let age = age.map(|age| age.parse().expect("a number"));
        assert_eq!(age, model::max_age(&content, self.now), "{header}");
        let keeps_key = self.site.is_keyed && old.is_some() && !draft.renews_key;
        assert!(!self.site.is_keyed || keeps_key == (old == Some(value)));
        if self.site.is_keyed {
            self.issued.retain(|it| it.value != value);
        }
        self.issued.push(Issued {
            value: value.into(),
            content,
            saved_at: self.now,
            key: self.site.signing_key,
        });
        value.into()
    }

    /// The store has the sessions of the model, and no others.
    fn compare_store(&self) {
        let Engine::Keyed { store, .. } = &self.engine else {
            return;
        };
        let mut known: Vec<_> = self
            .issued
            .iter()
            .map(|it| (it.value.clone(), it.content.json()))
            .collect();
        known.sort();
        let sessions = store
            .sessions()
            .map(|(key, json)| (key.to_owned(), json.to_owned()));
        assert!(known.into_iter().eq(sessions));
    }
}
