//! The layer around any service: how a request gets its session, and which headers the response gets.

#![cfg(feature = "tower")]

mod common;
#[path = "common/log.rs"]
mod log;

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hardtack::tower::{BareStatus, ErrorHandler, PendingSession, SessionLayer, Unsent};
use hardtack::{
    Compression, Error, Session, SessionHandle, SessionMiddleware, SessionSettings, cookie,
};
use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use serde::Serialize;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use common::{NOW, OTHER_KEY, codec, key, session};
use log::Log;

fn sessions() -> SessionMiddleware {
    SessionMiddleware::new(codec())
}

fn layer() -> SessionLayer {
    SessionLayer::new(sessions()).with_clock(|| NOW)
}

/// Returns the `Cookie` header of a browser that received this session a minute ago.
fn cookie_of(pairs: &[(&str, &str)]) -> String {
    let session = session(pairs.iter().copied());
    let value = codec().encode(&session, NOW - 60).expect("encodes");
    format!("theme=dark; sessionid={value}")
}

fn alice() -> String {
    cookie_of(&[("user", "alice")])
}

fn request(cookie: &str) -> Request<()> {
    let request = Request::builder();
    let request = if cookie.is_empty() {
        request
    } else {
        request.header(COOKIE, cookie)
    };
    request.body(()).expect("a request")
}

fn pending_of<B>(request: &Request<B>) -> PendingSession {
    let pending: Option<&PendingSession> = request.extensions().get();
    pending.expect("the layer put it there").clone()
}

fn handle_of<B>(request: &Request<B>) -> SessionHandle {
    session_of(&pending_of(request))
}

/// Loads a session from a cookie, which never waits.
fn session_of(pending: &PendingSession) -> SessionHandle {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(pending.load()).poll(&mut context) {
        Poll::Ready(session) => session.expect("one layer"),
        Poll::Pending => panic!("it waits"),
    }
}

/// Returns a service that does `work` and then responds.
fn service<B>(
    work: impl Fn(&SessionHandle) -> Response<B> + Clone,
) -> impl Service<
    Request<()>,
    Response = Response<B>,
    Error = Infallible,
    Future = Ready<Result<Response<B>, Infallible>>,
> + Clone {
    service_fn(move |request: Request<()>| ready(Ok(work(&handle_of(&request)))))
}

fn run<F: Future>(future: F) -> F::Output {
    Log::install();
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Returns the response to a request with this `Cookie` header, through this layer.
fn send<B, H: ErrorHandler<B> + Clone>(
    layer: &SessionLayer<H>,
    cookie: &str,
    work: impl Fn(&SessionHandle) -> Response<B> + Clone,
) -> Response<B> {
    let Ok(response) = run(layer.layer(service(work)).oneshot(request(cookie)));
    response
}

/// The same as `send`, through the usual layer and with an empty response.
fn answer(cookie: &str, work: impl Fn(&SessionHandle) + Clone) -> Response<()> {
    send(&layer(), cookie, move |session| {
        work(session);
        Response::new(())
    })
}

fn insert(session: &SessionHandle, name: &str, value: impl Serialize) {
    session.insert(name, value).expect("has a JSON text");
}

fn user(session: &SessionHandle) -> Option<String> {
    session.get("user").expect("a text")
}

/// Returns the values of a header, in order.
fn all<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Vec<&'h str> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().expect("text")).collect()
}

/// Returns the session that a browser would send back after this response.
#[track_caller]
fn sent<B>(response: &Response<B>) -> Session {
    let headers = all(response.headers(), &SET_COOKIE);
    let pair = headers
        .iter()
        .find(|header| header.starts_with("sessionid="))
        .and_then(|header| header.split(';').next())
        .expect("the session is set");
    let value = cookie::find("sessionid", [pair]).next().expect("a value");
    codec().decode(&value, NOW).expect("our own")
}

#[track_caller]
fn user_of<B>(response: &Response<B>) -> Option<String> {
    sent(response).get("user").expect("a text")
}

#[track_caller]
fn is_silent<B>(response: &Response<B>) {
    assert!(response.headers().is_empty(), "{:?}", response.headers());
}

/// Returns noise that cannot be compressed to fit the limit.
fn large() -> String {
    let mut state: u64 = 1;
    let mut text = String::from("SECRET-VALUE ");
    for _ in 0..400 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        write!(text, "{state:016x}").expect("a string takes all");
    }
    text
}

// Which headers a session adds.

#[test]
fn a_changed_session_is_set() {
    let response = answer("", |session| insert(session, "user", "alice"));
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
    assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
    let [header] = all(response.headers(), &SET_COOKIE)[..] else {
        panic!("one cookie");
    };
    assert!(header.contains("; Max-Age=1209600; "), "{header}");
    assert!(header.ends_with("; SameSite=Lax; Secure"), "{header}");
    // Its value does not appear in logs of headers.
    assert!(!format!("{response:?}").contains("sessionid="));
    assert_eq!(Log::take(), [""; 0]);
}

