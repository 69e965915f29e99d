//! The layer with sessions in a store: which calls it makes, and which headers the response gets.

#![cfg(feature = "tower")]

mod common;
#[path = "common/log.rs"]
mod log;
#[path = "common/store.rs"]
mod store;

use std::convert::Infallible;
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use hardtack::auth::AuthHasher;
use hardtack::limits::DEFAULT_MAX_AGE;
use hardtack::tower::{PendingSession, SessionLayer, Unsent};
use hardtack::{
    Error, Expiry, Load, Session, SessionHandle, SessionKey, SessionMiddleware, SessionSettings,
    SessionStore, SetCookie, StoreError,
};
use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{Request, Response, StatusCode};
use time::UtcOffset;
use tower::{ServiceBuilder, ServiceExt, service_fn};

use common::{NOW, codec, ring};
use log::Log;
use store::{Record, Store};

/// The key of the record with which most tests start.
const KEY: &str = "abcdefghijklmnopqrstuvwxyz012345";

fn settings() -> SessionSettings {
    SessionSettings::default()
}

fn layer(store: &Store, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(store.clone(), settings).with_clock(|| NOW)
}

fn put(store: &Store, record: Record) {
    store.state().records.insert(KEY.into(), record);
}

fn store_with(json: &str) -> Store {
    let store = Store::default();
    put(&store, Record::Session(json.into(), (NOW + 600).into()));
    store
}

fn cookie(value: &str) -> String {
    format!("sessionid={value}")
}

/// The work of a handler with its session.
type Work = fn(&SessionHandle) -> Result<(), Error>;

type Handled<'a> = Pin<Box<dyn Future<Output = Response<String>> + 'a>>;

/// Sends a request whose cookie has this value through the layer, to a handler that receives the pending session.
async fn send<'a>(
    layer: SessionLayer,
    value: &str,
    handler: impl Fn(PendingSession) -> Handled<'a>,
) -> Response<String> {
    let handler = &handler;
    let service =
        ServiceBuilder::new()
            .layer(layer)
            .service(service_fn(|request: Request<()>| async move {
                let pending = request.extensions().get::<PendingSession>().cloned();
                Ok::<_, Infallible>(handler(pending.expect("a layer")).await)
            }));
    let request = Request::builder().header(COOKIE, cookie(value));
    let request = request.body(()).expect("a request");
    service.oneshot(request).await.expect("infallible")
}

/// The same as [`send`], to a handler that works with the loaded session and answers with 200, or with the status of
/// its error.
async fn visit(
    layer: SessionLayer,
    value: &str,
    work: impl Fn(&SessionHandle) -> Result<(), Error>,
) -> Response<String> {
    let work = &work;
    send(layer, value, move |pending| {
        Box::pin(async move {
            let result = match pending.load().await {
                Ok(session) => work(&session),
                Err(error) => Err(error),
            };
            let mut response = Response::new(String::from("the handler's page"));
            if let Err(error) = result {
                *response.status_mut() = StatusCode::from_u16(error.status()).expect("a status");
            }
            response
        })
    })
    .await
}

fn set_cookies(response: &Response<String>) -> Vec<&str> {
    let headers = response.headers().get_all(SET_COOKIE).iter();
    headers.map(|value| value.to_str().expect("text")).collect()
}

/// Returns the value of the session cookie that a response sets.
fn new_value(response: &Response<String>) -> Option<String> {
    let [set_cookie] = set_cookies(response)[..] else {
        return None;
    };
    let pair = set_cookie.split(';').next()?;
    pair.strip_prefix("sessionid=").map(String::from)
}

fn deletes(response: &Response<String>) -> bool {
    let set_cookies = set_cookies(response);
    set_cookies.len() == 1 && set_cookies[0].contains("Max-Age=0")
}

fn varies(response: &Response<String>) -> bool {
    response
        .headers()
        .get(VARY)
        .is_some_and(|vary| vary == "Cookie")
}

fn says_nothing(response: &Response<String>) -> bool {
    set_cookies(response).is_empty() && !response.headers().contains_key(VARY)
}

