//! `POST /auth/provider/{provider}`: the way to a provider begins with a form of ours, so that no other site can begin it.

use actix_session::SessionExt;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use common::{
    OrNotFound, Result, client_address,
    csrf::CsrfForm,
    return_to,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{
    Provider,
    failure::Way,
    flow::{Flow, Purpose},
};
use crate::App;

/// The form of a button.
#[derive(Deserialize)]
pub struct BeginForm {
    #[serde(default)]
    pub(super) return_to: String,
}

/// A page and no redirect: Chromium holds every redirect after a form to `form-action`, and where a provider sends
/// people on its own side can't be listed there.
#[derive(Serialize)]
struct OnwardPage {
    name: String,
    address: String,
    back: String,
}

impl Page for OnwardPage {
    const TEMPLATE: &'static str = "providers/onward.html";

    fn title(&self) -> String {
        format!("On to {}", self.name)
    }
}

/// Begins to sign in.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    provider: Path<String>,
    form: CsrfForm<BeginForm>,
) -> Result<HttpResponse> {
    let provider = app.providers.find(&provider).or_not_found()?;
    let back = return_to::absolute(&app.config.site, &form.0.return_to);
    begin(&app, &request, provider, Purpose::SignIn, back.map(String::from)).await
}

/// Begins a way for any purpose; counted with the sign-ins of the client's address.
pub async fn begin(
    app: &App,
    request: &HttpRequest,
    provider: &Provider,
    purpose: Purpose,
    return_to: Option<String>,
) -> Result<HttpResponse> {
    app.limits.login.check(client_address::of(request))?;
    let flow = Flow::begin(provider.kind(), purpose, return_to);
    let way = Way { purpose: Some(purpose), return_to: flow.return_to.clone() };
    match app.providers.authorization_url(provider, &flow).await {
        Ok(address) => {
            flow.keep(&app.config.secrets, &request.get_session())?;
            let (name, back) = (provider.name().to_owned(), way.back().href);
            View::of(request).ok(&OnwardPage { name, address: address.into(), back })
        }
        Err(failure) => failure.answer(app, request, provider, &way).await,
    }
}
