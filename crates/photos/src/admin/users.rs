//! `/admin/users`: everybody who has an account, what they own here, and a choice of roles for each.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    http::header::CONTENT_SECURITY_POLICY,
    web::{Data, Query},
};
use common::{
    Error, Result, headers,
    identity::{AccountInfo, Role, UserId},
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{
    USERS, accounts,
    store::{self, Belongings},
};
use crate::{app::App, identity::Administrator};

/// The query of the page.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ListForm {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    after: String,
}

#[derive(Serialize)]
struct UsersPage {
    people: Vec<PersonRow>,
    roles: Vec<Choice>,
    form: ListForm,
    is_filtered: bool,
    here: String,
    first: String,
    next: String,
    auth_users_url: String,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct PersonRow {
    id: UserId,
    name: String,
    email: String,
    role: &'static str,
    role_text: &'static str,
    state: &'static str,
    state_text: &'static str,
    galleries: i64,
    photos: i64,
    is_self: bool,
    auth_url: String,
}

impl Page for UsersPage {
    const TEMPLATE: &'static str = "admin/users.html";

    fn title(&self) -> String {
        "People".to_owned()
    }
}

/// The page. Its forms may end at the auth-service, which asks for the password when the last time was long ago.
pub async fn get(
    app: Data<App>,
    admin: Administrator,
    form: Query<ListForm>,
    view: View,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let query: Vec<(&str, &str)> = form.filled().collect();
    let found = accounts::list(&app.auth, &query).await.map_err(explained)?;
    let ids: Vec<i32> = found.items.iter().map(|account| account.id.0).collect();
    let owned = store::list_belongings(&app.db, &ids).await?;
    let owned: HashMap<UserId, Belongings> =
        owned.into_iter().filter_map(|owned| Some((owned.user?, owned))).collect();
    let auth_url =
        |path: &str| app.config.auth_public_url.join(path).map_or_else(|_| String::new(), String::from);
    let row = |account: AccountInfo| PersonRow {
        galleries: owned.get(&account.id).map_or(0, |owned| owned.galleries),
        photos: owned.get(&account.id).map_or(0, |owned| owned.photos),
        is_self: account.id == admin.0.id,
        auth_url: auth_url(&format!("/admin/users/{}", account.id)),
        id: account.id,
        name: account.username,
        email: account.email,
        role: account.role.as_str(),
        role_text: account.role.label(),
        state: account.state.as_str(),
        state_text: account.state.label(),
    };
    let page = UsersPage {
        people: found.items.into_iter().map(row).collect(),
        roles: Role::ALL.map(|role| Choice { value: role.as_str(), label: role.label() }).into(),
        is_filtered: !(form.q.is_empty() && form.role.is_empty()),
        here: form.address(&form.after),
        first: if form.after.is_empty() { String::new() } else { form.address("") },
        next: found.next.map(|key| form.address(&key)).unwrap_or_default(),
        auth_users_url: auth_url("/admin/users"),
        form,
    };
    let mut response = view.ok(&page)?;
    let auth_origin = app.config.auth_public_url.origin().ascii_serialization();
    let policy = headers::policy_with_forms_to(&auth_origin).parse().map_err(anyhow::Error::from)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

impl ListForm {
    fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = [("q", self.q.as_str()), ("role", &self.role), ("after", &self.after)];
        all.into_iter().filter(|(_, value)| !value.is_empty())
    }

    fn address(&self, after: &str) -> String {
        let form = Self { after: after.to_owned(), ..self.clone() };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form.filled());
        format!("{USERS}?{}", query.finish())
    }
}

/// Without the auth-service there is no list; the rest of photos goes on.
fn explained(error: Error) -> Error {
    match error {
        Error::Unavailable { retry_after, .. } => Error::Unavailable {
            detail: "The list of people comes from the sign-in service, which does not answer for a moment. \
                Photos and galleries are not touched by that."
                .to_owned(),
            retry_after,
        },
        other => other,
    }
}
