//! `POST /reauthenticate/{provider}`: whoever has no password proves at the provider once more who they are.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use common::{Error, OrNotFound, Result, csrf::CsrfForm, return_to};

use super::{
    Button, Provider,
    begin::{BeginForm, begin},
    flow::Purpose,
    has_password, store,
};
use crate::{
    App,
    identity::Visitor,
    users::{self, Account},
};

/// Begins the way. As on the page that asks for a password, the shared cookie is enough: this is how a browser without
/// the other one gets it.
pub async fn post(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    provider: Path<String>,
    form: CsrfForm<BeginForm>,
) -> Result<HttpResponse> {
    let session = visitor.session.ok_or(Error::SignInRequired)?;
    let provider = app.providers.find(&provider).or_not_found()?;
    let account = users::store::find_account(&app.db, session.user.id).await?.or_not_found()?;
    let offered = buttons(&app, &account).await?;
    if offered.iter().all(|button| button.provider != provider.kind().as_str()) {
        return Err(Error::NotFound);
    }
    let back = return_to::absolute(&app.config.site, &form.0.return_to);
    let purpose = Purpose::Reauthenticate { session: session.id };
    begin(&app, &request, provider, purpose, back.map(String::from)).await
}

/// The providers with which somebody may prove once more who they are: those that are linked, and only without a
/// password. Many providers ask nothing of somebody whom they know, which is less than a password shows.
pub async fn buttons(app: &App, account: &Account) -> Result<Vec<Button>> {
    if has_password(&account.password_hash) {
        return Ok(Vec::new());
    }
    let links = store::list_of_user(&app.db, account.user.id).await?;
    let configured = links.iter().filter_map(|link| app.providers.find_by_issuer(&link.issuer));
    Ok(configured.map(Provider::button).collect())
}
