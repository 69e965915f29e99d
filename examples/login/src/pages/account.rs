//! The two forms of an account.

use maud::{Markup, html};

use super::{account_links, layout};
use crate::visitor::Visitor;

/// What somebody filled in before. The password is never sent back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) name: &'a str,
    pub(crate) remember: bool,
}

pub(crate) fn sign_up_page(visitor: &Visitor, fields: Fields<'_>, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Sign up" }
            form.fields method="post" action="/sign-up" {
                (common(fields, "new-password", reason))
                p.hint #password-hint { "At least 8 characters. A few words make a good one." }
                button { "Sign up" }
            }
            p.other { "You have an account? " a href="/sign-in" { "Sign in" } "." }
        }
    };
    layout("Sign up", &account_links(visitor.user.as_ref()), &content)
}

pub(crate) fn sign_in_page(visitor: &Visitor, fields: Fields<'_>, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            form.fields method="post" action="/sign-in" {
                (common(fields, "current-password", reason))
                button { "Sign in" }
            }
            p.other { "You have no account yet? " a href="/sign-up" { "Sign up" } "." }
        }
    };
    layout("Sign in", &account_links(visitor.user.as_ref()), &content)
}

fn common(fields: Fields<'_>, password: &str, reason: Option<&str>) -> Markup {
    let is_new = password == "new-password";
    html! {
        @if let Some(reason) = reason {
            p.problem #problem role="alert" { (reason) }
        }
        label for="name" { "Name" }
        input #name name="name" value=(fields.name) autocomplete="username" autocapitalize="none"
            spellcheck="false" required maxlength="32" autofocus
            aria-describedby=[reason.map(|_| "problem")];
        label for="password" { "Password" }
        input #password type="password" name="password" autocomplete=(password) required
            minlength=[is_new.then_some("8")] maxlength="128"
            aria-describedby=[is_new.then_some("password-hint")];
        label.check {
            input type="checkbox" name="remember" checked[fields.remember];
            span {
                "Remember me for 30 days"
                small { "Else you are signed out after 12 hours." }
            }
        }
    }
}
