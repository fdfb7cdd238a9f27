//! The cookie of a known device: it says that an account has signed in from this browser before, and opens nothing.
//!
//! Failures of a known device are counted apart, so that nobody can lock a person out of the devices they use. It goes
//! to the auth host alone. Its value is a list, newest first, because people share a browser or have two accounts.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use chrono::Utc;
use common::{cookies, identity::UserId, secrets::random_token};

use crate::App;

const PURPOSE: &str = "known device";
/// A device that was away for longer is a stranger.
const LIFETIME_DAYS: i64 = 365;
/// Accounts that one browser is known to; the one not seen for longest is forgotten.
const MOST_ACCOUNTS: usize = 4;
const BETWEEN: char = '~';
const SECONDS_OF_A_DAY: i64 = 86_400;

/// One entry of the cookie: `<account>.<device>.<day>.<signature>`.
struct Entry<'a> {
    text: &'a str,
    user_id: UserId,
    device: &'a str,
}

/// The name of this browser, if it is known to this account.
pub fn presented(app: &App, request: &HttpRequest, user_id: UserId) -> Option<String> {
    let values = cookies::values(request, &name(app));
    let mut entries = values.iter().flat_map(|value| entries(app, value));
    entries.find(|entry| entry.user_id == user_id).map(|entry| entry.device.to_owned())
}

/// Makes this browser known to an account that has just signed in here. The other accounts that it is known to stay.
pub fn cookie(app: &App, request: &HttpRequest, user_id: UserId) -> Cookie<'static> {
    let known = presented(app, request, user_id);
    let device = known.unwrap_or_else(|| random_token()[..22].to_owned());
    let named = format!("{}.{device}.{}", user_id.0, today());
    let ours = format!("{named}.{}", app.config.secrets.sign(PURPOSE, &named));
    let values = cookies::values(request, &name(app));
    let others = values.iter().flat_map(|value| entries(app, value)).filter(|entry| entry.user_id != user_id);
    let others = others.map(|entry| entry.text).take(MOST_ACCOUNTS - 1);
    let value = std::iter::once(ours.as_str()).chain(others).collect::<Vec<_>>().join(&BETWEEN.to_string());
    Cookie::build(name(app), value)
        .path("/")
        .http_only(true)
        .secure(!app.config.site.development)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(LIFETIME_DAYS))
        .finish()
}

fn name(app: &App) -> String {
    app.config.site.host_cookie("device")
}

/// The entries of a value that we signed and that are young enough.
fn entries<'a>(app: &'a App, value: &'a str) -> impl Iterator<Item = Entry<'a>> {
    value.split(BETWEEN).take(MOST_ACCOUNTS).filter_map(|text| {
        let (named, signature) = text.rsplit_once('.')?;
        if !app.config.secrets.verify(PURPOSE, named, signature) {
            return None;
        }
        let mut parts = named.split('.');
        let (user_id, device, day) = (parts.next()?, parts.next()?, parts.next()?);
        let is_young = today() - day.parse::<i64>().ok()? <= LIFETIME_DAYS;
        is_young.then_some(Entry { text, user_id: UserId(user_id.parse().ok()?), device })
    })
}

fn today() -> i64 {
    Utc::now().timestamp() / SECONDS_OF_A_DAY
}
