//! A session behaves like a list of keys and texts, and is unchanged after a round trip through a cookie.

#![no_main]

use arbitrary::Arbitrary;
use hardtack::{Compression, Error, Session};
use hardtack_fuzz::{NOW, Tree, assert_canonical, boundless};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Step {
    Insert(Key, Tree),
    /// Copies the value of an existing key, as text, to another key.
    Copy(Key, u8),
    Remove(Key),
    Clear,
    /// Writes the session and reads it again, which gives it a new table.
    Reread,
}

#[derive(Arbitrary, Debug)]
enum Key {
    Any(String),
    Known(u8),
}

/// A key, its value, and the text of both.
#[derive(Clone)]
struct Member {
    key: String,
    value: Tree,
    text: String,
}

impl Member {
    /// Spells the value in a separate session, so that nothing else can affect it.
    fn new(key: String, value: Tree) -> Self {
        let mut alone = Session::new();
        alone.insert(&key, &value).expect("it fits");
        let text = alone.to_json();
        assert_canonical(&text);
        let text = text[1..text.len() - 1].into();
        Self { key, value, text }
    }
}

/// The model: what a session should be.
#[derive(Default)]
struct Members(Vec<Member>);

impl Members {
    fn key(&self, key: Key) -> String {
        match key {
            Key::Known(at) if !self.0.is_empty() => self.known(at).key.clone(),
            Key::Known(_) => String::new(),
            Key::Any(key) => key,
        }
    }

    fn known(&self, at: u8) -> &Member {
        &self.0[usize::from(at) % self.0.len()]
    }

    fn set(&mut self, member: Member) {
        match self.0.iter_mut().find(|known| known.key == member.key) {
            Some(known) => *known = member,
            None => self.0.push(member),
        }
    }

    fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|member| member.key != key);
        self.0.len() < before
    }

    fn json(&self) -> String {
        let texts: Vec<&str> = self.0.iter().map(|member| &*member.text).collect();
        format!("{{{}}}", texts.join(","))
    }
}

/// Runs a step on both. If the session refuses a step, it is unchanged.
fn step(step: Step, session: &mut Session, members: &mut Members) {
    match step {
        Step::Insert(key, value) => {
            let key = members.key(key);
            let fits = value.fits();
            assert_eq!(session.insert(&key, &value).is_ok(), fits);
            if fits {
                members.set(Member::new(key, value));
            }
        }
        Step::Copy(key, from) if !members.0.is_empty() => {
            let Member {
                key: from, value, ..
            } = members.known(from).clone();
            let key = members.key(key);
            let lender = session.clone();
            let text = lender.get_json(&from).expect("a known key");
            session.insert(&key, text).expect("it fitted before");
            members.set(Member::new(key, value));
        }
        Step::Copy(..) => {}
        Step::Remove(key) => {
            let key = members.key(key);
            assert_eq!(session.remove(&key), members.remove(&key));
            assert!(!session.contains_key(&key));
        }
        Step::Clear => {
            session.clear();
            members.0.clear();
        }
        Step::Reread => {
            let json = session.to_json();
            let reread = Session::from_json(&json).expect("our own text");
            assert_eq!(reread, *session);
            *session = reread;
        }
    }
}

fn agree(session: &Session, members: &Members) {
    assert_eq!(session.iter().len(), members.0.len());
    assert_eq!(session.is_empty(), members.0.is_empty());
    assert!(
        session
            .iter()
            .map(|(key, _)| key)
            .eq(members.0.iter().map(|member| &*member.key))
    );
    for ((_, value), member) in session.iter().zip(&members.0) {
        assert!(member.text.ends_with(value.as_str()));
        assert_eq!(session.get_json(&member.key), Some(value));
    }
    assert_eq!(session.to_json(), members.json());
}

fn cookies_bring_it_back(session: &Session) {
    if boundless().encode(session, NOW) == Err(Error::MalformedExpiry) {
        // A key that was inserted like any other may be the key of the session's own expiry.
        assert!(session.ends_with_browser(false).is_err());
        return;
    }
    let forms = [Compression::Auto, Compression::Never];
    let [auto, plain] = forms.map(|compression| {
        let codec = boundless().with_compression(compression);
        let value = codec.encode(session, NOW).expect("no limit");
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        assert!(value.bytes().all(legal), "{value}");
        assert_eq!(codec.decode(&value, NOW).as_ref(), Ok(session));
        value
    });
    if auto.starts_with('.') {
        assert!(auto.len() < plain.len(), "compressed, and no shorter");
    } else {
        assert_eq!(auto, plain);
    }
}

/// Asserts that the text is unchanged after a round trip through `serde_json`, and that a tree of the same values
/// becomes the same session.
fn serde_json_brings_it_back(session: &Session, members: Members) {
    let text = serde_json::to_string(session).expect("all of it is finite");
    assert_eq!(text, session.to_json());
    assert_eq!(
        &serde_json::from_str::<Session>(&text).expect("an object"),
        session
    );

    let pairs = members
        .0
        .into_iter()
        .map(|member| (member.key, member.value));
    let tree = Tree::Map(pairs.collect());
    // Floats keep their spelling, and serde_json's is not Python's.
    if !tree.has_float() {
        let foreign = serde_json::to_string(&tree).expect("JSON has all of it");
        assert_eq!(Session::from_json(&foreign).as_ref(), Ok(session));
    }
}

fuzz_target!(|steps: Vec<Step>| {
    let (mut session, mut members) = (Session::new(), Members::default());
    for each in steps {
        step(each, &mut session, &mut members);
        agree(&session, &members);
    }
    for member in &members.0 {
        member.value.assert_read_back(&session, &member.key);
    }
    cookies_bring_it_back(&session);
    serde_json_brings_it_back(&session, members);
});
