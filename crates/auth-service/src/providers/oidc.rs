//! Issuers of OpenID Connect: discovery, the way there, and what an ID token proves (OpenID Connect Core, 3.1.3.7).

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreIdTokenClaims, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
        CoreTokenResponse, CoreUserInfoClaims,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Kind, Proven, Provider,
    calls::Calls,
    failure::Failure,
    flow::{Flow, Purpose},
    id_token::{Email, Unproven, email_of, name_of, verify},
};
use crate::users::EmailAddress;

/// What an issuer says of itself is asked for again after this time, and whenever a signature fits none of its keys.
const KEPT: Duration = Duration::from_hours(1);
pub type Metadata = ProviderMetadata<
    ResponseIssuer,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// RFC 9207, section 3.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResponseIssuer {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ResponseIssuer {}

/// One issuer, and what it said of itself last.
pub struct Issuer {
    url: IssuerUrl,
    known: RwLock<Option<(Instant, Arc<Metadata>)>>,
}

impl Issuer {
    /// The issuer of this name; nobody is called yet.
    pub fn new(issuer: &str) -> anyhow::Result<Self> {
        let url = IssuerUrl::new(issuer.to_owned()).context("the issuer's address")?;
        Ok(Self { url, known: RwLock::default() })
    }

    /// Where the browser goes to begin.
    pub async fn authorization_url(
        &self,
        provider: &Provider,
        calls: &Calls,
        flow: &Flow,
    ) -> Result<Url, Failure> {
        let metadata = self.metadata(calls).await?;
        let client = client(provider, &metadata)?;
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(flow.verifier.clone()));
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge);
        if matches!(flow.purpose, Purpose::Reauthenticate { .. }) {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        Ok(request.url().0)
    }

    /// An answer that names another issuer than ours is not for us, nor one that names none where it promised to.
    pub async fn check_response(&self, calls: &Calls, given: Option<&str>) -> Result<(), Failure> {
        let promised =
            self.metadata(calls).await?.additional_metadata().authorization_response_iss_parameter_supported;
        match given {
            Some(issuer) if issuer == self.url.as_str() => Ok(()),
            None if !promised => Ok(()),
            _ => Err(Failure::Untrusted("response_issuer")),
        }
    }

    /// Exchanges a code for an ID token and checks all of it; asks `userinfo` where the token names no address.
    pub async fn prove(
        &self,
        provider: &Provider,
        calls: &Calls,
        flow: &Flow,
        code: String,
    ) -> Result<Proven, Failure> {
        let metadata = self.metadata(calls).await?;
        let client = client(provider, &metadata)?;
        let send = |request| calls.send(request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Failure::away(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| Failure::of_token(&error))?;
        let token = answer.id_token().ok_or(Failure::Untrusted("no_id_token"))?;
        let nonce = Nonce::new(flow.nonce.clone());
        let first = verify(provider, &metadata, token, &answer, &nonce);
        let claims = match first {
            // The issuer may have changed its keys since we asked.
            Err(Unproven::UnknownKey) => verify(provider, &*self.ask(calls).await?, token, &answer, &nonce),
            known => known,
        };
        let claims = claims.map_err(|unproven| Failure::Untrusted(unproven.word()))?;
        let (email, name) = match email_of(claims) {
            Some(email) => (email.verified(), name_of(claims)),
            None => self.ask_userinfo(&client, calls, claims, &answer).await?,
        };
        Ok(Proven {
            kind: provider.kind(),
            issuer: self.url.to_string(),
            subject: claims.subject().to_string(),
            email,
            name,
            auth_time: claims.auth_time(),
        })
    }

    async fn ask_userinfo(
        &self,
        client: &Client,
        calls: &Calls,
        claims: &CoreIdTokenClaims,
        answer: &CoreTokenResponse,
    ) -> Result<(Option<EmailAddress>, String), Failure> {
        let access_token = answer.access_token();
        if client.user_info_url().is_none() {
            return Ok((None, name_of(claims)));
        }
        // The crate takes it for granted that a token fits into a header.
        if !access_token.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::Untrusted("access_token"));
        }
        let request = client
            .user_info(access_token.clone(), Some(claims.subject().clone()))
            .map_err(|error| Failure::away(&error))?;
        let send = |request| calls.send(request);
        let info: CoreUserInfoClaims =
            request.request_async(&send).await.map_err(|error| Failure::of_userinfo(&error))?;
        let email = info.email().map(|email| Email { text: email.as_str(), verified: info.email_verified() });
        let name = info.preferred_username().map(|name| name.as_str().to_owned());
        Ok((email.and_then(Email::verified), name.unwrap_or_else(|| name_of(claims))))
    }

    async fn metadata(&self, calls: &Calls) -> Result<Arc<Metadata>, Failure> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((asked_at, metadata)) if asked_at.elapsed() < KEPT => Ok(metadata),
            _ => self.ask(calls).await,
        }
    }

    /// Asks the issuer for its addresses and keys. It must name itself exactly as it is configured.
    async fn ask(&self, calls: &Calls) -> Result<Arc<Metadata>, Failure> {
        let send = |request| calls.send(request);
        let asked = Metadata::discover_async(self.url.clone(), &send).await;
        let metadata = Arc::new(asked.map_err(|error| Failure::of_discovery(&error))?);
        let entry = Some((Instant::now(), Arc::clone(&metadata)));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = entry;
        Ok(metadata)
    }
}

fn client(provider: &Provider, metadata: &Metadata) -> Result<Client, Failure> {
    let registered = &provider.registered;
    let secret = ClientSecret::new(registered.client_secret.expose_secret().to_owned());
    let id = ClientId::new(registered.client_id.clone());
    let redirect = RedirectUrl::new(provider.redirect_uri.clone()).map_err(|error| Failure::away(&error))?;
    let client =
        CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret)).set_redirect_uri(redirect);
    let methods = metadata.token_endpoint_auth_methods_supported().map_or(&[][..], Vec::as_slice);
    let takes = |method: &CoreClientAuthMethod| methods.contains(method);
    let in_body =
        takes(&CoreClientAuthMethod::ClientSecretPost) && !takes(&CoreClientAuthMethod::ClientSecretBasic);
    Ok(client.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }))
}

/// Whether the person proved just now who they are. An issuer that was asked for `max_age` must say when that was
/// (OpenID Connect Core, 2); Google and GitHub never do, and are believed that they asked.
pub fn is_fresh(kind: Kind, auth_time: Option<DateTime<Utc>>, begun_at: DateTime<Utc>) -> bool {
    // Two clocks never agree to the second.
    auth_time.map_or(kind != Kind::Oidc, |time| time >= begun_at - TimeDelta::seconds(30))
}
