//! The articles and the cart.

use maud::{Markup, PreEscaped, html};

use crate::shop::{ARTICLES, Article, Cart};

pub(super) fn articles(cart: &Cart) -> Markup {
    html! {
        section aria-labelledby="shop-title" {
            h2 #shop-title { "Provisions" }
            ul.articles {
                @for article in &ARTICLES {
                    li #(article.id).card.article {
                        (picture(article))
                        div {
                            h3 { (article.name) }
                            p { (article.text) }
                        }
                        form method="post" action="/cart/add" {
                            span.price { (price(article.pence)) }
                            button name="article" value=(article.id) {
                                "Add" span.unseen { " " (article.name) " to the cart" }
                                @let quantity = cart.quantity(article);
                                @if quantity > 0 { span.count { (quantity) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn cart(cart: &Cart, note: &str) -> Markup {
    let total = cart
        .lines()
        .map(|(article, quantity)| article.pence * u32::from(quantity))
        .sum();
    html! {
        section #cart.card aria-labelledby="cart-title" {
            h2 #cart-title { "Cart" }
            @if cart.lines().next().is_some() {
                ul.lines {
                    @for (article, quantity) in cart.lines() {
                        li {
                            span.quantity { (quantity) " ×" }
                            span { (article.name) }
                            span.price { (price(article.pence * u32::from(quantity))) }
                            form method="post" action="/cart/remove" {
                                button.small name="article" value=(article.id) aria-label={ "Remove one " (article.name) } {
                                    "−"
                                }
                            }
                        }
                    }
                }
                p.total { span { "Total" } strong { (price(total)) } }
            } @else {
                p.empty { "Nothing in it yet." }
            }
            (note_form(note))
        }
    }
}

pub(super) fn note_form(note: &str) -> Markup {
    html! {
        form.note method="post" action="/note" {
            label for="note" { "A note to the purser" }
            textarea #note name="note" rows="2" { (note) }
            button.quiet { "Save the note" }
        }
    }
}

/// The outline is ours; nothing of it comes from outside.
fn picture(article: &Article) -> Markup {
    let outline = PreEscaped(article.picture);
    html! {
        svg.picture viewBox="0 0 48 48" aria-hidden="true" { path d=(outline); }
    }
}

fn price(pence: u32) -> String {
    format!("£{}.{:02}", pence / 100, pence % 100)
}
