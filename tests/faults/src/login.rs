//! `examples/login`, as its users see it.

use crate::fleet::Turn;
use crate::model::{Account, Cart, Content, Effect, Expected, Loaded, MAX_AGE, Shown};
use crate::random::Random;
use crate::site::{Ask, Request, Site, View, between, text};

pub struct Login;

/// The ids and names of the articles.
const ARTICLES: [(&str, &str); 6] = [
    ("hardtack", "Hardtack"),
    ("limes", "Limes"),
    ("lantern", "Lantern"),
    ("compass", "Compass"),
    ("rope", "Rope"),
    ("bell", "Ship’s bell"),
];

const LARGEST_QUANTITY: u32 = 99;

/// The age of a login that is not remembered.
const SHORT_AGE: i64 = 12 * 60 * 60;

#[derive(Clone, Copy)]
enum Wish {
    Look,
    LookAtMemberPage,
    Add,
    Remove,
    Note,
    SignIn,
    SignOut,
    SignOutEverywhere,
    NewPassword,
}

/// Password hashes are slow, so few users sign in or out.
const SIGNED_IN: [(Wish, usize); 8] = [
    (Wish::Look, 500),
    (Wish::LookAtMemberPage, 80),
    (Wish::Add, 230),
    (Wish::Remove, 80),
    (Wish::Note, 100),
    (Wish::SignOut, 4),
    (Wish::SignOutEverywhere, 8),
    (Wish::NewPassword, 2),
];
const ANONYMOUS: [(Wish, usize); 7] = [
    (Wish::Look, 450),
    (Wish::LookAtMemberPage, 80),
    (Wish::Add, 230),
    (Wish::Remove, 80),
    (Wish::Note, 100),
    (Wish::SignOut, 10),
    (Wish::SignIn, 50),
];
const ATTACKS: [(Wish, usize); 6] = [
    (Wish::Look, 500),
    (Wish::LookAtMemberPage, 200),
    (Wish::Add, 200),
    (Wish::Note, 50),
    (Wish::SignOutEverywhere, 40),
    (Wish::NewPassword, 10),
];

fn ask(wish: Wish, cart: &Cart, random: &mut Random) -> Ask {
    match wish {
        Wish::Look => Ask::View(View::Shop),
        Wish::LookAtMemberPage => Ask::View(View::Member),
        Wish::Add => Ask::Add(ARTICLES[random.below(ARTICLES.len())].0),
        Wish::Remove => {
            let articles: Vec<_> = cart.keys().copied().collect();
            match random.pick(&articles) {
                Some(article) => Ask::Remove(article),
                None => Ask::View(View::Shop),
            }
        }
        Wish::Note => Ask::Note(text(random)),
        Wish::SignIn => Ask::SignIn {
            is_remembered: random.one_in(2),
        },
        Wish::SignOut => Ask::SignOut(View::Shop),
        Wish::SignOutEverywhere => Ask::SignOutEverywhere,
        Wish::NewPassword => Ask::NewPassword(format!("password {:x}", random.next())),
    }
}

impl Site for Login {
    const COOKIE: &str = "login";
    const OTHER_COOKIES: &str = "";

    fn account(at: usize) -> Account {
        Account {
            name: format!("user{at}"),
            password: format!("password of user{at}"),
            version: 0,
            exists: false,
        }
    }

    fn wish(content: &Content, random: &mut Random) -> Ask {
        let wishes: &[_] = match content.login {
            Some(_) => &SIGNED_IN,
            None => &ANONYMOUS,
        };
        ask(random.weighted(wishes), &content.cart, random)
    }

    fn attack(random: &mut Random) -> Ask {
        ask(random.weighted(&ATTACKS), &Cart::new(), random)
    }

    fn request(ask: &Ask, account: &Account) -> Request {
        let Account { name, password, .. } = account;
        let (path, form) = match ask {
            Ask::View(View::Member) => ("/password", None),
            Ask::View(_) => ("/", None),
            Ask::Add(article) => ("/cart/add", Some(format!("article={article}"))),
            Ask::Remove(article) => ("/cart/remove", Some(format!("article={article}"))),
            Ask::Note(note) => ("/note", Some(format!("note={note}"))),
            Ask::SignUp => ("/sign-up", Some(format!("name={name}&password={password}"))),
            Ask::SignIn { is_remembered } => {
                let rest = if *is_remembered { "&remember=on" } else { "" };
                let form = format!("name={name}&password={password}{rest}");
                ("/sign-in", Some(form))
            }
            Ask::SignOut(_) => ("/sign-out", Some(String::new())),
            Ask::SignOutEverywhere => ("/sign-out-everywhere", Some(String::new())),
            Ask::NewPassword(new) => {
                let form = format!("current={password}&password={new}");
                ("/password", Some(form))
            }
        };
        Request {
            path: path.to_owned(),
            form: form.map(|form| form.replace(' ', "+")),
            is_behind: false,
        }
    }

