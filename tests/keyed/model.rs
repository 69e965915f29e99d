//! Compares random requests from two browsers, some of them at the same time, with a model: the content of each
//! session, and that an ended session does not come back.

use std::collections::{BTreeMap, BTreeSet};

use hardtack::{Error, KeyMiddleware, Loaded, Session};
use proptest::prelude::*;

use super::common::NOW;
use super::request::{Request, key, set_cookie};
use super::store::{Record, Store};

#[derive(Clone, Copy, Debug)]
enum Handler {
    Read,
    Insert(u8),
    Clear,
    ClearAndInsert(u8),
    Flush,
    FlushAndInsert(u8),
    Cycle,
    Assign(u8),
}

impl Handler {
    fn run(self, loaded: &mut Loaded) {
        let insert = |session: &mut Session, n| session.insert("n", n).expect("JSON");
        let session = &mut loaded.session;
        match self {
            Self::Read => _ = session.get::<u8>("n"),
            Self::Insert(n) => insert(session, n),
            Self::Clear => session.clear(),
            Self::ClearAndInsert(n) => {
                session.clear();
                insert(session, n);
            }
            Self::Flush => session.flush(),
            Self::FlushAndInsert(n) => {
                session.flush();
                insert(session, n);
            }
            Self::Cycle => session.cycle(),
            Self::Assign(n) => {
                *session = Session::new();
                insert(session, n);
            }
        }
    }

    /// Returns the session's content afterwards, from its content before.
    fn value(self, before: Option<u8>) -> Option<u8> {
        match self {
            Self::Read | Self::Cycle => before,
            Self::Clear | Self::Flush => None,
            Self::Insert(n)
            | Self::ClearAndInsert(n)
            | Self::FlushAndInsert(n)
            | Self::Assign(n) => Some(n),
        }
    }

    fn changes(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// Returns whether the session afterwards has another key and nothing of the session before.
    fn starts_again(self) -> bool {
        matches!(self, Self::FlushAndInsert(_) | Self::Assign(_))
    }
}

fn handlers() -> impl Strategy<Value = Handler> {
    prop_oneof![
        Just(Handler::Read),
        any::<u8>().prop_map(Handler::Insert),
        Just(Handler::Clear),
        any::<u8>().prop_map(Handler::ClearAndInsert),
        Just(Handler::Flush),
        any::<u8>().prop_map(Handler::FlushAndInsert),
        Just(Handler::Cycle),
        any::<u8>().prop_map(Handler::Assign),
    ]
}

/// A request from one browser, and one that the other browser sends meanwhile. They may have the same cookie.
type Pair = (Handler, Option<Handler>, bool, u16);

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let statuses = prop_oneof![4 => Just(200), 1 => Just(404), 1 => Just(500)];
    let pair = (
        handlers(),
        proptest::option::of(handlers()),
        any::<bool>(),
        statuses,
    );
    proptest::collection::vec(pair, 1..20)
}

struct World {
    store: Store,
    sessions: KeyMiddleware,
    /// The keys that the browsers have.
    cookies: [String; 2],
    /// The model's content of each key's session.
    model: BTreeMap<String, u8>,
    ended: BTreeSet<String>,
    next_key: u8,
}

impl World {
    fn load(&self, cookie: &str) -> Loaded {
        let request = Request::new(&self.sessions, &self.store, NOW);
        request
            .load(&format!("sessionid={cookie}"))
            .expect("the store works")
    }

    /// Ends a browser's request that had this cookie, and compares the result with the model.
    fn finish(
        &mut self,
        browser: usize,
        cookie: &str,
        loaded: &Loaded,
        handler: Handler,
        before: Option<u8>,
        status: u16,
    ) {
        let mut request = Request::new(&self.sessions, &self.store, NOW);
        (request.status, request.next_key) = (status, self.next_key);
        let response = request.finish(loaded).expect("the store works");
        self.next_key = request.next_key;

        let after = handler.value(before);
        let is_there = self.model.contains_key(cookie);
        let is_saved = handler.changes() && after.is_some() && status < 500;
        let is_lost = is_saved && before.is_some() && !is_there && !handler.starts_again();
        if is_lost {
            assert_eq!(response.answer, Err(Error::SessionGone), "{handler:?}");
            return;
        }
        let answer = response.answer.expect("an answer");
        let set = set_cookie(&answer).map(|header| {
            let (pair, _) = header.split_once(';').expect("attributes");
            pair.replace("sessionid=", "")
        });
        if is_saved {
            let new = set.clone().expect("a cookie");
            let keeps = matches!(handler, Handler::Insert(_) | Handler::ClearAndInsert(_));
            assert_eq!(new == cookie, keeps && before.is_some(), "{handler:?}");
            if new != cookie {
                assert!(!self.model.contains_key(&new) && !self.ended.contains(&new));
                if before.is_some() {
                    self.end(cookie);
                }
            }
            self.model.extend(after.map(|n| (new, n)));
        } else if handler.changes()
            && before.is_some()
            && (after.is_none() || handler.starts_again())
        {
            self.end(cookie);
            assert_eq!(set.as_deref(), Some(""));
        }
        if let Some(set) = set {
            self.cookies[browser] = set;
        }
    }

    fn end(&mut self, cookie: &str) {
        self.model.remove(cookie);
        self.ended.insert(cookie.into());
    }

    fn check(&self) {
        let records = &self.store.state().records;
        let held = records.iter().map(|(key, record)| {
            let Record::Session(json, _) = record else {
                unreachable!()
            };
            let session = Session::from_json(json).expect("JSON");
            (
                key.clone(),
                session.get("n").expect("a number").expect("it is there"),
            )
        });
        assert_eq!(held.collect::<BTreeMap<_, u8>>(), self.model);
        assert!(self.ended.iter().all(|key| !records.contains_key(key)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_session_that_was_ended_never_comes_back(pairs in pairs()) {
        let store = Store::default();
        store.set(&key(1), Some(Record::Session(r#"{"n":0}"#.into(), (NOW + 1000).into())));
        let cookie = key(1).as_str().to_owned();
        let mut world = World {
            store,
            sessions: KeyMiddleware::default(),
            cookies: [cookie.clone(), cookie.clone()],
            model: BTreeMap::from([(cookie, 0)]),
            ended: BTreeSet::new(),
            next_key: 1,
        };
        for (slow, meanwhile, first, status) in pairs {
            let browser = usize::from(first);
            let cookie = world.cookies[browser].clone();
            let before = world.model.get(&cookie).copied();
            let mut loaded = world.load(&cookie);
            prop_assert_eq!(loaded.session.get("n"), Ok(before));
            slow.run(&mut loaded);
            if let Some(handler) = meanwhile {
                let other = world.cookies[1 - browser].clone();
                let before = world.model.get(&other).copied();
                let mut loaded = world.load(&other);
                handler.run(&mut loaded);
                world.finish(1 - browser, &other, &loaded, handler, before, 200);
                world.check();
            }
            world.finish(browser, &cookie, &loaded, slow, before, status);
            world.check();
        }
    }
}
