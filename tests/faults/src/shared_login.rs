//! `examples/shared-login`, as its users see it: the shop by hardtack, all else by Django.

use crate::fleet::Turn;
use crate::model::{Account, Cart, Content, Effect, Expected, Loaded, Shown};
use crate::random::Random;
use crate::site::{Ask, Request, Site, View, between, text};

pub struct SharedLogin;

/// The password of each account, at first.
pub const PASSWORD: &str = "salt pork and rum";

/// The ids and names of the articles.
const ARTICLES: [(&str, &str); 4] = [
    ("hardtack", "Hardtack"),
    ("lantern", "Lantern"),
    ("rope", "Rope"),
    ("spyglass", "Spyglass"),
];

const LARGEST_QUANTITY: u32 = 99;

/// Django's cookie for forms, and the field that must match it (`django/middleware/csrf.py`).
const CSRF: &str = "csrfmiddlewaretoken=faultsfaultsfaultsfaultsfaults01";

#[derive(Clone, Copy)]
enum Wish {
    Look,
    Add,
    SignOut,
    LookAtHarbour,
    Note,
    EmptyCart,
    SignIn,
    SignOutAtHarbour,
    NewPassword,
}

/// Django is slow, so it answers few requests.
const SIGNED_IN: [(Wish, usize); 8] = [
    (Wish::Look, 700),
    (Wish::Add, 300),
    (Wish::SignOut, 2),
    (Wish::LookAtHarbour, 8),
    (Wish::Note, 2),
    (Wish::EmptyCart, 2),
    (Wish::SignOutAtHarbour, 1),
    (Wish::NewPassword, 8),
];
const ANONYMOUS: [(Wish, usize); 7] = [
    (Wish::Look, 700),
    (Wish::Add, 300),
    (Wish::SignOut, 10),
    (Wish::LookAtHarbour, 8),
    (Wish::Note, 2),
    (Wish::EmptyCart, 2),
    (Wish::SignIn, 25),
];
const ATTACKS: [(Wish, usize); 6] = [
    (Wish::Look, 700),
    (Wish::Add, 250),
    (Wish::SignOut, 20),
    (Wish::LookAtHarbour, 20),
    (Wish::SignOutAtHarbour, 2),
    (Wish::NewPassword, 2),
];

fn ask(wish: Wish, random: &mut Random) -> Ask {
    match wish {
        Wish::Look => Ask::View(View::Shop),
        Wish::LookAtHarbour => Ask::View(View::Harbour),
        Wish::Add => Ask::Add(ARTICLES[random.below(ARTICLES.len())].0),
        Wish::EmptyCart => Ask::Remove(""),
        Wish::Note => Ask::Note(text(random)),
        Wish::SignIn => Ask::SignIn {
            is_remembered: false,
        },
        Wish::SignOut => Ask::SignOut(View::Shop),
        Wish::SignOutAtHarbour => Ask::SignOut(View::Harbour),
        Wish::NewPassword => Ask::NewPassword(format!("password {:x}", random.next())),
    }
}

impl Site for SharedLogin {
    const COOKIE: &str = "sessionid";
    const OTHER_COOKIES: &str = "csrftoken=faultsfaultsfaultsfaultsfaults01; ";

    fn account(at: usize) -> Account {
        Account {
            name: format!("user{at}"),
            password: PASSWORD.to_owned(),
            version: 0,
            exists: true,
        }
    }

    fn wish(content: &Content, random: &mut Random) -> Ask {
        let wishes: &[_] = match content.login {
            Some(_) => &SIGNED_IN,
            None => &ANONYMOUS,
        };
        ask(random.weighted(wishes), random)
    }

    fn attack(random: &mut Random) -> Ask {
        ask(random.weighted(&ATTACKS), random)
    }

    fn request(ask: &Ask, account: &Account) -> Request {
        let Account { name, password, .. } = account;
        let (path, form) = match ask {
            Ask::View(View::Harbour) => ("/", None),
            Ask::View(_) => ("/shop/", None),
            Ask::Add(article) => ("/shop/cart/", Some(format!("article={article}"))),
            Ask::Remove(_) => ("/empty-cart/", Some(CSRF.to_owned())),
            Ask::Note(note) => ("/note/", Some(format!("{CSRF}&text={note}"))),
            Ask::SignOut(View::Harbour) => ("/admin/logout/", Some(CSRF.to_owned())),
            Ask::SignOut(_) => ("/shop/sign-out/", Some(String::new())),
            Ask::NewPassword(new) => {
                let form = format!(
                    "{CSRF}&old_password={password}&new_password1={new}&new_password2={new}"
                );
                ("/admin/password_change/", Some(form))
            }
            Ask::SignUp | Ask::SignIn { .. } | Ask::SignOutEverywhere => {
                let form = format!("{CSRF}&username={name}&password={password}&next=/");
                ("/admin/login/", Some(form))
            }
        };
        Request {
            path: path.to_owned(),
            form: form.map(|form| form.replace(' ', "+")),
            is_behind: !path.starts_with("/shop/"),
        }
    }

