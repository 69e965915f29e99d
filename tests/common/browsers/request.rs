//! A request and its response.

use hardtack::Answer;

use super::engine::Headers;
use super::model::Status;
use super::session::Edit;
use super::{BROWSERS, STEP, World};

#[derive(Debug)]
pub struct Request {
    pub browser: usize,
    /// The values of the session's cookies, in their order.
    pub values: Vec<String>,
    /// Whether each is in a header of its own, as with HTTP/2.
    pub is_split: bool,
    pub edits: [Edit; 4],
    pub status: Status,
    /// Milliseconds until the answer.
    pub lag: i64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            browser: 0,
            values: Vec::new(),
            is_split: false,
            edits: [Edit::Read, Edit::Nothing, Edit::Nothing, Edit::Nothing],
            status: Status {
                code: 200,
                is_shared: false,
                sets_cookie: false,
            },
            lag: 0,
        }
    }
}

impl Request {
    pub fn new(bytes: [u8; STEP - 1], number: u64, world: &World) -> Self {
        let [browser, which, argument, first, second, value, status] = bytes;
        // Short handlers are as likely as long ones.
        let count = 1 + usize::from(browser / 64);
        let browser = usize::from(browser) % BROWSERS;
        let own = world.jars[browser].clone();
        let other = || match which / 8 % 4 {
            0 => world.jars[usize::from(argument) % BROWSERS].clone(),
            1 => world.old(argument).map(|it| it.value.clone()),
            _ => Some(world.forged(which / 32, argument, value)),
        };
        let values = match which % 8 {
            0..=4 => [own, None],
            5 => [other(), None],
            6 => [own, other()],
            _ => [other(), own],
        };
        let mut edits = [first >> 4, first & 15, second >> 4, second & 15];
        edits[count..].fill(0);
        let code = [200, 200, 200, 302, 401, 404, 500, 101][usize::from(status % 8)];
        Self {
            browser,
            values: values.into_iter().flatten().collect(),
            is_split: argument & 128 > 0,
            edits: edits.map(|edit| Edit::new(edit, value, number, world.now)),
            status: Status {
                code,
                is_shared: status >> 3 & 3 == 1,
                sets_cookie: status >> 4 & 3 == 1,
            },
            lag: [0, 0, 400, 4_000_000][usize::from(status >> 6)],
        }
    }

    pub fn cookies(&self) -> Vec<String> {
        let pairs = self.values.iter().map(|value| format!("sessionid={value}"));
        let pairs: Vec<String> = std::iter::once("theme=dark".into()).chain(pairs).collect();
        if self.is_split {
            pairs
        } else {
            vec![pairs.join("; ")]
        }
    }

    /// Returns the response's headers without the session's.
    pub fn headers(&self) -> Headers {
        let headers = [
            ("set-cookie", "theme=light", true),
            ("cache-control", "public", self.status.is_shared),
            (
                "set-cookie",
                "sessionid=own; Path=/",
                self.status.sets_cookie,
            ),
        ];
        let headers = headers.into_iter().filter(|(_, _, is_there)| *is_there);
        headers
            .map(|(name, value, _)| (name, value.into()))
            .collect()
    }
}

/// Adds an answer's headers to a response, as a framework's middleware does.
pub fn add(answer: &Answer, headers: &mut Headers) {
    for header in &answer.headers {
        if header.replaces {
            headers.retain(|(name, _)| *name != header.name);
        }
        headers.push((header.name, header.value.clone()));
    }
}
