//! Tests that a browser cannot do: a session that lasts days, the second at which it ends, and hostile requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use hardtack::{SecretKey, Timestamp};
use http_body_util::channel::Channel;
use login::Shared;
use tower::ServiceExt;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// The application, and a clock that the tests set.
struct Shop {
    app: Router,
    now: Arc<AtomicI64>,
}

impl Shop {
    fn open() -> Self {
        Self::open_shared(Shared::default())
    }

    fn open_shared(shared: Shared) -> Self {
        let now = Arc::new(AtomicI64::new(1_700_000_000));
        let clock = Arc::clone(&now);
        let app = login::app(shared, move || {
            Timestamp::from(clock.load(Ordering::Relaxed))
        });
        Self {
            app: app.expect("accounts and random bytes"),
            now,
        }
    }

    fn wait(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let Ok(response) = self.app.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).expect("text"),
        }
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// A browser that only keeps the session's cookie, and the good one while there is a forged one.
struct Browser<'a> {
    shop: &'a Shop,
    cookie: String,
    kept: String,
}

impl<'a> Browser<'a> {
    fn new(shop: &'a Shop) -> Self {
        Self {
            shop,
            cookie: String::new(),
            kept: String::new(),
        }
    }

    async fn send(&mut self, method: Method, path: &str, form: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(COOKIE, format!("{}; {}", self.cookie, self.kept))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let answer = self.shop.send(request).await;
        for header in answer.headers.get_all(SET_COOKIE) {
            let header = header.to_str().expect("text");
            let pair = header.split(';').next().expect("a pair");
            let is_kept = pair.starts_with("kept=");
            pair.clone_into(if is_kept {
                &mut self.kept
            } else {
                &mut self.cookie
            });
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, form).await
    }