#[test]
fn the_requests_session_is_read() {
    let response = answer(&alice(), |session| {
        assert_eq!(user(session).as_deref(), Some("alice"));
        assert!(session.log_id().is_some());
        assert_eq!(session.issued_at(), Some((NOW - 60).into()));
        assert_eq!(session.refusal(), None);
    });
    assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
    assert!(!response.headers().contains_key(SET_COOKIE));
}

#[test]
fn several_cookie_headers_are_read() {
    let mut request = request("theme=dark");
    let cookie = alice().parse().expect("a header");
    request.headers_mut().append(COOKIE, cookie);
    let service = layer().layer(service(|session| Response::new(user(session))));
    let Ok(response) = run(service.oneshot(request));
    assert_eq!(response.body().as_deref(), Some("alice"));
}

#[test]
fn an_unread_session_adds_no_header() {
    for cookie in [String::new(), alice()] {
        is_silent(&answer(&cookie, |_| ()));
        // Neither taking the handle nor its locks counts as reading.
        is_silent(&answer(&cookie, |session| {
            session.clone().read(|_| ());
            session.write(|_| ());
            session.log_id();
            assert!(format!("{session:?}").contains("SessionHandle"));
        }));
    }
    // Asking about the cookie does: the page depends on it.
    for ask in [
        |session: &SessionHandle| _ = session.refusal(),
        |session: &SessionHandle| _ = session.issued_at(),
    ] {
        for cookie in [String::new(), alice()] {
            let response = answer(&cookie, ask);
            assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
        }
    }
}

/// A page that is made from a copy also depends on the cookie.
#[test]
fn copying_counts_as_reading() {
    let copies: [fn(&Session); 6] = [
        |session| drop(session.clone()),
        |session| drop(session.to_json()),
        |session| drop(serde_json::to_string(session).expect("JSON")),
        |session| _ = *session == Session::new(),
        |session| _ = session.is_empty(),
        |session| _ = session.iter().count(),
    ];
    for copy in copies {
        for cookie in [String::new(), alice()] {
            let response = answer(&cookie, move |session| session.read(copy));
            assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
            assert!(!response.headers().contains_key(SET_COOKIE));
        }
    }
}

/// Unless a handler asks for the session, nothing is verified, sent or logged.
#[test]
fn a_session_is_loaded_only_if_a_handler_asks() {
    let asks = |asks: bool, settings: SessionSettings| {
        let layer = SessionLayer::new(sessions().with_settings(settings).expect("one age"))
            .with_clock(|| NOW);
        let service = layer.layer(service_fn(move |request: Request<()>| {
            if asks {
                user(&handle_of(&request));
            }
            ready(Ok::<_, Infallible>(Response::new(())))
        }));
        // A forged cookie shows it, because its refusal is an event.
        let Ok(response) = run(service.oneshot(request("sessionid=forged:forged:forged")));
        (response, Log::take().len())
    };
    let (response, events) = asks(false, SessionSettings::default());
    is_silent(&response);
    assert_eq!(events, 0);
    let (response, events) = asks(true, SessionSettings::default());
    assert!(response.headers().contains_key(VARY));
    assert_eq!(events, 1);
    // Unless every request is saved.
    let every = SessionSettings::default().with_save_every_request(true);
    let (response, events) = asks(false, every.clone());
    is_silent(&response);
    assert_eq!(events, 1);
    let layer =
        SessionLayer::new(sessions().with_settings(every).expect("one age")).with_clock(|| NOW);
    let service = layer.layer(service_fn(|_: Request<()>| {
        ready(Ok::<_, Infallible>(Response::new(())))
    }));
    let Ok(response) = run(service.oneshot(request(&alice())));
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
}

#[test]
fn every_load_returns_the_same_session() {
    let service = layer().layer(service_fn(async |request: Request<()>| {
        let pending = pending_of(&request);
        let shown = format!("{pending:?}");
        assert!(shown.contains("sessionid") && shown.contains("is_loaded: false"));
        let first = pending.load().await?;
        insert(&first, "user", "alice");
        let second = pending.clone().load().await?;
        Ok::<_, Error>(Response::new(user(&second)))
    }));
    let response = run(service.oneshot(request(""))).expect("a response");
    assert_eq!(response.body().as_deref(), Some("alice"));
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
}

/// The time of the request counts, however late the session is loaded.
#[test]
fn the_age_of_a_session_is_that_at_the_start_of_the_request() {
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let layer = SessionLayer::new(sessions()).with_clock(move || clock.load(Ordering::Relaxed));
    let service = layer.layer(service_fn(async |request: Request<()>| {
        now.fetch_add(15 * 86_400, Ordering::Relaxed);
        Ok::<_, Infallible>(Response::new(user(&handle_of(&request))))
    }));
    let Ok(response) = run(service.oneshot(request(&alice())));
    assert_eq!(response.body().as_deref(), Some("alice"));
}

