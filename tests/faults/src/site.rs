//! What the two sites have in common.

use crate::fleet::Turn;
use crate::model::{Account, Content, Expected, Loaded, Shown};
use crate::random::Random;

/// What a browser asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    View(View),
    Add(&'static str),
    Remove(&'static str),
    Note(String),
    SignUp,
    SignIn {
        is_remembered: bool,
    },
    /// By a program of the site.
    SignOut(View),
    SignOutEverywhere,
    NewPassword(String),
}

/// A page, or a program of a site with two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The page with everything on it. It is hardtack's.
    Shop,
    /// A page for signed-in users.
    Member,
    /// The same session, read by Django.
    Harbour,
}

pub struct Request {
    pub path: String,
    /// The body of a `POST`. Without one it is a `GET`.
    pub form: Option<String>,
    /// Whether Django answers, behind the worker.
    pub is_behind: bool,
}

pub trait Site: Send + Sync + 'static {
    /// The session's cookie.
    const COOKIE: &str;
    /// Other cookies, which are sent with each request.
    const OTHER_COOKIES: &str;

    /// Returns the account number `at`.
    fn account(at: usize) -> Account;

    /// Returns a random wish of a user whose cookie has this content.
    fn wish(content: &Content, random: &mut Random) -> Ask;

    /// Returns a random wish of an attacker.
    fn attack(random: &mut Random) -> Ask;

    fn request(ask: &Ask, account: &Account) -> Request;

    /// Returns the right answer.
    fn expect(ask: &Ask, loaded: Loaded, turn: &Turn, account: &Account) -> Expected;

    /// Returns what a page shows, or `None` if it cannot be read.
    fn shown(ask: &Ask, body: &str) -> Option<Shown>;
}

/// Returns a text between two others.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// Returns a random text of letters that HTML and JSON leave alone.
pub fn text(random: &mut Random) -> String {
    format!("{:x} Zoë {:x}", random.next(), random.below(100))
}
