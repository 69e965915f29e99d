//! Sessions that a handler changes key by key. A handler may let a client choose the keys and their number.

use std::hint::black_box;

use hardtack::Session;

use super::{Case, KB, Work};

/// Keys of an ordinary session.
const FEW: usize = 10;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "10,000 keys inserted one by one",
            size: 10_000,
            hostile: |keys| Box::new(move || drop(black_box(built(keys)))),
            ordinary: |keys| repeated(keys, || drop(black_box(built(FEW)))),
            ratio: 4.0,
            memory: 1536 * KB,
        },
        Case {
            name: "10,000 keys read one by one",
            size: 10_000,
            hostile: |keys| {
                let session = built(keys);
                Box::new(move || read_all(&session, keys))
            },
            ordinary: |keys| {
                let session = built(FEW);
                repeated(keys, move || read_all(&session, FEW))
            },
            ratio: 4.0,
            memory: KB,
        },
        Case {
            name: "10,000 keys removed one by one",
            size: 10_000,
            hostile: |keys| {
                let session = built(keys);
                Box::new(move || remove_all(session.clone(), keys))
            },
            ordinary: |keys| {
                let session = built(FEW);
                repeated(keys, move || remove_all(session.clone(), FEW))
            },
            ratio: 4.0,
            memory: 1536 * KB,
        },
        Case {
            name: "10,000 keys set again one by one",
            size: 10_000,
            hostile: |keys| {
                let session = built(keys);
                Box::new(move || set_all(session.clone(), keys))
            },
            ordinary: |keys| {
                let session = built(FEW);
                repeated(keys, move || set_all(session.clone(), FEW))
            },
            ratio: 4.0,
            memory: 1536 * KB,
        },
    ]
}

/// Repeats work on [`FEW`] keys, as often as gives this many in all.
fn repeated(keys: usize, work: impl Fn() + Send + 'static) -> Work {
    Box::new(move || (0..keys / FEW).for_each(|_| work()))
}

/// Returns a key, in an order that is not that of the alphabet.
fn name(at: usize) -> String {
    format!("key {}", at * 7919 % 100_003)
}

fn built(keys: usize) -> Session {
    let mut session = Session::new();
    for at in 0..keys {
        session.insert(&name(at), at).expect("a number");
    }
    session
}

fn read_all(session: &Session, keys: usize) {
    for at in 0..keys {
        assert_eq!(session.get(&name(at)), Ok(Some(at)));
    }
}

fn set_all(mut session: Session, keys: usize) {
    for at in 0..keys {
        session.insert(&name(at), at + 1).expect("a number");
    }
}

fn remove_all(mut session: Session, keys: usize) {
    for at in 0..keys {
        assert!(session.remove(&name(at)));
    }
    assert!(session.is_empty());
}