    fn expect(ask: &Ask, mut loaded: Loaded, turn: &Turn, account: &Account) -> Expected {
        match ask {
            Ask::View(view) => {
                let is_changed = loaded.check_login(turn, account);
                let page = Shown {
                    note: (*view == View::Harbour)
                        .then(|| loaded.content.note.clone().unwrap_or_default()),
                    notice: None,
                    ..Shown::all(&loaded.content, account)
                };
                let expected = Expected::page(page, loaded, is_changed, turn);
                if *view == View::Harbour {
                    expected.by_django()
                } else {
                    expected
                }
            }
            Ask::Add(article) => {
                loaded.check_login(turn, account);
                let pieces = loaded.content.cart.entry(article).or_default();
                *pieces = (*pieces + 1).min(LARGEST_QUANTITY);
                Expected::redirect(303, "/shop/", loaded, true, turn)
            }
            Ask::SignOut(View::Shop) => {
                loaded.content = Content::default();
                Expected::redirect(303, "/shop/", loaded, true, turn)
            }
            Ask::SignOut(_) => {
                loaded.check_login(turn, account);
                let is_signed_in = loaded.content.login.is_some();
                if !is_signed_in {
                    return Expected::redirect(302, "/admin/", loaded, true, turn).by_django();
                }
                loaded.content = Content::default();
                Expected {
                    page: None,
                    ..Expected::page(Shown::default(), loaded, true, turn)
                }
                .by_django()
            }
            Ask::NewPassword(password) => {
                loaded.check_login(turn, account);
                if loaded.content.login.is_none() {
                    let location = "/admin/login/?next=/admin/password_change/";
                    return Expected::redirect(302, location, loaded, true, turn).by_django();
                }
                let effect = Effect::NewPassword(password.clone());
                loaded.content.login = Some(account.after(&effect).login(turn));
                let location = "/admin/password_change/done/";
                Expected::redirect(302, location, loaded, true, turn)
                    .by_django()
                    .with_effect(effect)
            }
            // The next two do not look at the user.
            Ask::Note(note) => {
                loaded.content.note = Some(note.clone());
                Expected::redirect(302, "/", loaded, true, turn).by_django()
            }
            Ask::Remove(_) => {
                loaded.content.cart = Cart::new();
                Expected::redirect(302, "/", loaded, true, turn).by_django()
            }
            // Django's `login` keeps the session of the same login only under the key that signs.
            Ask::SignUp | Ask::SignIn { .. } | Ask::SignOutEverywhere => {
                let login = Some(account.login(turn));
                if loaded.content.login.is_some() && loaded.content.login != login {
                    loaded.content = Content::default();
                }
                loaded.content.login = login;
                Expected::redirect(302, "/", loaded, true, turn).by_django()
            }
        }
    }

    fn shown(ask: &Ask, body: &str) -> Option<Shown> {
        let user = match between(body, "<h1>Hello", "</h1>")? {
            "" => None,
            user => Some(user.strip_prefix(", ")?.to_owned()),
        };
        let is_signed_in = body.contains(r#"<p id="login">You are user <strong>"#);
        if user.is_some() != is_signed_in {
            return None;
        }
        let mut cart = Cart::new();
        let (_, part) = body.split_once(r#"<div class="module" id="cart">"#)?;
        let part = part.split(r#"<div class="module" id="note">"#).next()?;
        for line in part.split(r#"<th scope="row">"#).skip(1) {
            let (name, rest) = line.split_once("</th>")?;
            let pieces = between(rest, r#"<td class="pieces">"#, "</td>")?;
            let (id, _) = ARTICLES.iter().find(|(_, known)| *known == name)?;
            cart.insert(id, pieces.parse().ok()?);
        }
        let note = || {
            let json = between(body, "<p><code>", "</code></p>").unwrap_or_default();
            between(json, "&quot;text&quot;: &quot;", "&quot;").unwrap_or_default()
        };
        Some(Shown {
            user,
            cart: Some(cart),
            note: (*ask == Ask::View(View::Harbour)).then(|| note().to_owned()),
            notice: None,
        })
    }
}