    async fn sign_up(&mut self, rest: &str) {
        let form = format!("name=zoe&password=salt+pork+and+rum{rest}");
        let answer = self.post("/sign-up", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    async fn sign_in(&mut self) {
        let form = "name=zoe&password=salt+pork+and+rum";
        let answer = self.post("/sign-in", form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    /// Saves the longest note that fits into the cookie, of letters and digits that zlib cannot make much shorter.
    async fn fill_the_cookie(&mut self) {
        let mut state = 1_u64;
        let noise: String = std::iter::repeat_with(|| {
            state = state * 48_271 % 2_147_483_647;
            char::from_digit((state % 36) as u32, 36).expect("a digit")
        })
        .take(5000)
        .collect();
        let (mut fits, mut too_long) = (0, noise.len());
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            let note = format!("note={}", &noise[..middle]);
            match self.post("/note", &note).await.status {
                StatusCode::SEE_OTHER => fits = middle,
                status => {
                    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
                    too_long = middle;
                }
            }
        }
        assert!((4093..=4096).contains(&(self.cookie.len() - "=".len())));
    }

    async fn is_signed_in(&mut self) -> bool {
        self.get("/").await.body.contains("Signed in as")
    }
}

#[tokio::test]
async fn a_session_ends_at_its_instant_however_often_it_is_saved() {
    for (rest, age) in [("", 12 * HOUR), ("&remember=on", 14 * DAY)] {
        let shop = Shop::open();
        let mut browser = Browser::new(&shop);
        browser.sign_up(rest).await;
        shop.wait(age / 2);
        browser.post("/cart/add", "article=limes").await;
        shop.wait(age / 2);
        assert!(browser.is_signed_in().await);
        shop.wait(1);
        assert!(!browser.is_signed_in().await, "{rest}");
        assert_eq!(browser.cookie, "login=", "an expired cookie is deleted");
    }
}

#[tokio::test]
async fn sign_out_everywhere_to_the_second() {
    let shop = Shop::open();
    let mut here = Browser::new(&shop);
    here.sign_up("").await;
    let mut before = Browser::new(&shop);
    before.sign_in().await;
    shop.wait(1);
    let mut same_second = Browser::new(&shop);
    same_second.sign_in().await;
    here.post("/sign-out-everywhere", "").await;
    assert!(!here.is_signed_in().await);

    // A cookie of the same second is refused as well: it may be a thief's.
    let copies = [before.cookie, same_second.cookie];
    for wait in [0, 1, HOUR] {
        shop.wait(wait);
        for copy in &copies {
            let mut thief = Browser::new(&shop);
            thief.cookie.clone_from(copy);
            assert!(!thief.is_signed_in().await, "{wait} s later");
            assert_eq!(thief.cookie, "login=");
        }
    }
    here.sign_in().await;
    assert!(here.is_signed_in().await);
}

/// The cookie is stamped when the response is made, after the sign-out, but the login in it is from before.
#[tokio::test]
async fn a_request_that_is_under_way_does_not_outlive_it() {
    let shop = Shop::open();
    let mut here = Browser::new(&shop);
    here.sign_up("").await;

    let (mut rest, body) = Channel::<Bytes>::new(1);
    let thief = Request::post("/cart/add")
        .header(COOKIE, &here.cookie)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::new(body))
        .expect("a request");
    let sign_out = async {
        here.post("/sign-out-everywhere", "").await;
        shop.wait(60);
        rest.send_data("article=rope".into())
            .await
            .expect("the server reads");
        drop(rest);
    };
    let (answer, ()) = tokio::join!(shop.send(thief), sign_out);

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let header = answer.headers[SET_COOKIE].to_str().expect("text");
    let mut thief = Browser::new(&shop);
    thief.cookie = header.split(';').next().expect("a pair").to_owned();
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_planted_cookie_does_not_become_a_login() {
    let shop = Shop::open();
    let mut thief = Browser::new(&shop);
    thief.post("/cart/add", "article=rope").await;
    let mut victim = Browser::new(&shop);
    victim.cookie.clone_from(&thief.cookie);
    victim.sign_up("").await;
    assert!(victim.is_signed_in().await);
    assert_ne!(victim.cookie, thief.cookie);
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_login_survives_rotations_while_its_user_comes_back() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("&remember=on").await;
    for _ in 0..10 {
        browser.post("/keys/rotate", "").await;
        assert!(browser.is_signed_in().await);
    }
    // A user who stays away for as many rotations as there are fallbacks is still signed in, but not after one more.
    let mut away = Browser::new(&shop);
    away.sign_in().await;
    let old = away.cookie.clone();
    for (rotations, is_known) in [(3, true), (1, false)] {
        for _ in 0..rotations {
            browser.post("/keys/rotate", "").await;
            assert!(browser.is_signed_in().await);
        }
        away.cookie.clone_from(&old);
        assert_eq!(away.is_signed_in().await, is_known);
    }
}

#[tokio::test]
async fn programs_with_the_same_keys_and_accounts_serve_one_site() {
    let accounts = std::env::temp_dir().join(format!("login-{}.sqlite", std::process::id()));
    let secret = |text: &str| SecretKey::new(text).expect("a key");
    let old = secret("the first key of this test, which is long enough");
    let new = secret("the next key of this test, which is long enough");
    // The key is being rotated: one program has the next step already.
    let [one, other] = [[&old, &new], [&new, &old]].map(|keys| {
        Shop::open_shared(Shared {
            keys: keys.map(Clone::clone).to_vec(),
            accounts: Some(accounts.clone()),
        })
    });
    let mut here = Browser::new(&one);
    here.sign_up("").await;
    here.get("/").await;
    let mut there = Browser::new(&other);
    there.cookie.clone_from(&here.cookie);
    assert!(there.is_signed_in().await);
    assert_ne!(there.cookie, here.cookie, "the login has the other key now");
    here.cookie.clone_from(&there.cookie);
    assert!(here.is_signed_in().await);

    here.post("/keys/rotate", "").await;
    let page = here.get("/").await.body;
    assert!(page.contains("The keys were not rotated"), "{page}");
    assert!(page.contains("key 2 <small>signs") && !page.contains("Rotate the keys"));

    there.post("/sign-out-everywhere", "").await;
    assert!(!here.is_signed_in().await);
    here.sign_in().await;
    assert!(here.is_signed_in().await);
    std::fs::remove_file(accounts).expect("the file");
}

#[tokio::test]
async fn rotation_needs_a_login() {
    let shop = Shop::open();
    let mut anonymous = Browser::new(&shop);
    let answer = anonymous.post("/keys/rotate", "").await;
    assert_eq!(answer.headers[LOCATION], "/sign-in");
    assert!(anonymous.get("/").await.body.contains("key 1 "));
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let shop = Shop::open();
    let post = |headers: &[(&str, &str)]| {
        let mut request = Request::post("/cart/add")
            .header(HOST, "shop.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        request
            .body(Body::from("article=limes"))
            .expect("a request")
    };
    let origin = ORIGIN.as_str();
    for (headers, is_own) in [
        (vec![], true), // no browser
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "")], false),
        (vec![(origin, "https://shop.example")], true),
        (vec![(origin, "https://shop.example.evil.example")], false),
        (vec![(origin, "https://shop.example:8443")], false),
        (vec![(origin, "null")], false),
        // The newer header takes precedence.
        (
            vec![(origin, "null"), ("sec-fetch-site", "same-origin")],
            true,
        ),
    ] {
        let answer = shop.send(post(&headers)).await;
        let status = if is_own {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(answer.headers.contains_key(SET_COOKIE), is_own);
    }
}

#[tokio::test]
async fn every_response_has_a_policy() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    for (path, caches) in [
        ("/", "no-store"),
        ("/sign-in", "no-store"),
        ("/sign-up", "no-store"),
        ("/nowhere", "no-store"),
        ("/style.css", "no-cache"),
    ] {
        let answer = browser.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str();
        assert!(policy.is_ok_and(|policy| policy.starts_with("default-src 'none';")));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], caches, "{path}");
        assert!(!answer.body.contains("<script") && !answer.body.contains("style="));
    }
}