#[test]
fn an_emptied_session_is_deleted() {
    let response = answer(&alice(), |session| session.write(Session::flush));
    let [header] = all(response.headers(), &SET_COOKIE)[..] else {
        panic!("one cookie");
    };
    assert!(header.starts_with("sessionid=; "), "{header}");
    assert!(header.contains("; Max-Age=0; "), "{header}");
    assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
}

#[test]
fn an_error_of_the_server_saves_nothing() {
    for (status, is_saved) in [(404, true), (499, true), (500, false), (503, false)] {
        let response = send(&layer(), &alice(), |session| {
            insert(session, "cart", 1);
            Response::builder().status(status).body(()).expect("one")
        });
        assert_eq!(response.headers().contains_key(SET_COOKIE), is_saved);
        let unsaved = Log::take();
        assert_eq!(unsaved.is_empty(), is_saved, "{unsaved:?}");
        assert!(
            unsaved
                .iter()
                .all(|line| line.starts_with("WARN hardtack: "))
        );
        assert_eq!(all(response.headers(), &VARY), ["Cookie"], "{status}");
    }
}

#[test]
fn the_clock_is_read_for_the_request_and_for_the_response() {
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let layer = SessionLayer::new(sessions()).with_clock(move || clock.load(Ordering::Relaxed));
    let response = send(&layer, "", move |session| {
        now.fetch_add(10, Ordering::Relaxed);
        insert(session, "user", "alice");
        Response::new(())
    });
    let header = all(response.headers(), &SET_COOKIE)[0].to_owned();
    let value = cookie::find("sessionid", [header.split(';').next().expect("a pair")])
        .next()
        .expect("a value")
        .into_owned();
    let codec = codec();
    let verified = codec.verify(&value, NOW + 10).expect("our own");
    assert_eq!(verified.issued_at().as_unix_seconds(), NOW + 10);
}

#[test]
fn the_clock_is_the_systems_by_default() {
    let layer = SessionLayer::new(sessions());
    let old = send(&layer, &alice(), |session| Response::new(session.refusal()));
    assert!(matches!(old.body(), Some(Error::Expired { .. })), "{old:?}");
}

// Headers that the response already has.

#[test]
fn other_cookies_are_kept() {
    let response = send(&layer(), "", |session| {
        insert(session, "user", "alice");
        Response::builder()
            .header(SET_COOKIE, "theme=dark")
            .header(SET_COOKIE, "lang=de")
            .body(())
            .expect("a response")
    });
    let headers = all(response.headers(), &SET_COOKIE);
    assert_eq!(headers[..2], ["theme=dark", "lang=de"]);
    assert_eq!(headers.len(), 3);
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
}

#[test]
fn vary_is_merged() {
    #[track_caller]
    fn becomes(before: &[&str], after: &[&str]) {
        let response = send(&layer(), "", |session| {
            assert_eq!(user(session), None);
            let mut response = Response::new(());
            for line in before {
                let line = HeaderValue::from_str(line).expect("a header");
                response.headers_mut().append(VARY, line);
            }
            response
        });
        assert_eq!(all(response.headers(), &VARY), after);
    }
    becomes(&[], &["Cookie"]);
    becomes(&["Accept-Encoding"], &["Accept-Encoding, Cookie"]);
    becomes(&["a", "b"], &["a, b, Cookie"]);
    becomes(&[""], &["Cookie"]);
    becomes(&["  "], &["Cookie"]);
    becomes(&["Cookie"], &["Cookie"]);
    becomes(&["cOOKIE"], &["cOOKIE"]);
    becomes(&["a,\tcookie ,b"], &["a,\tcookie ,b"]);
    becomes(&["a", "b, COOKIE"], &["a", "b, COOKIE"]);
    becomes(&["*"], &["*"]);
    becomes(&["a, *"], &["a, *"]);
    becomes(&["a", " * "], &["a", " * "]);
    // Names that only start or end with it.
    becomes(&["Cookie2"], &["Cookie2, Cookie"]);
    becomes(&["X-Cookie"], &["X-Cookie, Cookie"]);
}

#[test]
fn vary_keeps_bytes_that_are_not_text() {
    let response = send(&layer(), "", |session| {
        user(session);
        let line = HeaderValue::from_bytes(b"X-\xff").expect("a header");
        Response::builder()
            .header(VARY, line)
            .body(())
            .expect("one")
    });
    assert_eq!(response.headers()[VARY].as_bytes(), b"X-\xff, Cookie");
}

