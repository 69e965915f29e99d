//! The program over HTTP, as a browser uses it.

#[path = "../../../tests/common/program.rs"]
mod program;

use hardtack::{KeyRing, SecretKey, Session, SessionCodec, Timestamp};
use program::{Program, Response};

const KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";

/// A browser, which keeps one cookie.
struct Browser {
    program: Program,
    cookie: Option<String>,
    /// The attributes of the last cookie.
    attributes: String,
}

impl Browser {
    fn start() -> Self {
        let program = Program::start(env!("CARGO_BIN_EXE_axum-example"), &[("SECRET_KEY", KEY)]);
        assert!(program.notices.is_empty());
        Self {
            program,
            cookie: None,
            attributes: String::new(),
        }
    }

    fn ask(&mut self, method: &str, path: &str, form: &str) -> Response {
        let cookies: Vec<String> = self.cookie.iter().cloned().collect();
        let response = self.program.ask(method, path, &cookies, form);
        if let Some(header) = response.headers("set-cookie").next() {
            let (cookie, attributes) = header.split_once("; ").expect("attributes");
            let is_deleted = attributes.contains("Max-Age=0");
            self.cookie = (!is_deleted).then(|| cookie.to_owned());
            attributes.clone_into(&mut self.attributes);
        }
        response
    }

    /// Returns the body of a page.
    #[track_caller]
    fn see(&mut self, path: &str) -> String {
        let response = self.ask("GET", path, "");
        assert_eq!(response.status, 200);
        response.body
    }

    /// Sends a form, and returns the address that the answer redirects to.
    #[track_caller]
    fn post(&mut self, path: &str, form: &str) -> String {
        redirect(&self.ask("POST", path, form))
    }

    fn session(&self) -> Session {
        let cookie = self.cookie.as_deref().expect("a cookie");
        let value = cookie.strip_prefix("sessionid=").expect("its name");
        let keys = KeyRing::new(SecretKey::new(KEY).expect("a good key"));
        let session = SessionCodec::new(keys).decode(value, Timestamp::now());
        session.expect("a session")
    }
}

#[track_caller]
fn redirect(response: &Response) -> String {
    assert_eq!(response.status, 303);
    response.headers("location").collect()
}

#[test]
fn an_anonymous_user_is_sent_to_log_in_and_back() {
    let mut browser = Browser::start();
    let login = redirect(&browser.ask("GET", "/?page=2", ""));
    assert_eq!(login, "/login?next=/%3Fpage%3D2");
    assert_eq!(browser.post("/cart", "item=boots"), "/login");
    assert!(browser.see(&login).contains("<form method=\"post\">"));

    let again = browser.post(&login, "name=ada&password=wrong");
    assert_eq!(again, login);
    let page = browser.see(&again);
    assert!(page.contains("not a user's name and password"), "{page}");
    assert_eq!(browser.post(&login, "name=eve&password=sesame"), login);

    assert_eq!(browser.post(&login, "name=ada&password=sesame"), "/?page=2");
    assert!(browser.see("/?page=2").contains("Hello, ada"));
}

#[test]
fn next_leads_to_no_other_site() {
    let mut browser = Browser::start();
    let login = "/login?next=//evil.example/";
    assert_eq!(browser.post(login, "name=ada&password=sesame"), "/");
}

#[test]
fn a_message_is_shown_once() {
    let mut browser = Browser::start();
    browser.post("/login", "name=ada&password=sesame");
    assert!(browser.see("/").contains("Welcome!"));
    assert!(!browser.see("/").contains("Welcome!"));
}

#[test]
fn remember_me_lasts_a_month_and_otherwise_the_session_ends_after_a_day() {
    let mut browser = Browser::start();
    for (form, age) in [
        ("name=ada&password=sesame&remember=on", "Max-Age=2592000;"),
        ("name=ada&password=sesame", "Max-Age=86400;"),
        ("name=ada&password=sesame&remember=on", "Max-Age=2592000;"),
    ] {
        browser.post("/login", form);
        let attributes = &browser.attributes;
        assert!(attributes.contains(age), "{attributes}");
        assert!(!attributes.contains("Secure"), "{attributes}");
    }
}

#[test]
fn the_cart_is_in_the_session_and_on_the_page_as_text() {
    let mut browser = Browser::start();
    browser.post("/login", "name=ada&password=sesame");
    assert_eq!(browser.post("/cart", "item=boots"), "/");
    assert_eq!(browser.post("/cart", "item=%3Cscript%3E"), "/");
    let cart: Option<Vec<String>> = browser.session().get("cart").expect("a list");
    assert_eq!(cart, Some(vec!["boots".into(), "<script>".into()]));
    assert!(
        browser
            .see("/")
            .contains("<li>boots</li><li>&lt;script&gt;</li>")
    );
}

#[test]
fn logging_out_leaves_only_the_message() {
    let mut browser = Browser::start();
    browser.post("/login", "name=ada&password=sesame");
    browser.post("/cart", "item=boots");
    assert_eq!(browser.post("/logout", ""), "/login");
    assert_eq!(browser.session().to_json(), r#"{"flash":"Goodbye!"}"#);
    assert!(browser.see("/login").contains("Goodbye!"));
    assert!(browser.cookie.is_none());
    assert_eq!(redirect(&browser.ask("GET", "/", "")), "/login?next=/");
}