#[tokio::test]
async fn requests_that_no_page_sends() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    for (path, form, status) in [
        ("/cart/add", "article=gold", StatusCode::NOT_FOUND),
        ("/cart/remove", "article=gold", StatusCode::NOT_FOUND),
        ("/cart/remove", "article=limes", StatusCode::SEE_OTHER),
        ("/cart/add", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("/sign-in", "name=zoe", StatusCode::UNPROCESSABLE_ENTITY),
        ("/sign-out-everywhere", "", StatusCode::SEE_OTHER),
        (
            "/password",
            "current=salt+pork&password=lime+juice",
            StatusCode::SEE_OTHER,
        ),
        ("/", "", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = browser.post(path, form).await;
        assert_eq!(answer.status, status, "{path} {form}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{path} {form}");
    }
    for path in ["/sign-out", "/cart/add", "/note", "/keys/rotate"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    let long = format!("note={}", "x".repeat(3_000_000));
    let answer = browser.post("/note", &long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_page_that_needs_an_account_is_come_back_to() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    let answer = browser.get("/password?from=menu").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.headers[LOCATION],
        "/sign-in?next=/password%3Ffrom%3Dmenu"
    );
    let form = browser.get("/sign-in?next=/password%3Ffrom%3Dmenu").await;
    assert!(
        form.body
            .contains(r#"name="next" value="/password?from=menu""#)
    );
    browser.sign_up("").await;
    for (next, to) in [
        ("/password?from=menu", "/password?from=menu"),
        ("", "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
    ] {
        let query: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let form = format!("name=zoe&password=salt+pork+and+rum&next={query}");
        let answer = browser.post("/sign-in", &form).await;
        assert_eq!(answer.headers[LOCATION], to, "{next}");
        let page = browser.get(&format!("/sign-in?next={query}")).await.body;
        assert_eq!(page.contains(r#"name="next""#), to != "/", "{next}");
    }
}

#[tokio::test]
async fn a_notice_is_shown_once() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("").await;
    assert!(browser.get("/").await.body.contains("Welcome aboard"));
    assert!(!browser.get("/").await.body.contains("Welcome aboard"));
    browser.post("/sign-out", "").await;
    assert!(browser.get("/").await.body.contains("You are signed out"));
    assert_eq!(browser.cookie, "login=", "nothing is left in it");
}

#[tokio::test]
async fn a_notice_that_does_not_fit_is_left_out() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("").await;
    browser.get("/").await;
    browser.fill_the_cookie().await;
    let answer = browser.post("/keys/rotate", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get("/").await.body;
    assert!(page.contains("key 2 <small>signs"));
    assert!(!page.contains("Key 2 signs from now on"));
}

#[tokio::test]
async fn a_rotation_says_which_keys_are_left() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("").await;
    for notice in [
        "Key 2 signs from now on. Key 1 still verifies.",
        "Key 3 signs from now on. Keys 1 to 2 still verify.",
        "Key 4 signs from now on. Keys 1 to 3 still verify.",
        "Key 5 signs from now on. Keys 2 to 4 still verify. Key 1 is retired: cookies that it signed are refused.",
    ] {
        browser.post("/keys/rotate", "").await;
        let page = browser.get("/").await.body;
        assert!(
            page.contains(&format!(r#"role="status">{notice}</p>"#)),
            "{page}"
        );
    }
}

/// Returns the `Set-Cookie` header of a response with this name.
fn set_cookie<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let headers = answer.headers.get_all(SET_COOKIE);
    let mut headers = headers.iter().map(|header| header.to_str().expect("text"));
    headers
        .find(|header| header.starts_with(&format!("{name}=")))
        .unwrap_or_else(|| panic!("no cookie {name}"))
}

#[tokio::test]
async fn forged_cookies_are_refused_and_the_good_one_comes_back() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("&remember=on").await;
    browser.get("/").await;
    shop.wait(DAY);
    let good = browser.cookie.clone();
    for (how, reason) in [
        ("letter", "The signature does not match"),
        ("age", "more than two weeks old"),
        ("stranger", "The signature does not match"),
    ] {
        let answer = browser.post("/cookie/forge", &format!("how={how}")).await;
        assert_eq!(answer.headers[LOCATION], "/#cookie");
        assert!(set_cookie(&answer, "kept").contains("; HttpOnly"), "{how}");
        assert!(set_cookie(&answer, "kept").contains("; Max-Age=1209600;"));
        assert_ne!(browser.cookie, good);

        let page = browser.get("/").await.body;
        assert!(page.contains(reason), "{how}: {page}");
        assert!(page.contains("Your cookie was refused, so"), "{how}");
        assert_eq!(page.contains("<mark>"), how == "letter");
        assert!(!page.contains("Signed in as"));
        assert_eq!(browser.cookie, "login=", "a refused cookie is deleted");

        // The way back stays until it is taken, whatever else happens.
        browser.post("/cart/add", "article=limes").await;
        assert!(browser.get("/").await.body.contains("Put my cookie back"));
        browser.post("/cookie/forge", "how=stranger").await;
        assert!(browser.get("/").await.body.contains("Put my cookie back"));

        let answer = browser.post("/cookie/restore", "").await;
        assert!(set_cookie(&answer, "kept").starts_with("kept=;"));
        let rest = 13 * DAY;
        let age = format!("; Max-Age={rest};");
        assert!(set_cookie(&answer, "login").contains(&age), "remembered");
        let page = browser.get("/").await.body;
        assert!(page.contains("Your cookie is back"));
        assert!(page.contains("Signed in as") && !page.contains("Put my cookie back"));
        assert!(page.contains("Nothing in it yet."), "the cart of before");
    }
}

#[tokio::test]
async fn without_a_good_cookie_there_is_nothing_to_forge_or_to_put_back() {
    let shop = Shop::open();
    for (cookie, kept) in [("", ""), ("login=forged", ""), ("", "kept=forged")] {
        let mut browser = Browser::new(&shop);
        (browser.cookie, browser.kept) = (cookie.into(), kept.into());
        let answer = browser.post("/cookie/forge", "how=age").await;
        assert!(!answer.headers.contains_key(SET_COOKIE), "{cookie}{kept}");
        let page = browser.get("/").await.body;
        assert!(!page.contains("Put my cookie back"), "{cookie}{kept}");
        assert!(!page.contains("Change one letter"), "{cookie}{kept}");
        let answer = browser.post("/cookie/restore", "").await;
        assert!(set_cookie(&answer, "kept").starts_with("kept=;"));
        let page = browser.get("/").await.body;
        assert!(page.contains("it was not put back"), "{cookie}{kept}");
    }
}

#[tokio::test]
async fn a_full_cookie_can_be_forged_and_put_back() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.fill_the_cookie().await;
    let good = browser.cookie.clone();
    for how in ["letter", "age", "stranger"] {
        let answer = browser.post("/cookie/forge", &format!("how={how}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{how}");
        assert_ne!(browser.cookie, good, "{how}");
        let answer = browser.post("/cookie/restore", "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{how}");
        assert_eq!(browser.cookie, good, "{how}");
    }
}

#[tokio::test]
async fn a_kept_cookie_ends_with_a_sign_in_or_a_sign_out() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("").await;
    for path in ["/sign-in", "/sign-out", "/sign-in", "/sign-out-everywhere"] {
        browser.post("/cookie/forge", "how=letter").await;
        // As in a second window, which sends its form while the good cookie is there.
        browser.cookie = browser.kept.replace("kept=", "login=");
        let form = "name=zoe&password=salt+pork+and+rum";
        let answer = browser.post(path, form).await;
        assert!(set_cookie(&answer, "kept").starts_with("kept=;"), "{path}");
    }
}

#[tokio::test]
async fn a_login_that_ended_elsewhere_is_told_at_the_top() {
    let shop = Shop::open();
    let mut here = Browser::new(&shop);
    here.sign_up("").await;
    let mut there = Browser::new(&shop);
    there.sign_in().await;
    there.post("/cart/add", "article=limes").await;
    here.post("/sign-out-everywhere", "").await;
    let page = there.get("/").await.body;
    let (top, panel) = page.split_once(r#"id="cookie""#).expect("a panel");
    assert!(top.contains("You are signed out: since"), "{top}");
    assert!(top.contains("The cart was in the cookie"), "{top}");
    assert!(panel.contains("This response deletes the cookie."));
    assert!(
        !panel.contains("/cookie/forge"),
        "there is nothing to forge"
    );
}

#[tokio::test]
async fn what_happens_to_a_cookie_of_an_older_key_is_said_and_happens() {
    let shop = Shop::open();
    let mut away = Browser::new(&shop);
    away.post("/cart/add", "article=limes").await;
    let mut here = Browser::new(&shop);
    here.sign_up("").await;
    here.post("/keys/rotate", "").await;

    let page = here.get("/").await.body;
    assert!(page.contains("Key 1 only verifies now. This response signs the session with key 2."));
    assert!(!here.get("/").await.body.contains("only verifies now"));

    let cookie = away.cookie.clone();
    let page = away.get("/").await.body;
    assert!(page.contains("The next change of the cart or the note signs the session with key 2."));
    assert_eq!(away.cookie, cookie);
    away.post("/cart/add", "article=limes").await;
    assert!(!away.get("/").await.body.contains("only verifies now"));

    for _ in 0..4 {
        here.post("/keys/rotate", "").await;
    }
    let page = away.get("/").await.body;
    assert!(page.contains("or one that this shop has retired"), "{page}");
}

#[tokio::test]
async fn errors_are_pages() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    for (path, status) in [
        ("/nowhere", StatusCode::NOT_FOUND),
        ("/sign-out", StatusCode::METHOD_NOT_ALLOWED),
        ("/cookie/forge", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains("Back to the shop"), "{path}");
        assert!(answer.body.contains(r#"href="/sign-in""#), "{path}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{path}");
    }
    browser.sign_up("").await;
    let gold = "article=gold";
    for (method, path, form, status, text) in [
        (Method::GET, "/nowhere", "", 404, "no page at this address"),
        (
            Method::POST,
            "/cart/add",
            gold,
            404,
            "not sell that article",
        ),
        (Method::GET, "/cart/add", "", 405, "answers POST only"),
        (Method::POST, "/", "", 405, "answers GET only"),
        (Method::POST, "/style.css", "", 405, "answers GET only"),
        (
            Method::PUT,
            "/sign-in",
            "",
            405,
            "answers GET and POST only",
        ),
    ] {
        let answer = browser.send(method, path, form).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(answer.body.contains(text), "{path}: {}", answer.body);
        assert!(answer.body.contains("Signed in as"), "{path}");
        let allow = answer.headers.get("allow").map(HeaderValue::as_bytes);
        assert_eq!(allow.is_some(), status == 405, "{path}");
    }
}

#[tokio::test]
async fn a_note_that_does_not_fit_is_offered_again() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    browser.sign_up("").await;
    browser.fill_the_cookie().await;
    // It is compressed to almost nothing, but a session's JSON has a limit, too.
    let long = "x".repeat(70_000);
    let answer = browser.post("/note", &format!("note={long}")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("<strong>65536</strong> bytes of JSON"));
    assert!(answer.body.contains(&format!("{long}</textarea>")));
    assert!(answer.body.contains("Signed in as"));

    let mut status = StatusCode::SEE_OTHER;
    for article in ["hardtack", "limes", "lantern", "compass", "rope", "bell"] {
        let form = format!("article={article}");
        let answer = browser.post("/cart/add", &form).await;
        status = answer.status;
        if status != StatusCode::SEE_OTHER {
            assert!(answer.body.contains("Signed in as"));
            assert!(!answer.body.contains("<textarea"));
            assert!(!answer.body.contains("<code>notice</code>"));
            break;
        }
    }
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_cart_has_a_limit() {
    let shop = Shop::open();
    let mut browser = Browser::new(&shop);
    for _ in 0..101 {
        browser.post("/cart/add", "article=limes").await;
    }
    assert!(browser.get("/").await.body.contains("99 ×"));
}