#[test]
fn switching_protocols_is_left_alone() {
    let unsaved = "WARN hardtack: message=a session was changed, and its response does not save it";
    for value in ["bob".to_owned(), large()] {
        is_silent(&send(&layer(), &alice(), |session| {
            insert(session, "user", &value);
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response
        }));
        assert_eq!(Log::take(), [unsaved]);
    }
    is_silent(&send(&layer(), &alice(), |session| {
        user(session);
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response
    }));
    assert_eq!(Log::take(), [""; 0]);
}

// Bodies.

/// A body that implements nothing: no `Default`, no `Clone`, no `Send`.
#[derive(Debug)]
struct Stream(std::rc::Rc<()>);

#[test]
fn a_body_passes_untouched() {
    let alive = std::rc::Rc::new(());
    let body = alive.clone();
    let layer = layer().with_error_handler(|_, response| response);
    let response = send(&layer, "", move |session| {
        insert(session, "user", "alice");
        Response::new(Stream(body.clone()))
    });
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
    assert!(std::rc::Rc::ptr_eq(&alive, &response.body().0));
}

#[test]
fn a_requests_body_passes_untouched() {
    let service = layer().layer(service_fn(async |request: Request<Stream>| {
        handle_of(&request).read(|session| assert!(session.is_empty()));
        Ok::<_, Infallible>(Response::new(std::rc::Rc::strong_count(
            &request.into_body().0,
        )))
    }));
    let Ok(response) = run(service.oneshot(Request::new(Stream(std::rc::Rc::new(())))));
    assert_eq!(response.into_body(), 1);
}

// A session that cannot be sent.

fn overload(session: &SessionHandle) -> Response<String> {
    insert(session, "large \"key\"", large());
    insert(session, "small", "SECRET-TOO");
    Response::builder()
        .header(SET_COOKIE, "theme=dark")
        .body("saved".to_owned())
        .expect("a response")
}

#[test]
fn a_session_that_is_too_long_is_a_bare_500() {
    let response = send(&layer(), &alice(), overload);
    assert_eq!(response.status(), 500);
    assert_eq!(response.body(), "");
    assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
    assert_eq!(response.headers().len(), 1);
}

#[test]
fn a_session_that_is_too_long_is_an_event_without_values() {
    send(&layer(), &alice(), overload);
    let [line] = &Log::take()[..] else {
        panic!("one event");
    };
    assert!(line.starts_with("ERROR hardtack: "), "{line}");
    assert!(
        line.contains("message=a session was not sent: it is too large"),
        "{line}"
    );
    // The sizes as `SizeReport` displays them. The error has another limit, without the name, so it is not there.
    assert!(
        line.contains(r#" bytes, 4087 fit beside the cookie's name; as JSON: "large \"key\"" 64"#),
        "{line}"
    );
    assert!(!line.contains("error=") && !line.contains("4096"), "{line}");
    assert!(
        line.contains(r#", "small" 21 (0 %), "user" 15 (0 %)"#),
        "{line}"
    );
    for value in ["SECRET", "alice", "sessionid"] {
        assert!(!line.contains(value), "{line}");
    }
}

/// A client may have chosen the keys: thousands of them, long ones, of any characters.
#[test]
fn a_session_that_is_too_long_is_a_short_event() {
    for (count, filler) in [
        (8_000, String::new()),
        (100, "k".repeat(2_000)),
        (100, "\u{e0fff}".repeat(2_000)),
        (100, "\"".repeat(2_000)),
    ] {
        let response = send(&layer(), "", |session| {
            let keys = (0..count).map(|at| (format!("{filler}{at}"), "x".repeat(at % 7)));
            let written = session.write(|session| session.update(keys));
            written.expect("has a JSON text");
            insert(session, "pad", large());
            Response::new(())
        });
        assert_eq!(response.status(), 500);
        let events = Log::take();
        let [line] = &events[..] else {
            panic!("one event: {}", events.len());
        };
        assert!(line.len() < 10_000, "{}", line.len());
        assert!(
            line.ends_with(&format!(", and {} more", count - 9)),
            "{line}"
        );
    }
}

#[test]
fn an_error_handler_gets_the_error_the_report_and_the_response() {
    let layer = layer().with_error_handler(|unsent: Unsent, mut response: Response<String>| {
        assert!(matches!(unsent.error, Error::TooLong { limit: 4096, .. }));
        let report = unsent.report.as_ref().expect("it is too large");
        assert!(report.length > report.limit);
        assert_eq!(report.members[0].key, "large \"key\"");
        assert_eq!(
            unsent.to_string(),
            format!("the session was not sent: it is too large: {report}")
        );
        response.body_mut().push_str(", or not");
        response
    });
    let response = send(&layer, &alice(), overload);
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), "saved, or not");
    assert_eq!(all(response.headers(), &SET_COOKIE), ["theme=dark"]);
    assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
    // The event does not depend on the handler.
    assert_eq!(Log::take().len(), 1);
}

