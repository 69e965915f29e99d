//! The usual operations of a codec, one at a time, for counting allocations and instructions.

use hardtack::SessionCodec;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::data::{self, CLASSES, Class, LATER, NOW, TOO_LATE};
use crate::typed::{Login, Shop};

/// An operation on the payload with a given number.
pub struct Operation {
    /// The class and the operation.
    pub name: String,
    work: Box<dyn FnMut(usize)>,
}

impl Operation {
    fn new<R>(class: Class, name: &str, mut work: impl FnMut(usize) -> R + 'static) -> Self {
        Self {
            name: format!("{} {name}", class.name),
            work: Box::new(move |payload| drop(std::hint::black_box(work(payload)))),
        }
    }

    /// Runs it once and drops the result.
    pub fn run(&mut self, payload: usize) {
        (self.work)(payload);
    }
}

/// Returns every operation on every class.
pub fn operations() -> Vec<Operation> {
    CLASSES.into_iter().flat_map(of_class).collect()
}

fn of_class(class: Class) -> Vec<Operation> {
    let mut all = whole(class);
    all.extend(match class.name {
        "S" => typed::<Login<String>>(class),
        _ => typed::<Shop<String>>(class),
    });
    all.extend(parts(class));
    all
}

fn codec() -> SessionCodec {
    data::codec(1)
}

fn whole(class: Class) -> Vec<Operation> {
    let (first, second) = (codec(), codec());
    let (cookies, sessions) = (class.cookies(), class.sessions());
    vec![
        Operation::new(class, "encode", move |i| {
            first.encode(&sessions[i], NOW).expect("encodes")
        }),
        Operation::new(class, "decode", move |i| {
            second.decode(cookies[i], LATER).expect("decodes")
        }),
    ]
}

fn typed<T: Serialize + DeserializeOwned + 'static>(class: Class) -> Vec<Operation> {
    let read = |text| serde_json::from_str(text).expect("it has the session's shape");
    let values: Vec<T> = class.texts().into_iter().map(read).collect();
    let (first, second) = (codec(), codec());
    let cookies = class.cookies();
    vec![
        Operation::new(class, "encode a struct", move |i| {
            first.encode_as(&values[i], NOW).expect("encodes")
        }),
        Operation::new(class, "decode to a struct", move |i| {
            second.decode_as::<T>(cookies[i], LATER).expect("decodes")
        }),
    ]
}

fn parts(class: Class) -> Vec<Operation> {
    let refuse = |name: &str, cookies: Vec<String>, now: i64| {
        let codec = codec();
        Operation::new(class, name, move |i| {
            assert!(codec.verify(&cookies[i], now).is_err());
        })
    };
    let owned = || {
        class
            .cookies()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let (first, second, third) = (codec(), codec(), codec());
    let (good, tree, key) = (class.cookies(), class.cookies(), class.cookies());
    vec![
        Operation::new(class, "verify", move |i| {
            assert!(first.verify(good[i], LATER).is_ok());
        }),
        refuse("verify, forged", class.forged(), LATER),
        refuse("verify, expired", owned(), TOO_LATE),
        Operation::new(class, "decode to a tree", move |i| {
            second.decode_as::<Value>(tree[i], LATER).expect("decodes")
        }),
        Operation::new(class, "decode and one key", move |i| {
            let session = third.decode(key[i], LATER).expect("decodes");
            session
                .get::<String>("_auth_user_id")
                .expect("it is a text")
        }),
    ]
}