#[tokio::test]
async fn a_page_that_uses_no_session_does_not_call_the_store() {
    let store = store_with(r#"{"user":"alice"}"#);
    let page = |_| -> Handled<'_> { Box::pin(async { Response::new("static".into()) }) };
    let response = send(layer(&store, settings()), KEY, page).await;
    assert!(store.calls().is_empty());
    assert!(says_nothing(&response));
}

#[tokio::test]
async fn a_page_that_reads_calls_the_store_once() {
    let store = store_with(r#"{"user":"alice"}"#);
    let response = visit(layer(&store, settings()), KEY, |session| {
        assert_eq!(session.get("user")?, Some("alice".to_string()));
        Ok(())
    });
    let response = response.await;
    assert_eq!(store.calls(), ["load"]);
    assert!(varies(&response) && set_cookies(&response).is_empty());
}

#[tokio::test]
async fn a_page_that_writes_updates_its_record() {
    let store = store_with(r#"{"user":"alice"}"#);
    let write = |session: &SessionHandle| session.insert("visits", 1);
    let response = visit(layer(&store, settings()), KEY, write).await;
    assert_eq!(store.calls(), ["load", "update"]);
    assert_eq!(new_value(&response).as_deref(), Some(KEY));
    assert_eq!(
        store.json(KEY).as_deref(),
        Some(r#"{"user":"alice","visits":1}"#)
    );
    assert!(set_cookies(&response)[0].contains("Max-Age=1209600"));
}

#[tokio::test]
async fn a_first_visit_creates_a_record() {
    let store = Store::default();
    let write = |session: &SessionHandle| session.insert("visits", 1);
    let response = visit(layer(&store, settings()), "", write).await;
    assert_eq!(store.calls(), ["create"]);
    let key = new_value(&response).expect("a cookie");
    assert_eq!(store.json(&key).as_deref(), Some(r#"{"visits":1}"#));

    let response = visit(layer(&store, settings()), &key, |session| {
        assert_eq!(session.get("visits")?, Some(1));
        assert_eq!(session.key().expect("a key").as_str(), key);
        Ok(())
    });
    assert!(set_cookies(&response.await).is_empty());
}

/// A new session is the store's, which knows the site's time zone.
#[tokio::test]
async fn a_first_visits_expiry_is_in_local_time() {
    let store = Store::default();
    store.state().new_session = Some(|| {
        let hour = UtcOffset::from_hms(1, 0, 0).expect("an offset");
        Session::new().with_site_time_zone(move |_| hour)
    });
    let write = |session: &SessionHandle| {
        session.write(|session| session.set_expiry(Expiry::At((NOW + 1600).into())))
    };
    let response = visit(layer(&store, settings()), "", write).await;
    let key = new_value(&response).expect("a cookie");
    let saved = r#"{"_session_expiry":"2023-11-14T23:40:00"}"#;
    assert_eq!(store.json(&key).as_deref(), Some(saved));
}

#[tokio::test]
async fn a_sign_in_changes_the_key_and_keeps_the_cart() {
    let store = store_with(r#"{"cart":[1],"_csrftoken":"before"}"#);
    let sign_in = |session: &SessionHandle| {
        let hash = AuthHasher::new(&ring()).hash("pbkdf2_sha256$...");
        session.write(|session| session.set_auth_user("7", "backend", &hash))
    };
    let response = visit(layer(&store, settings()), KEY, sign_in).await;
    assert_eq!(store.calls(), ["load", "create", "delete"]);
    let key = new_value(&response).expect("a cookie");
    assert_ne!(key, KEY);
    assert_eq!(store.keys(), std::slice::from_ref(&key));
    let session = Session::from_json(&store.json(&key).expect("a record")).expect("a session");
    assert_eq!(session.get("cart"), Ok(Some(vec![1])));
    assert_eq!(session.auth_user_id(), Ok(Some("7".to_string())));
    assert!(!session.contains_key("_csrftoken"));
}

#[tokio::test]
async fn a_sign_out_deletes_record_and_cookie() {
    let store = store_with(r#"{"user":"alice"}"#);
    let sign_out = |session: &SessionHandle| {
        session.flush();
        Ok(())
    };
    let response = visit(layer(&store, settings()), KEY, sign_out).await;
    assert_eq!(store.calls(), ["load", "delete"]);
    assert!(deletes(&response));
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn a_record_deleted_while_the_request_runs_does_not_come_back() {
    // If the session was changed: 400, and no cookie is set. If it was read: the page. If it was ended: its cookie is
    // deleted.
    let run = |work: Work| async move {
        let store = store_with(r#"{"user":"alice"}"#);
        let inner = store.clone();
        let response = visit(layer(&store, settings()), KEY, move |session| {
            work(session)?;
            assert!(inner.remove(KEY));
            Ok(())
        });
        let response = response.await;
        assert!(store.keys().is_empty());
        response
    };
    let response = run(|session| session.insert("visits", 1)).await;
    assert_eq!(response.status(), 400);
    assert!(set_cookies(&response).is_empty() && varies(&response));
    assert_eq!(response.body(), "");

    let response = run(|session| session.get::<String>("user").map(drop)).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(&response).is_empty());

    let response = run(|session| {
        session.flush();
        Ok(())
    });
    let response = response.await;
    assert_eq!(response.status(), 200);
    assert!(deletes(&response));

    // A new key does not bring it back either.
    let response = run(|session| {
        session.write(Session::cycle);
        Ok(())
    });
    assert_eq!(response.await.status(), 400);
}

#[tokio::test]
async fn save_every_request_also_saves_pages_that_use_no_session() {
    let store = store_with(r#"{"user":"alice"}"#);
    let saving = || settings().with_save_every_request(true);
    let page = |_| -> Handled<'_> { Box::pin(async { Response::new("static".into()) }) };
    store.state().waits = 2;
    let response = send(layer(&store, saving()), KEY, page).await;
    assert_eq!(store.calls(), ["load", "update"]);
    assert_eq!(new_value(&response).as_deref(), Some(KEY));

    // A response that does not save the session does not load it either, so it does not depend on the store.
    store.state().failing = Some("load");
    for status in [101, 404, 500] {
        let response = send(layer(&store, saving()), KEY, |_| {
            Box::pin(async move {
                let mut response = Response::new("missing".into());
                *response.status_mut() = StatusCode::from_u16(status).expect("a status");
                response
            })
        });
        let response = response.await;
        assert_eq!(
            (response.status().as_u16(), store.calls().len()),
            (status, 0)
        );
        assert!(says_nothing(&response), "{status}");
    }
    store.state().failing = None;

    // If the record is gone by then: the page, and no cookie.
    let inner = store.clone();
    let response = visit(layer(&store, saving()), KEY, move |_| {
        inner.remove(KEY);
        Ok(())
    });
    let response = response.await;
    assert_eq!(
        (response.status(), response.body().as_str()),
        (StatusCode::OK, "the handler's page")
    );
    assert!(set_cookies(&response).is_empty() && store.keys().is_empty());

    // If the store is down, the session could not be saved.
    put(
        &store,
        Record::Session(r#"{"a":1}"#.into(), (NOW + 600).into()),
    );
    store.state().failing = Some("load");
    let response = send(layer(&store, saving()), KEY, page).await;
    assert_eq!(response.status(), 503);
    assert!(set_cookies(&response).is_empty());

    // The store is called only once, even if a handler has loaded the session.
    store.calls();
    let response = send(layer(&store, saving()), KEY, |pending| {
        Box::pin(async move {
            assert!(pending.load().await.is_err());
            Response::new("a page without a session".into())
        })
    });
    assert_eq!(response.await.status(), 503);
    assert_eq!(store.calls(), ["load"]);
}

#[tokio::test]
async fn a_store_that_fails_is_a_503_and_changes_no_cookie() {
    let write = |session: &SessionHandle| session.insert("visits", 1);
    let renew = |session: &SessionHandle| {
        session.write(Session::cycle);
        session.insert("visits", 1)
    };
    let end = |session: &SessionHandle| {
        session.flush();
        Ok(())
    };
    let cases: [(&str, &str, Work); 6] = [
        ("load", KEY, write),
        ("update", KEY, write),
        ("create", "", write),
        ("create", KEY, renew),
        ("delete", KEY, renew),
        ("delete", KEY, end),
    ];
    for (call, key, work) in cases {
        let store = store_with(r#"{"user":"alice"}"#);
        store.state().failing = Some(call);
        let response = visit(layer(&store, settings()), key, work).await;
        assert_eq!(response.status(), 503, "{call:?}");
        assert_eq!(response.body(), "", "{call:?}");
        assert!(set_cookies(&response).is_empty(), "{call:?}");
        assert!(varies(&response), "{call:?}");
        assert_eq!(
            store.json(KEY).as_deref(),
            Some(r#"{"user":"alice"}"#),
            "{call:?}"
        );

        // When the store is back, the user is still signed in.
        store.state().failing = None;
        let response = visit(layer(&store, settings()), KEY, |session| {
            assert_eq!(session.get("user")?, Some("alice".to_string()));
            Ok(())
        });
        assert_eq!(response.await.status(), 200);
    }
}

#[tokio::test]
async fn a_shared_store_does_what_the_store_does() {
    let key = SessionKey::parse(KEY).expect("a key");
    let load = Load {
        key: &key,
        now: NOW.into(),
        default_age: DEFAULT_MAX_AGE,
    };
    let store = Store::default();
    store.state().new_session = Some(|| Session::from_json(r#"{"new":true}"#).expect("JSON"));
    put(&store, Record::Unreadable(Error::SessionExpired));
    let shared = Arc::new(store.clone());
    assert_eq!(shared.new_session().to_json(), r#"{"new":true}"#);
    let found = SessionStore::load(&shared, load).await;
    assert_eq!(
        found.err(),
        Some(StoreError::Session(Error::SessionExpired))
    );
    assert_eq!(SessionStore::delete(&shared, &key).await, Ok(true));
    assert_eq!(store.state().calls, ["load", "delete"]);
}

#[tokio::test]
async fn the_error_handler_gets_the_stores_own_error() {
    let store = store_with("{}");
    store.state().failing = Some("load");
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let layer = layer(&store, settings()).with_error_handler(move |unsent: Unsent, response| {
        let source = unsent.source().map(ToString::to_string);
        *kept.lock().unwrap() = Some((unsent.error, source));
        response
    });
    let service = layer_service(layer);
    let request = Request::builder().header(COOKIE, cookie(KEY)).body(());
    let response = service.oneshot(request.expect("a request")).await;
    // The error handler decided to send the handler's own page.
    assert_eq!(response.expect("infallible").body(), "without a session");
    let seen = seen.lock().unwrap().take();
    let down = "the store is down for maintenance".to_string();
    assert_eq!(seen, Some((Error::StoreFailed, Some(down))));
}

type Answered = Result<Response<String>, Infallible>;

fn layer_service<H>(
    layer: SessionLayer<H>,
) -> impl tower::Service<Request<()>, Response = Response<String>, Error = Infallible>
where
    H: hardtack::tower::ErrorHandler<String> + Clone,
{
    ServiceBuilder::new().layer(layer).service(service_fn(
        async |request: Request<()>| -> Answered {
            let pending = request.extensions().get::<PendingSession>();
            let loaded = pending.expect("a layer").load().await;
            assert_eq!(loaded.err(), Some(Error::StoreFailed));
            Ok(Response::new("without a session".into()))
        },
    ))
}

/// A store that fails and a record that cannot be read are faults of the site. Anyone can send an unknown key.
#[tokio::test]
async fn what_a_store_answers_is_an_event() {
    Log::install();
    let read: Work = |session| session.get::<String>("user").map(drop);
    let failing = Store::default();
    failing.state().failing = Some("load");
    let unreadable = Store::default();
    put(&unreadable, Record::Unreadable(Error::BadSignature));
    for (store, events) in [
        (
            failing,
            &[
                "ERROR hardtack: message=the store of the sessions failed error=the store is down for maintenance",
                "ERROR hardtack: message=a session was not sent error=the store of the sessions failed",
            ][..],
        ),
        (
            unreadable,
            &[
                "WARN hardtack: message=a session's record cannot be read, and is left alone error=the signature does not match",
            ],
        ),
        (
            Store::default(),
            &[
                "DEBUG hardtack: message=a session's cookie was refused error=no session has this key",
            ],
        ),
        (store_with("{}"), &[]),
    ] {
        visit(layer(&store, settings()), KEY, read).await;
        assert_eq!(Log::take(), events);
    }
}

#[tokio::test]
async fn a_store_that_recovers_within_the_request_is_no_failure() {
    let store = store_with(r#"{"user":"alice"}"#);
    store.state().failing = Some("load");
    let inner = store.clone();
    let response = send(layer(&store, settings()), KEY, |pending| {
        let store = inner.clone();
        Box::pin(async move {
            assert_eq!(pending.load().await.err(), Some(Error::StoreFailed));
            store.state().failing = None;
            let session = pending.load().await.expect("loads");
            Response::new(session.get("user").expect("text").unwrap_or_default())
        })
    });
    let response = response.await;
    assert_eq!(
        (response.status(), response.body().as_str()),
        (StatusCode::OK, "alice")
    );
}

#[tokio::test]
async fn an_unreadable_record_is_left_alone() {
    let unreadable = || {
        let store = Store::default();
        put(&store, Record::Unreadable(Error::BadSignature));
        store
    };
    // If the session was read: the page, and nothing is deleted.
    let store = unreadable();
    let response = visit(layer(&store, settings()), KEY, |session| {
        assert_eq!(session.refusal(), Some(Error::BadSignature));
        assert_eq!(session.get::<String>("user")?, None);
        Ok(())
    });
    let response = response.await;
    assert_eq!(
        (response.status(), store.calls()),
        (StatusCode::OK, vec!["load"])
    );
    assert!(set_cookies(&response).is_empty() && store.keys() == [KEY]);

    // If it was changed: a new record under a new key, in addition.
    let write = |session: &SessionHandle| session.insert("visits", 1);
    let response = visit(layer(&store, settings()), KEY, write).await;
    let key = new_value(&response).expect("a cookie");
    assert_ne!(key, KEY);
    assert_eq!(store.keys().len(), 2);
    assert_eq!(store.json(KEY), None, "still unreadable");

    // If it was ended: the record is deleted, because the handler asked for it.
    let store = unreadable();
    let response = visit(layer(&store, settings()), KEY, |session| {
        session.flush();
        Ok(())
    });
    assert!(deletes(&response.await) && store.keys().is_empty());
}

#[tokio::test]
async fn an_unknown_key_is_deleted_once_the_session_was_read() {
    let store = Store::default();
    let response = visit(layer(&store, settings()), KEY, |session| {
        assert_eq!(session.refusal(), Some(Error::UnknownSessionKey));
        Ok(())
    });
    assert!(deletes(&response.await));
    assert_eq!(store.calls(), ["load"]);

    for malformed in [
        "ABCDEFGH",
        "short",
        "../../../etc/passwd",
        "a:b:c",
        &"a".repeat(41),
    ] {
        let response = visit(layer(&store, settings()), malformed, |session| {
            assert_eq!(session.refusal(), Some(Error::NotASessionKey));
            Ok(())
        });
        assert!(set_cookies(&response.await).is_empty(), "{malformed}");
        assert!(store.calls().is_empty(), "{malformed}");
    }
}

#[tokio::test]
async fn one_handler_has_the_same_answers_in_both_engines() {
    let settings = || {
        let cookie = SetCookie::new("sessionid").with_path("/shop");
        settings().with_cookie(cookie).expect("a good cookie")
    };
    let in_cookie = SessionMiddleware::new(codec()).with_settings(settings());
    let in_cookie = SessionLayer::new(in_cookie.expect("one age")).with_clock(|| NOW);
    let store = Store::default();
    let in_store = layer(&store, settings());

    let steps: [Work; 6] = [
        |_| Ok(()),
        |session| session.insert("cart", [1, 2]),
        |session| session.get::<Vec<u8>>("cart").map(drop),
        |session| session.write(|session| session.set_expiry(Expiry::WithBrowser)),
        |session| session.pop::<Vec<u8>>("cart").map(drop),
        |session| {
            session.clear();
            Ok(())
        },
    ];
    let mut all = Vec::new();
    for layer in [in_cookie, in_store] {
        let mut value = String::new();
        let mut told = Vec::new();
        for step in steps {
            let response = visit(layer.clone(), &value, step).await;
            let attributes = set_cookies(&response).first().map(|set_cookie| {
                let (pair, attributes) = set_cookie.split_once(';').expect("attributes");
                value = pair.replace("sessionid=", "");
                attributes.to_string()
            });
            told.push((response.status(), varies(&response), attributes));
        }
        all.push(told);
    }
    assert_eq!(all[0], all[1]);
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn two_loads_at_once_give_one_session() {
    let store = store_with(r#"{"visits":1}"#);
    store.state().waits = 3;
    let response = send(layer(&store, settings()), KEY, |pending| {
        Box::pin(async move {
            let (a, b) = tokio::join!(pending.load(), pending.load());
            a.expect("loads").insert("visits", 2).expect("inserts");
            let visits: Option<u8> = b.expect("loads").get("visits").expect("a number");
            assert_eq!(visits, Some(2));
            Response::default()
        })
    });
    assert_eq!(response.await.status(), 200);
    assert_eq!(store.json(KEY).as_deref(), Some(r#"{"visits":2}"#));
}

#[tokio::test]
async fn clones_of_a_layer_share_the_session_and_other_stores_conflict() {
    let store = store_with(r#"{"visits":1}"#);
    let layer = layer(&store, settings());
    let nested = |inner: SessionLayer| {
        let outer = layer.clone();
        async move {
            let service = ServiceBuilder::new()
                .layer(outer)
                .layer(inner)
                .service(service_fn(async |request: Request<()>| -> Answered {
                    let pending = request.extensions().get::<PendingSession>();
                    let loaded = pending.expect("a layer").load().await;
                    if let Ok(session) = &loaded {
                        session.insert("visits", 2).expect("inserts");
                    }
                    Ok(Response::new(format!("{:?}", loaded.err())))
                }));
            let request = Request::builder().header(COOKIE, cookie(KEY)).body(());
            service
                .oneshot(request.expect("a request"))
                .await
                .expect("infallible")
        }
    };
    let response = nested(layer.clone()).await;
    assert_eq!(
        (response.status(), response.body().as_str()),
        (StatusCode::OK, "None")
    );
    assert_eq!(store.calls(), ["load", "update"]);
    assert_eq!(set_cookies(&response).len(), 1);

    let other = SessionLayer::stored(Store::default(), settings()).with_clock(|| NOW);
    assert_eq!(nested(other).await.status(), 500);
    let in_cookie = SessionLayer::new(SessionMiddleware::new(codec())).with_clock(|| NOW);
    assert_eq!(nested(in_cookie).await.status(), 500);
}

#[tokio::test]
async fn a_session_that_is_too_large_is_reported_by_its_keys() {
    const LIMIT: usize = 10_000;
    let store = store_with(r#"{"user":"alice"}"#);
    store.state().refuses = Some(Error::JsonTooLong { limit: LIMIT });
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let layer = layer(&store, settings()).with_error_handler(move |unsent: Unsent, response| {
        *kept.lock().unwrap() = Some(unsent);
        response
    });
    let service = ServiceBuilder::new().layer(layer).service(service_fn(
        async |request: Request<()>| -> Answered {
            let pending = request.extensions().get::<PendingSession>();
            let session = pending.expect("a layer").load().await.expect("loads");
            session.insert("draft", "x".repeat(LIMIT)).expect("inserts");
            Ok(Response::default())
        },
    ));
    let request = Request::builder().header(COOKIE, cookie(KEY)).body(());
    let response = service.oneshot(request.expect("a request")).await;
    assert!(set_cookies(&response.expect("infallible")).is_empty());
    let unsent = seen.lock().unwrap().take().expect("not sent");
    assert_eq!(unsent.error, Error::JsonTooLong { limit: LIMIT });
    assert_eq!(
        unsent.to_string(),
        "the session was not sent: it is too large: 10027 bytes of JSON, 10000 are allowed: \"draft\" 10011 (100 %), \
         \"user\" 15 (0 %)"
    );
    let report = unsent.report.expect("sizes");
    assert_eq!((report.length, report.limit), (10_027, LIMIT));
    assert_eq!(report.members[0].key, "draft");
    assert_eq!(store.json(KEY).as_deref(), Some(r#"{"user":"alice"}"#));
}