#[test]
fn every_error_of_size_has_a_report() {
    fn unsent(sessions: SessionMiddleware, session: Session) -> Option<Unsent> {
        let layer = SessionLayer::new(sessions)
            .with_clock(|| NOW)
            .with_error_handler(|unsent, _| Response::new(Some(unsent)));
        send(&layer, "", move |handle| {
            handle.write(|place| *place = session.clone());
            Response::new(None)
        })
        .into_body()
    }
    // JSON text that is too long after inflating.
    let padded = session([("pad", "x".repeat(70_000))]);
    let padded = unsent(sessions(), padded).expect("too large");
    assert!(matches!(padded.error, Error::JsonTooLong { .. }));
    // Compressed, it would fit: the report is about the JSON text.
    let report = padded.report.expect("a size");
    assert_eq!(
        report.to_string(),
        r#"70010 bytes of JSON, 65536 are allowed: "pad" 70009 (100 %)"#
    );
    assert_eq!(report.clone().with_cookie_name("sessionid"), report);
    // Name and value together are too large, although the value is within the limit.
    let codec = codec().with_compression(Compression::Never);
    let room = |filler| session([("pad", "x".repeat(filler))]);
    let longest = (3000..3100)
        .map(room)
        .find(|session| codec.encode(session, NOW).is_ok_and(|v| v.len() > 4090))
        .expect("a session of that size");
    let named = unsent(SessionMiddleware::new(codec), longest).expect("too large");
    assert!(matches!(named.error, Error::CookieTooLarge { .. }));
    // The report also counts the name.
    let report = named.report.expect("a size");
    assert!(report.length > report.limit && report.length <= 4096);
    // An error that has nothing to do with size.
    let strange = session([("_session_expiry", true)]);
    let strange = unsent(sessions(), strange).expect("no expiry");
    assert_eq!(
        (strange.error, strange.report),
        (Error::MalformedExpiry, None)
    );
}

#[test]
#[cfg(feature = "axum")]
fn an_error_of_a_handler_is_an_event() {
    use axum::response::IntoResponse;
    run(async { Error::NotFinite.into_response() });
    assert_eq!(
        Log::take(),
        ["ERROR hardtack: message=a handler failed error=the number is not finite"]
    );
}

// A cookie that is refused.

#[test]
fn a_refused_cookie_is_a_quiet_event() {
    let forged = hardtack::SessionCodec::new(hardtack::KeyRing::new(key(OTHER_KEY)))
        .encode(&session([("user", "mallory")]), NOW)
        .expect("encodes");
    let response = answer(&format!("sessionid={forged}"), |session| {
        assert_eq!(session.refusal(), Some(Error::BadSignature));
        assert_eq!(session.log_id(), None);
        assert_eq!(session.issued_at(), None);
        assert_eq!(user(session), None);
    });
    assert!(all(response.headers(), &SET_COOKIE)[0].contains("Max-Age=0"));
    assert_eq!(
        Log::take(),
        [
            "DEBUG hardtack: message=a session's cookie was refused error=the signature does not match"
        ]
    );
    // A session key of another engine has another error, and is left alone.
    let response = answer("sessionid=wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4", |session| {
        assert_eq!(session.refusal(), Some(Error::NotSigned));
        assert_eq!(user(session), None);
    });
    assert!(!response.headers().contains_key(SET_COOKIE));
    assert_eq!(
        Log::take(),
        ["DEBUG hardtack: message=a session's cookie was refused error=the text is not signed"]
    );
}

// The service inside.

#[test]
fn errors_of_the_service_are_returned() {
    let service = layer().layer(service_fn(async |request: Request<()>| {
        insert(&handle_of(&request), "user", "alice");
        Err::<Response<()>, _>("out of order")
    }));
    assert_eq!(
        run(service.oneshot(request(""))).err(),
        Some("out of order")
    );
    // No response could save the change.
    assert_eq!(
        Log::take(),
        ["WARN hardtack: message=a session was changed, and its response does not save it"]
    );
}

/// A service that is not ready, then ready, then broken.
struct Moody(u8);

impl Service<Request<()>> for Moody {
    type Response = Response<()>;
    type Error = &'static str;
    type Future = Ready<Result<Response<()>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.0 += 1;
        match self.0 {
            1 => Poll::Pending,
            2 => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err("broken")),
        }
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

#[test]
fn readiness_is_that_of_the_service() {
    let mut service = layer().layer(Moody(0));
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(service.poll_ready(&mut context), Poll::Pending);
    assert_eq!(service.poll_ready(&mut context), Poll::Ready(Ok(())));
    is_silent(&run(service.call(request(""))).expect("a response"));
    assert_eq!(service.poll_ready(&mut context), Poll::Ready(Err("broken")));
}