    fn expect(ask: &Ask, mut loaded: Loaded, turn: &Turn, account: &Account) -> Expected {
        let is_changed = !matches!(ask, Ask::SignOut(_)) && loaded.check_login(turn, account);
        let is_signed_in = loaded.content.login.is_some();
        let needs_login = matches!(
            ask,
            Ask::View(View::Member) | Ask::SignOutEverywhere | Ask::NewPassword(_)
        );
        if needs_login && !is_signed_in {
            let location = match ask {
                Ask::View(_) => "/sign-in?next=/password",
                _ => "/sign-in",
            };
            return Expected::redirect(303, location, loaded, is_changed, turn);
        }
        let content = &mut loaded.content;
        let mut location = "/";
        let mut effect = Effect::None;
        match ask {
            Ask::View(View::Member) => {
                let page = Shown {
                    user: Some(account.name.clone()),
                    ..Shown::default()
                };
                return Expected::page(page, loaded, is_changed, turn);
            }
            Ask::View(_) => {
                let page = Shown::all(content, account);
                let is_changed = std::mem::take(&mut content.notice) || is_changed;
                return Expected::page(page, loaded, is_changed, turn);
            }
            Ask::Add(article) => {
                let quantity = content.cart.entry(article).or_default();
                *quantity = (*quantity + 1).min(LARGEST_QUANTITY);
                location = fragment(article);
            }
            Ask::Remove(article) => {
                location = "/#cart";
                match content.cart.get_mut(article) {
                    Some(quantity) if *quantity > 1 => *quantity -= 1,
                    Some(_) => drop(content.cart.remove(article)),
                    None => return Expected::redirect(303, location, loaded, is_changed, turn),
                }
            }
            Ask::Note(note) => {
                content.note = Some(note.clone());
                content.notice = true;
                location = "/#cart";
            }
            Ask::SignUp | Ask::SignIn { .. } => {
                content.login = Some(account.login(turn));
                let is_remembered = *ask
                    == Ask::SignIn {
                        is_remembered: true,
                    };
                let age = if is_remembered { MAX_AGE } else { SHORT_AGE };
                content.end = Some(turn.now + age);
                content.notice = true;
                if *ask == Ask::SignUp {
                    effect = Effect::Created;
                }
            }
            Ask::SignOut(_) | Ask::SignOutEverywhere => {
                *content = Content {
                    notice: true,
                    ..Content::default()
                };
                if *ask == Ask::SignOutEverywhere {
                    effect = Effect::LoginsEnd;
                }
            }
            Ask::NewPassword(password) => {
                effect = Effect::NewPassword(password.clone());
                content.login = Some(account.after(&effect).login(turn));
                content.notice = true;
            }
        }
        Expected::redirect(303, location, loaded, true, turn).with_effect(effect)
    }

    fn shown(ask: &Ask, body: &str) -> Option<Shown> {
        let user = between(body, "Signed in as <strong>", "</strong>");
        let user = user.map(str::to_owned);
        if *ask == Ask::View(View::Member) {
            return Some(Shown {
                user,
                ..Shown::default()
            });
        }
        let mut cart = Cart::new();
        for line in body.split(r#"<span class="quantity">"#).skip(1) {
            let (quantity, rest) = line.split_once(" ×</span>")?;
            let name = between(rest, "<span>", "</span>")?;
            let (id, _) = ARTICLES.iter().find(|(_, known)| *known == name)?;
            cart.insert(id, quantity.parse().ok()?);
        }
        let note = between(
            body,
            r#"<textarea id="note" name="note" rows="2">"#,
            "</textarea>",
        );
        Some(Shown {
            user,
            cart: Some(cart),
            note: Some(note?.to_owned()),
            notice: Some(body.contains(r#"<p class="notice""#)),
        })
    }
}

fn fragment(article: &str) -> &'static str {
    match article {
        "hardtack" => "/#hardtack",
        "limes" => "/#limes",
        "lantern" => "/#lantern",
        "compass" => "/#compass",
        "rope" => "/#rope",
        _ => "/#bell",
    }
}
