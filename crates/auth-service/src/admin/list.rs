//! `/admin/users`: everybody who has an account, with search and filters.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    identity::AccountInfo,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Filter, Listing, PAGE, role_choices, short_moment, state_choices, store};
use crate::{App, identity::AdminUser};

/// The query of the page.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ListForm {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
}

#[derive(Serialize)]
struct ListPage {
    people: Vec<PersonRow>,
    form: ListForm,
    roles: Vec<Choice>,
    states: Vec<Choice>,
    is_filtered: bool,
    first: String,
    next: String,
}

#[derive(Serialize)]
struct PersonRow {
    href: String,
    name: String,
    email: String,
    role_text: &'static str,
    state: &'static str,
    state_text: &'static str,
    created_text: String,
    last_sign_in_text: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/list.html";

    fn title(&self) -> String {
        "People".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: AdminUser,
    form: Query<ListForm>,
    view: View,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let filter = Filter::parse(&form.q, &form.role, &form.state)?;
    let below = form.after.map(|key| i32::try_from(key).unwrap_or(i32::MAX));
    let found = store::list(&app.db, &filter, below, i64::from(PAGE) + 1).await?;
    let listing = Listing::of(found, PAGE, |account| account.id.0.into());
    let form = ListForm { q: filter.text, ..form };
    let next = listing.next.map(|key| address(&ListForm { after: Some(key), ..form.clone() }));
    let first = form.after.map(|_| address(&ListForm { after: None, ..form.clone() }));
    view.ok(&ListPage {
        people: listing.items.into_iter().map(PersonRow::from).collect(),
        is_filtered: !(form.q.is_empty() && form.role.is_empty() && form.state.is_empty()),
        form,
        roles: role_choices(),
        states: state_choices(),
        first: first.unwrap_or_default(),
        next: next.unwrap_or_default(),
    })
}

fn address(form: &ListForm) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", &form.q), ("role", &form.role), ("state", &form.state)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if let Some(after) = form.after {
        query.append_pair("after", &after.to_string());
    }
    format!("/admin/users?{}", query.finish())
}

impl From<AccountInfo> for PersonRow {
    fn from(account: AccountInfo) -> Self {
        Self {
            href: format!("/admin/users/{}", account.id),
            name: account.username,
            email: account.email,
            role_text: account.role.label(),
            state: account.state.as_str(),
            state_text: account.state.label(),
            created_text: account.created_at.map(short_moment).unwrap_or_default(),
            last_sign_in_text: account.last_sign_in_at.map(short_moment).unwrap_or_default(),
        }
    }
}