#[test]
fn the_layer_works_in_a_service_builder() {
    fn is_ordinary<T: Clone + Send + 'static>(_: &T) {}
    fn is_sent<T: Send>(future: T) -> T {
        future
    }
    let service = ServiceBuilder::new()
        .layer(layer())
        .map_response(|response: Response<String>| response.map(String::into_bytes))
        .service_fn(async |request: Request<()>| {
            insert(&handle_of(&request), "user", "alice");
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(Response::new(String::from("body")))
        });
    is_ordinary(&service);
    let Ok(response) = run(is_sent(service.oneshot(request(""))));
    assert_eq!(user_of(&response).as_deref(), Some("alice"));
    assert_eq!(response.body(), b"body");
}

#[test]
fn debug_shows_no_secret() {
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let layer = layer();
    is_shared(&layer);
    let shown = format!("{layer:?} {:?}", layer.layer(()));
    assert!(
        shown.contains("SessionLayer") && !shown.contains(common::KEY),
        "{shown}"
    );
    let handle = SessionHandle::from(sessions().load([alice().as_str()], NOW));
    is_shared(&handle);
    let shown = format!("{handle:?}");
    assert!(
        shown.contains("user") && !shown.contains("alice"),
        "{shown}"
    );
    assert!(format!("{BareStatus:?}").contains("BareStatus"));
}

// Several requests at once, and changes that come too late.

#[test]
fn concurrent_requests_have_separate_sessions() {
    let service = layer().layer(service_fn(async |request: Request<()>| {
        let session = handle_of(&request);
        for _ in 0..5 {
            session.write(|session| {
                let count = session.get("count")?.unwrap_or(0) + 1;
                session.insert("count", count)
            })?;
            tokio::task::yield_now().await;
        }
        Ok::<_, Error>(Response::new(user(&session)))
    }));
    let bob = cookie_of(&[("user", "bob")]);
    let (first, second) = run(async {
        tokio::join!(
            service.clone().oneshot(request(&alice())),
            service.clone().oneshot(request(&bob)),
        )
    });
    for (response, name) in [(first, "alice"), (second, "bob")] {
        let response = response.expect("a response");
        assert_eq!(response.body().as_deref(), Some(name));
        assert_eq!(user_of(&response).as_deref(), Some(name));
        assert_eq!(sent(&response).get("count"), Ok(Some(5)));
    }
}

#[test]
fn changes_after_the_response_are_not_sent() {
    run(async {
        let (send_task, tasks) = std::sync::mpsc::channel();
        let service = layer().layer(service(move |session| {
            insert(session, "user", "alice");
            let late = session.clone();
            let task = tokio::spawn(async move {
                insert(&late, "user", "mallory");
                user(&late)
            });
            send_task.send(task).expect("somebody waits");
            Response::new(())
        }));
        let Ok(response) = service.oneshot(request("")).await;
        let task = tasks.recv().expect("a task");
        // The task sees its change; the browser does not.
        assert_eq!(task.await.expect("ends").as_deref(), Some("mallory"));
        assert_eq!(
            Log::take(),
            [
                "WARN hardtack: message=a session was changed after its response was made: the change is lost"
            ]
        );
        assert_eq!(user_of(&response).as_deref(), Some("alice"));
    });
}

/// The same for a task that is the first to load the session.
#[test]
fn a_session_loaded_after_the_response_is_not_sent() {
    const LATE: &str = "WARN hardtack: message=a session was changed after its response was made: the change is lost";
    for every in [false, true] {
        let settings = SessionSettings::default().with_save_every_request(every);
        let layer = SessionLayer::new(sessions().with_settings(settings).expect("one age"))
            .with_clock(|| NOW);
        let late = layer.layer(service_fn(|request: Request<()>| {
            ready(Ok::<_, Infallible>(Response::new(request)))
        }));
        let Ok(response) = run(late.oneshot(request("")));
        is_silent(&response);
        let session = handle_of(response.body());
        assert_eq!(user(&session), None);
        assert_eq!(Log::take(), [""; 0]);
        insert(&session, "user", "mallory");
        assert_eq!(Log::take(), [LATE]);
    }
    // The same if there is no response at all.
    for loads in [false, true] {
        let service = layer().layer(service_fn(|request: Request<()>| {
            if loads {
                user(&handle_of(&request));
            }
            ready(Err::<Response<()>, _>(request))
        }));
        let Err(request) = run(service.oneshot(request(""))) else {
            panic!("it fails")
        };
        assert_eq!(Log::take(), [""; 0]);
        insert(&handle_of(&request), "user", "mallory");
        assert_eq!(Log::take(), [LATE]);
    }
}

