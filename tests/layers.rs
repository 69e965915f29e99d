//! Several layers around one handler, with the same cookie name and with different ones.

#![cfg(feature = "tower")]

mod common;

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use hardtack::tower::{PendingSession, SessionLayer, Unsent};
use hardtack::{
    Compression, Error, KeyRing, MaxAge, Session, SessionCodec, SessionHandle, SessionMiddleware,
    SessionSettings, SetCookie, Timestamp, cookie,
};
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response};
use time::UtcOffset;
use tower::{Layer, Service, ServiceExt, service_fn};

use common::{KEY, NOW, OTHER_KEY, codec, key, ring};

fn sessions() -> SessionMiddleware {
    SessionMiddleware::new(codec())
}

fn named(name: &str) -> SessionSettings {
    SessionSettings::default()
        .with_cookie(SetCookie::new(name))
        .expect("a name")
}

fn layer(sessions: SessionMiddleware) -> SessionLayer {
    SessionLayer::new(sessions).with_clock(|| NOW)
}

fn pair(name: &str, json: &str) -> String {
    let session = Session::from_json(json).expect("a session");
    let value = codec().encode(&session, NOW - 60).expect("encodes");
    format!("{name}={value}")
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn pending(request: &Request<()>) -> PendingSession {
    let pending: Option<&PendingSession> = request.extensions().get();
    pending.expect("the layer put it there").clone()
}

async fn load(request: &Request<()>) -> SessionHandle {
    pending(request).load().await.expect("one session")
}

/// Returns the service's response to a request with these cookies.
fn send<S, B>(service: S, cookies: &str) -> Response<B>
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
{
    let request = Request::builder().header(COOKIE, cookies).body(());
    let Ok(response) = run(service.oneshot(request.expect("a request")));
    response
}

/// Returns what the browser keeps under each name after this response: the session's JSON, or `deleted`. Each name must
/// have at most one `Set-Cookie`.
fn kept<B>(response: &Response<B>) -> Vec<(String, String)> {
    let headers = response.headers().get_all(SET_COOKIE).iter();
    let kept: Vec<(String, String)> = headers
        .map(|header| {
            let header = header.to_str().expect("text");
            let pair = header.split(';').next().expect("a pair");
            let (name, _) = pair.split_once('=').expect("a name");
            let value = cookie::find(name, [pair]).next().expect("a value");
            let json = match &*value {
                "" => "deleted".to_owned(),
                value => codec().decode(value, NOW).expect("our own").to_json(),
            };
            (name.to_owned(), json)
        })
        .collect();
    for (name, _) in &kept {
        let count = kept.iter().filter(|(other, _)| other == name).count();
        assert_eq!(count, 1, "{kept:?}");
    }
    kept
}

fn json(of: &str, json: &str) -> Vec<(String, String)> {
    vec![(of.to_owned(), json.to_owned())]
}

/// Wraps a service in one that reads the session first, as a guard between two layers does.
fn guarded<S>(inner: S) -> impl Service<Request<()>, Response = Response<()>, Error = Infallible>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible> + Clone,
{
    service_fn(move |request: Request<()>| {
        let inner = inner.clone();
        async move {
            let session = load(&request).await;
            session.get::<u32>("_auth_user_id").expect("a number");
            inner.oneshot(request).await
        }
    })
}

/// The layer is around the router and around a nested router: there is one session, and one answer.
#[test]
fn two_layers_of_one_name_have_one_session() {
    let settings = SessionSettings::default;
    let rotated = KeyRing::new(key(KEY)).with_fallback(key(OTHER_KEY));
    for sessions in [
        sessions(),
        sessions()
            .with_settings(settings().with_save_every_request(true))
            .expect("one age"),
        sessions()
            .with_settings(settings().with_renewal_after(Duration::from_secs(1)))
            .expect("one age"),
        SessionMiddleware::new(SessionCodec::new(rotated)),
    ] {
        let cookies = pair("sessionid", r#"{"_auth_user_id":7}"#);
        let through = |work: fn(&SessionHandle)| {
            let handler = service_fn(move |request: Request<()>| async move {
                work(&load(&request).await);
                Ok::<_, Infallible>(Response::new(()))
            });
            // Two layers that were created independently.
            let inner = layer(sessions.clone()).layer(handler);
            let response = send(layer(sessions.clone()).layer(guarded(inner)), &cookies);
            kept(&response)
        };
        let flushed = through(SessionHandle::flush);
        assert_eq!(flushed, json("sessionid", "deleted"));
        let changed = through(|session| session.insert("k", 2).expect("JSON"));
        assert_eq!(changed, json("sessionid", r#"{"_auth_user_id":7,"k":2}"#));
    }
}

#[test]
fn the_inner_layer_sees_changes_of_the_outer_one() {
    let handler = service_fn(async |request: Request<()>| {
        let session = load(&request).await;
        let seen: Option<u32> = session.get("outer").expect("a number");
        session.insert("inner", seen).expect("JSON");
        Ok::<_, Infallible>(Response::new(()))
    });
    let shared = layer(sessions());
    let inner = shared.layer(handler);
    let between = service_fn(move |request: Request<()>| {
        let inner = inner.clone();
        async move {
            let session = load(&request).await;
            session.insert("outer", 1).expect("JSON");
            let response = inner.oneshot(request).await;
            // And vice versa.
            assert_eq!(session.get("inner"), Ok(Some(1)));
            response
        }
    });
    let response = send(shared.layer(between), "");
    assert_eq!(
        kept(&response),
        json("sessionid", r#"{"outer":1,"inner":1}"#)
    );
}

/// Returns the offset in a zone with summer time: one hour more in every other half-year.
fn summer(instant: Timestamp) -> UtcOffset {
    let half_years = instant.as_unix_seconds().div_euclid(182 * 86_400);
    let hours = i8::try_from(half_years.rem_euclid(2)).expect("0 or 1");
    UtcOffset::from_hms(hours, 0, 0).expect("an offset")
}

/// The same zone, after its summer time is abolished in 2040.
fn no_summer_since_2040(instant: Timestamp) -> UtcOffset {
    if instant < Timestamp::from(2_208_988_800) {
        summer(instant)
    } else {
        UtcOffset::UTC
    }
}

/// It would be unclear which of the two settings applies.
#[test]
fn two_layers_of_one_name_and_other_settings_conflict() {
    let other_ring = || KeyRing::new(key(OTHER_KEY));
    let settings = SessionSettings::default;
    let like = |codec| SessionMiddleware::new(codec);
    let others = [
        like(SessionCodec::new(other_ring())),
        like(SessionCodec::new(ring().with_fallback(key(OTHER_KEY)))),
        like(SessionCodec::new(other_ring().with_fallback(key(KEY)))),
        like(codec().with_salt("another")),
        like(codec().with_max_age(MaxAge::NoLimit)),
        like(codec().with_max_length(1000)),
        like(codec().with_max_json_length(1000)),
        like(codec().with_max_future(Duration::from_secs(60))),
        like(codec().with_compression(Compression::Never)),
        like(codec().refuse_issued_before(NOW)),
        like(codec().ignore_session_expiry()),
        like(codec().with_site_time_zone(|_| UtcOffset::UTC)),
        like(codec().with_site_time_zone(summer)),
        like(codec().with_site_time_zone(no_summer_since_2040)),
        sessions()
            .with_settings(settings().with_save_every_request(true))
            .expect("one age"),
        sessions()
            .with_settings(settings().with_expire_at_browser_close(true))
            .expect("one age"),
        sessions()
            .with_settings(settings().with_renewal_after(Duration::from_secs(1)))
            .expect("one age"),
        sessions()
            .with_settings(
                settings()
                    .with_cookie(SetCookie::new("sessionid").with_path("/app"))
                    .expect("a path"),
            )
            .expect("one age"),
    ];
    let cookies = pair("sessionid", r#"{"_auth_user_id":7}"#);
    let through = |outer: &SessionMiddleware, inner: &SessionMiddleware| {
        let handler = service_fn(async |request: Request<()>| {
            Ok::<_, Infallible>(Response::new(pending(&request).load().await.err()))
        });
        let inner = layer(inner.clone()).with_error_handler(
            |unsent: Unsent, response: Response<Option<Error>>| {
                assert_eq!(
                    (unsent.error, unsent.report),
                    (Error::ConflictingLayers, None)
                );
                // No handler got a session.
                assert_eq!(response.body(), &Some(Error::ConflictingLayers));
                Response::builder().status(507).body(None).expect("one")
            },
        );
        let response = send(layer(outer.clone()).layer(inner.layer(handler)), &cookies);
        let status = response.status().as_u16();
        assert!(status == 200 || !response.headers().contains_key(SET_COOKIE));
        status
    };
    for other in &others {
        assert_eq!(through(&sessions(), other), 507);
        assert_eq!(through(other, &sessions()), 507);
        // It agrees with itself, and with a copy that is created from the same parts.
        assert_eq!(through(other, &other.clone()), 200);
    }
    for (one, other) in (0..others.len()).flat_map(|one| (0..one).map(move |other| (one, other))) {
        assert_eq!(through(&others[one], &others[other]), 507);
    }
    // Created twice from the same parts.
    let twice = |make: fn() -> SessionMiddleware| through(&make(), &make());
    assert_eq!(twice(sessions), 200);
    assert_eq!(
        twice(|| SessionMiddleware::new(codec().with_site_time_zone(summer))),
        200
    );
    // The default is a bare 500, whether or not the handler asks for a session.
    let handler = service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(String::from("a page")))
    });
    let inner = layer(others[0].clone()).layer(handler);
    let response = send(layer(sessions()).layer(inner), &cookies);
    assert_eq!(
        (response.status().as_u16(), response.body().as_str()),
        (500, "")
    );
}

/// The name of a cookie is not signed, so only a salt keeps two sessions of one site apart.
#[test]
fn a_cookie_under_another_name_is_refused_only_under_a_salt_of_its_own() {
    let session_of = |codec: SessionCodec| {
        let admin = SessionMiddleware::new(codec).with_settings(named("admin"));
        let cookie = pair("admin", r#"{"of":"site"}"#);
        let handler = service_fn(async |request: Request<()>| {
            let of: Option<String> = load(&request).await.get("of").expect("a string");
            Ok::<_, Infallible>(Response::new(of))
        });
        send(layer(admin.expect("one age")).layer(handler), &cookie).into_body()
    };
    assert_eq!(session_of(codec()), Some("site".to_owned()));
    assert_eq!(session_of(codec().with_salt("admin")), None);
}

/// The site's session and the admin's: the innermost is the default, and the other is found by its cookie's name.
#[test]
fn two_sessions_on_one_request() {
    let cookies = [
        pair("site", r#"{"of":"site"}"#),
        pair("admin", r#"{"of":"admin"}"#),
    ]
    .join("; ");
    let handler = service_fn(async |request: Request<()>| {
        let pending = pending(&request);
        let admin = pending.load().await.expect("the innermost");
        let site = pending.named("site").expect("the outer one");
        let site = site.load().await.expect("the outer one");
        assert_eq!(admin.get("of"), Ok(Some("admin".to_owned())));
        assert_eq!(site.get("of"), Ok(Some("site".to_owned())));
        assert!(pending.named("admin").is_some());
        assert!(pending.named("sessionid").is_none());
        admin.flush();
        site.insert("k", 1).expect("JSON");
        Ok::<_, Infallible>(Response::new(()))
    });
    let (site, admin) = (
        layer(sessions().with_settings(named("site")).expect("one age")),
        layer(
            SessionMiddleware::new(codec())
                .with_settings(named("admin").with_age(Duration::from_secs(3600)))
                .expect("one age"),
        ),
    );
    let response = send(site.layer(admin.layer(handler)), &cookies);
    let mut kept = kept(&response);
    kept.sort();
    let expected = [
        json("admin", "deleted"),
        json("site", r#"{"of":"site","k":1}"#),
    ];
    assert_eq!(kept, expected.concat());
    assert_eq!(response.headers()["vary"], "Cookie");

    // A session that no handler asks for is not loaded, and adds no headers.
    let handler = service_fn(async |request: Request<()>| {
        load(&request).await.flush();
        Ok::<_, Infallible>(Response::new(()))
    });
    let response = send(site.layer(admin.layer(handler)), &cookies);
    assert_eq!(self::kept(&response), json("admin", "deleted"));
}

/// Site, admin, site: the innermost layer shares the session of the outermost, and the one between them still has its
/// own.
#[test]
fn layers_of_one_name_share_a_session_across_another_layer() {
    let handler = service_fn(async |request: Request<()>| {
        let pending = pending(&request);
        let site = pending.load().await.expect("the site's");
        site.insert("k", 1).expect("JSON");
        let admin = pending.named("admin").expect("the one between");
        let admin = admin.load().await.expect("the admin's");
        admin.insert("k", 2).expect("JSON");
        Ok::<_, Infallible>(Response::new(()))
    });
    let (site, admin) = (
        layer(sessions().with_settings(named("site")).expect("one age")),
        layer(sessions().with_settings(named("admin")).expect("one age")),
    );
    let response = send(site.layer(admin.layer(site.layer(handler))), "");
    let mut kept = kept(&response);
    kept.sort();
    let expected = [json("admin", r#"{"k":2}"#), json("site", r#"{"k":1}"#)];
    assert_eq!(kept, expected.concat());
}

/// Each layer replaces the `Set-Cookie` header of its own cookie and no other.
#[test]
fn two_sessions_over_the_handlers_own_cookies() {
    let of_handler = [
        "theme=dark",
        "admin=x; Path=/",
        "site=x; Path=/",
        "site=x; Path=/app",
        "other=1",
    ];
    let works: [fn(&SessionHandle); 3] = [
        |session| _ = session.get::<u8>("of").is_err(),
        |session| session.insert("k", 1).expect("JSON"),
        SessionHandle::flush,
    ];
    let cookies = [pair("site", r#"{"a":1}"#), pair("admin", r#"{"a":2}"#)].join("; ");
    for (of_site, of_admin) in (0..3).flat_map(|site| (0..3).map(move |admin| (site, admin))) {
        let handler = service_fn(move |request: Request<()>| async move {
            let pending = pending(&request);
            works[of_admin](&pending.load().await.expect("the innermost"));
            let site = pending.named("site").expect("the outer one");
            works[of_site](&site.load().await.expect("the outer one"));
            let mut response = Response::builder();
            for header in of_handler {
                response = response.header(SET_COOKIE, header);
            }
            Ok::<_, Infallible>(response.body(()).expect("a response"))
        });
        let (site, admin) = (
            layer(
                sessions()
                    .with_settings(named("site").with_save_every_request(true))
                    .expect("one age"),
            ),
            layer(
                sessions()
                    .with_settings(named("admin").with_save_every_request(true))
                    .expect("one age"),
            ),
        );
        let response = send(site.layer(admin.layer(handler)), &cookies);
        let headers = response.headers().get_all(SET_COOKIE).iter();
        let headers: Vec<&str> = headers.map(|it| it.to_str().expect("text")).collect();
        assert_eq!(headers.len(), of_handler.len(), "{headers:?}");
        for (at, header) in of_handler.into_iter().enumerate() {
            let is_replaced = at == 1 && of_admin > 0 || at == 2 && of_site > 0;
            assert_ne!(headers.contains(&header), is_replaced, "{headers:?}");
        }
        for (name, work) in [("site=", of_site), ("admin=", of_admin)] {
            let mut own = headers.iter().filter(|it| it.starts_with(name));
            let is_deleted = own.clone().any(|it| it.contains("; Max-Age=0; "));
            assert_eq!(is_deleted, work == 2, "{headers:?}");
            assert_eq!(own.any(|it| it.contains("; Max-Age=1209600; ")), work == 1);
        }
    }
}

/// Each layer saves the session that the handler left in it.
#[test]
fn two_sessions_that_were_swapped() {
    let cookies = [
        pair("site", r#"{"of":"site"}"#),
        pair("admin", r#"{"of":"admin"}"#),
    ]
    .join("; ");
    let handler = service_fn(async |request: Request<()>| {
        let pending = pending(&request);
        let admin = pending.load().await.expect("the innermost");
        let site = pending.named("site").expect("the outer one");
        let site = site.load().await.expect("the outer one");
        admin.write(|admin| site.write(|site| std::mem::swap(admin, site)));
        Ok::<_, Infallible>(Response::new(()))
    });
    let (site, admin) = (
        layer(sessions().with_settings(named("site")).expect("one age")),
        layer(sessions().with_settings(named("admin")).expect("one age")),
    );
    let response = send(site.layer(admin.layer(handler)), &cookies);
    let mut kept = kept(&response);
    kept.sort();
    let expected = [
        json("admin", r#"{"of":"site"}"#),
        json("site", r#"{"of":"admin"}"#),
    ];
    assert_eq!(kept, expected.concat());
}
