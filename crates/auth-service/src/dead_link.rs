//! The page for a link of a mail that works no more: it says why that may be and where to go on.

use actix_web::{HttpResponse, http::StatusCode};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

/// What programs are told.
pub const SENTENCE: &str = "This link works no more: it was used, a newer one replaced it, or it is too old.";
/// What is said to somebody whose address got an account on another way meanwhile.
pub const ADDRESS_TAKEN: &str = "There is an account with this address already.";

const WHY: &str = "A link from a mail works once and for a limited time, and a newer one replaces it. \
                   Please ask for a new one.";

#[derive(Serialize)]
struct DeadLinkPage {
    heading: &'static str,
    lead: &'static str,
    href: &'static str,
    label: &'static str,
    other_href: &'static str,
    other_label: &'static str,
}

impl Page for DeadLinkPage {
    const TEMPLATE: &'static str = "dead_link.html";

    fn title(&self) -> String {
        self.heading.to_owned()
    }
}

/// Of a registration.
pub fn registration(view: &View) -> Result<HttpResponse> {
    show(view, WHY, ("/register", "Get a new link"))
}

/// Of a password reset.
pub fn reset(view: &View) -> Result<HttpResponse> {
    show(view, WHY, ("/forgot-password", "Get a new link"))
}

/// Of a change of address.
pub fn change_of_address(view: &View) -> Result<HttpResponse> {
    let why = "A link from a mail works once and for a limited time. If the address is not changed yet, ask for \
               the change again on the page of your account.";
    show(view, why, ("/account/email", "Go to your address"))
}

/// Of an invitation.
pub fn invitation(view: &View) -> Result<HttpResponse> {
    let why = "An invitation works once, for two weeks, and a newer one replaces it. \
               Please ask whoever invited you for a new one.";
    show(view, why, ("/", "Go to the start"))
}

/// Of a mail that asks whether an address is somebody's own.
pub fn verification(view: &View) -> Result<HttpResponse> {
    let why = "A link from a mail works once and for a limited time, and a newer one replaces it. \
               Sign in, and you can ask for a new one.";
    show(view, why, ("/", "Go to your account"))
}

/// Of a registration or an invitation whose address has an account by now.
pub fn address_taken(view: &View) -> Result<HttpResponse> {
    let page = DeadLinkPage {
        heading: "You have an account already",
        lead: ADDRESS_TAKEN,
        href: "/login",
        label: "Sign in",
        other_href: "/forgot-password",
        other_label: "Forgot the password?",
    };
    view.status(StatusCode::CONFLICT, &page)
}

fn show(
    view: &View,
    lead: &'static str,
    (href, label): (&'static str, &'static str),
) -> Result<HttpResponse> {
    let (heading, other_href, other_label) = ("This link works no more", "/login", "Sign in");
    let page = DeadLinkPage { heading, lead, href, label, other_href, other_label };
    view.status(StatusCode::GONE, &page)
}