/// A subscriber may use the session of the request: events are sent only while it is not locked.
#[test]
fn a_subscriber_may_use_the_session() {
    let late = layer().layer(service_fn(|request: Request<()>| {
        ready(Ok::<_, Infallible>(Response::new(request)))
    }));
    let Ok(response) = run(late.oneshot(request("sessionid=forged:forged:forged")));
    let pending = pending_of(response.body());
    let used = Arc::new(AtomicI64::new(0));
    let use_at_the_next_event = || {
        let (pending, used) = (pending.clone(), Arc::clone(&used));
        Log::at_the_next_event(move || {
            session_of(&pending).log_id();
            used.fetch_add(1, Ordering::Relaxed);
        });
    };
    use_at_the_next_event();
    let session = session_of(&pending);
    use_at_the_next_event();
    insert(&session, "user", "mallory");
    assert_eq!(used.load(Ordering::Relaxed), 2);
    assert_eq!(Log::take().len(), 2);
}

// What a response must not do.

/// Layers that have a reason to send the session again: a renewal is due, every request saves the session, the key was
/// rotated.
fn eager() -> [SessionLayer; 3] {
    let settings = SessionSettings::default;
    let renewing = settings().with_renewal_after(Duration::from_secs(10));
    let every = settings().with_save_every_request(true);
    let rotated = hardtack::KeyRing::new(key(OTHER_KEY)).with_fallback(key(common::KEY));
    [
        sessions().with_settings(renewing).expect("one age"),
        sessions().with_settings(every).expect("one age"),
        SessionMiddleware::new(hardtack::SessionCodec::new(rotated)),
    ]
    .map(|sessions| SessionLayer::new(sessions).with_clock(|| NOW))
}

/// A response that refuses the request gives the session no later stamp, or the next request would be accepted.
#[test]
fn a_refused_request_does_not_renew_the_session() {
    let cut_off = NOW - 30;
    for layer in eager() {
        for status in [401, 403, 404, 429] {
            let response = send(&layer, &alice(), |session| {
                assert_eq!(user(session).as_deref(), Some("alice"));
                assert!(session.issued_at().expect("a cookie") < cut_off.into());
                Response::builder().status(status).body(()).expect("one")
            });
            assert!(!response.headers().contains_key(SET_COOKIE), "{status}");
        }
        // If a guard refuses with a redirect or a page, it also ends the session.
        for status in [200, 302, 401] {
            let response = send(&layer, &alice(), |session| {
                assert_eq!(user(session).as_deref(), Some("alice"));
                session.flush();
                Response::builder().status(status).body(()).expect("one")
            });
            let [header] = all(response.headers(), &SET_COOKIE)[..] else {
                panic!("one cookie");
            };
            assert!(header.starts_with("sessionid=; "), "{header}");
        }
    }
    // Without such a setting, a session that was only read is never sent, whatever the status.
    let [_, _, rotated] = eager();
    for status in [200, 302, 401] {
        let response = send(&rotated, &alice(), |session| {
            assert_eq!(user(session).as_deref(), Some("alice"));
            Response::builder().status(status).body(()).expect("one")
        });
        assert!(!response.headers().contains_key(SET_COOKIE), "{status}");
    }
}

/// A sign-out in one tab, while a page of another tab is still being made.
#[test]
fn a_slow_request_does_not_bring_a_session_back() {
    let [_, _, rotated] = eager();
    for layer in [layer(), rotated] {
        let is_signed_out = Cell::new(false);
        let reader = layer.layer(service_fn(async |request: Request<()>| {
            let session = handle_of(&request);
            assert_eq!(user(&session).as_deref(), Some("alice"));
            while !is_signed_out.get() {
                tokio::task::yield_now().await;
            }
            Ok::<_, Infallible>(Response::new(()))
        }));
        let leaver = layer.layer(service(|session| {
            session.flush();
            Response::new(())
        }));
        let (read, left) = run(async {
            tokio::join!(reader.oneshot(request(&alice())), async {
                let left = leaver.oneshot(request(&alice())).await;
                is_signed_out.set(true);
                left
            })
        });
        let (Ok(read), Ok(left)) = (read, left);
        assert!(all(left.headers(), &SET_COOKIE)[0].starts_with("sessionid=; "));
        assert!(!read.headers().contains_key(SET_COOKIE));
    }
}

#[test]
fn the_services_own_cookie_is_replaced_only_after_a_change() {
    // For example, a proxy to Django's login.
    let respond = || {
        Response::builder()
            .header(SET_COOKIE, "theme=dark")
            .header(SET_COOKIE, "sessionid=signed-in; Path=/; HttpOnly")
            .body(())
            .expect("a response")
    };
    for layer in eager() {
        let response = send(&layer, &alice(), |session| {
            user(session);
            respond()
        });
        assert_eq!(
            all(response.headers(), &SET_COOKIE),
            ["theme=dark", "sessionid=signed-in; Path=/; HttpOnly"]
        );
    }
    // A changed session replaces it, and keeps the others.
    let response = send(&layer(), &alice(), |session| {
        insert(session, "user", "bob");
        respond()
    });
    let headers = all(response.headers(), &SET_COOKIE);
    assert_eq!((headers.len(), headers[0]), (2, "theme=dark"));
    assert_eq!(user_of(&response).as_deref(), Some("bob"));
    assert!(!format!("{response:?}").contains("sessionid="));
}

