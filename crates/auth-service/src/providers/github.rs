//! GitHub: OAuth 2.0 alone, so its API says who somebody is and which of their addresses are verified.

use anyhow::Context;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, TokenUrl, basic::BasicClient,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use super::{Proven, Provider, calls::Calls, failure::Failure, flow::Flow};
use crate::users::EmailAddress;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// GitHub, or an enterprise server of its kind.
pub struct Github {
    authorization: AuthUrl,
    token: TokenUrl,
    web: String,
    api: String,
}

#[derive(Deserialize)]
struct User {
    /// Stays; `login` may be given to somebody else.
    id: u64,
    login: String,
}

#[derive(Deserialize)]
struct Email {
    #[serde(rename = "email")]
    address: String,
    primary: bool,
    verified: bool,
}

impl Github {
    /// With the addresses of its pages and its API, without a slash at the end.
    pub fn new(web: &str, api: &str) -> anyhow::Result<Self> {
        Ok(Self {
            authorization: AuthUrl::new(format!("{web}/login/oauth/authorize")).context("GITHUB_URL")?,
            token: TokenUrl::new(format!("{web}/login/oauth/access_token")).context("GITHUB_URL")?,
            web: web.to_owned(),
            api: api.to_owned(),
        })
    }

    /// Where the browser goes to begin.
    pub fn authorization_url(&self, provider: &Provider, flow: &Flow) -> Result<Url, Failure> {
        let state = CsrfToken::new(flow.state.clone());
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(flow.verifier.clone()));
        let client = self.client(provider)?;
        let request = client
            .authorize_url(move || state)
            .add_scope(Scope::new("user:email".to_owned()))
            .set_pkce_challenge(challenge);
        Ok(request.url().0)
    }

    /// Exchanges a code for a token, and asks with it who that is.
    pub async fn prove(
        &self,
        provider: &Provider,
        calls: &Calls,
        flow: &Flow,
        code: String,
    ) -> Result<Proven, Failure> {
        let send = |request| calls.send(request);
        let answer = self
            .client(provider)?
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| Failure::of_token(&error))?;
        let token = answer.access_token().secret();
        let away = |error| Failure::away(&error);
        let user: User = calls.get_json(&format!("{}/user", self.api), token).await.map_err(away)?;
        let emails: Vec<Email> =
            calls.get_json(&format!("{}/user/emails", self.api), token).await.map_err(away)?;
        let verified = emails.into_iter().find(|email| email.primary && email.verified);
        Ok(Proven {
            kind: provider.kind(),
            issuer: self.web.clone(),
            subject: user.id.to_string(),
            email: verified.and_then(|email| EmailAddress::parse(&email.address).ok()),
            name: user.login,
            auth_time: None,
        })
    }

    fn client(&self, provider: &Provider) -> Result<Client, Failure> {
        let registered = &provider.registered;
        let redirect =
            RedirectUrl::new(provider.redirect_uri.clone()).map_err(|error| Failure::away(&error))?;
        Ok(BasicClient::new(ClientId::new(registered.client_id.clone()))
            .set_client_secret(ClientSecret::new(registered.client_secret.expose_secret().to_owned()))
            .set_auth_uri(self.authorization.clone())
            .set_token_uri(self.token.clone())
            .set_redirect_uri(redirect)
            // So its documentation has it.
            .set_auth_type(AuthType::RequestBody))
    }
}