#[test]
fn a_response_for_shared_caches_carries_no_unchanged_session() {
    for value in ["public, max-age=60", "s-maxage=3600"] {
        let respond = || {
            let response = Response::builder().header("cache-control", value);
            response.body(()).expect("a response")
        };
        for layer in eager() {
            let response = send(&layer, &alice(), |session| {
                user(session);
                respond()
            });
            assert!(!response.headers().contains_key(SET_COOKIE));
            assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
        }
        let response = send(&layer(), &alice(), |session| {
            insert(session, "user", "bob");
            respond()
        });
        assert_eq!(user_of(&response).as_deref(), Some("bob"));
    }
}

/// The browser's copy of an unchanged session is still good: no reason for a 500.
#[test]
fn an_unchanged_session_that_cannot_be_written_is_no_error() {
    // Another program compressed the session, and this layer does not; and an expiry that reading ignores.
    let long = common::session([("user", "alice"), ("pad", &"x".repeat(5000))]);
    let compressed = codec().encode(&long, NOW - 60).expect("encodes");
    let odd = common::signed(r#"{"user":"alice","_session_expiry":true}"#, NOW - 60);
    for (codec, value) in [
        (codec().with_compression(Compression::Never), compressed),
        (codec().ignore_session_expiry(), odd),
    ] {
        for settings in [
            SessionSettings::default().with_save_every_request(true),
            SessionSettings::default().with_renewal_after(Duration::from_secs(10)),
        ] {
            let sessions = SessionMiddleware::new(codec.clone())
                .with_settings(settings)
                .expect("one age");
            let layer = SessionLayer::new(sessions).with_clock(|| NOW);
            let cookie = format!("sessionid={value}");
            let response = send(&layer, &cookie, |session| Response::new(user(session)));
            assert_eq!(response.status(), 200);
            assert_eq!(response.body().as_deref(), Some("alice"));
            assert!(!response.headers().contains_key(SET_COOKIE));
            let events = Log::take();
            let [line] = &events[..] else {
                panic!("one event: {events:?}");
            };
            assert!(line.starts_with("WARN hardtack: "), "{line}");
            assert!(line.contains("was not sent again"), "{line}");
        }
    }
}

#[test]
fn an_expiry_in_the_past_ends_the_session() {
    let end = hardtack::Expiry::At((NOW - 60).into());
    let response = answer(&alice(), |session| {
        session
            .write(|session| session.set_expiry(end))
            .expect("an instant");
    });
    assert!(all(response.headers(), &SET_COOKIE)[0].starts_with("sessionid=; "));
    assert_eq!(response.status(), 200);
    assert_eq!(Log::take(), [""; 0]);
}

/// The session that the handler left is saved.
#[test]
fn an_assigned_session_is_saved_or_deleted() {
    let end = |work: fn(&mut Session)| {
        let response = answer(&alice(), move |session| session.write(work));
        assert_eq!(all(response.headers(), &VARY), ["Cookie"]);
        let [header] = all(response.headers(), &SET_COOKIE)[..] else {
            panic!("one cookie");
        };
        assert!(header.starts_with("sessionid=; "), "{header}");
    };
    end(|session| *session = Session::new());
    end(|session| drop(std::mem::take(session)));
    end(|session| {
        let mut other = Session::new();
        std::mem::swap(session, &mut other);
    });
    let response = answer(&alice(), |session| {
        session.write(|session| *session = common::session([("user", "bob")]));
    });
    assert_eq!(sent(&response).to_json(), r#"{"user":"bob"}"#);
}

/// If a stale cookie of another path came last and won, signing in would loop.
#[test]
fn the_youngest_cookie_counts() {
    let stale = codec()
        .encode(&common::session([("user", "stale")]), NOW - 3600)
        .expect("encodes");
    for cookie in [
        format!("{}; sessionid={stale}", alice()),
        format!("sessionid={stale}; {}", alice()),
    ] {
        let response = send(&layer(), &cookie, |session| Response::new(user(session)));
        assert_eq!(response.body().as_deref(), Some("alice"));
    }
}

#[test]
fn max_age_is_the_codecs() {
    let codec = codec().with_max_age(Duration::from_secs(60));
    let layer = SessionLayer::new(SessionMiddleware::new(codec)).with_clock(|| NOW);
    let response = send(&layer, "", |session| {
        insert(session, "user", "alice");
        Response::new(())
    });
    let header = all(response.headers(), &SET_COOKIE)[0];
    assert!(header.contains("; Max-Age=60; "), "{header}");
}
