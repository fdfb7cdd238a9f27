//! What an ID token proves (OpenID Connect Core, 3.1.3.7).

use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, IdTokenVerifier, Nonce, OAuth2TokenResponse,
    SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreTokenResponse},
};

use super::{Provider, oidc::Metadata};
use crate::users::EmailAddress;

/// Signatures that only the issuer can make. Those with a shared secret we could make ourselves.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What is wrong with an ID token.
pub enum Unproven {
    /// No key that we know of the issuer made this signature.
    UnknownKey,
    /// Something else.
    Claims(ClaimsVerificationError),
    /// The access token beside it is not the one that it was made with.
    OtherAccessToken,
}

impl Unproven {
    /// Its word in the record.
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnknownKey | Self::Claims(ClaimsVerificationError::SignatureVerification(_)) => "signature",
            Self::Claims(ClaimsVerificationError::Expired(_)) => "expired",
            Self::Claims(ClaimsVerificationError::InvalidAudience(_)) => "audience",
            Self::Claims(ClaimsVerificationError::InvalidIssuer(_)) => "issuer",
            Self::Claims(ClaimsVerificationError::InvalidNonce(_)) => "nonce",
            Self::Claims(_) => "claims",
            Self::OtherAccessToken => "access_token",
        }
    }
}

impl From<ClaimsVerificationError> for Unproven {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::CryptoError(_)
                | SignatureVerificationError::AmbiguousKeyId(_),
            ) => Self::UnknownKey,
            other => Self::Claims(other),
        }
    }
}

/// Signature by one of the issuer's keys, issuer, audience, time and nonce.
pub fn verify<'a>(
    provider: &Provider,
    metadata: &Metadata,
    token: &'a CoreIdToken,
    answer: &CoreTokenResponse,
    nonce: &Nonce,
) -> Result<&'a CoreIdTokenClaims, Unproven> {
    let offered = metadata.id_token_signing_alg_values_supported();
    let id = ClientId::new(provider.registered.client_id.clone());
    let verifier = IdTokenVerifier::new_public_client(id, metadata.issuer().clone(), metadata.jwks().clone())
        .set_allowed_algs(ALGORITHMS.into_iter().filter(|algorithm| offered.contains(algorithm)));
    let claims = token.claims(&verifier, nonce)?;
    if let Some(hash) = claims.access_token_hash() {
        let signature = |error| Unproven::Claims(ClaimsVerificationError::SignatureVerification(error));
        let algorithm = token.signing_alg().map_err(signature)?;
        let key = token.signing_key(&verifier).map_err(signature)?;
        let made = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
        if made.as_ref().ok() != Some(hash) {
            return Err(Unproven::OtherAccessToken);
        }
    }
    Ok(claims)
}

/// An address and what the provider says of it, always from one and the same statement.
pub struct Email<'a> {
    /// The address.
    pub text: &'a str,
    /// Whether it is verified, if the provider says so.
    pub verified: Option<bool>,
}

impl Email<'_> {
    /// The address if it is one and the provider says that it is verified; saying nothing is no.
    pub fn verified(self) -> Option<EmailAddress> {
        (self.verified == Some(true)).then(|| EmailAddress::parse(self.text).ok()).flatten()
    }
}

/// The address in an ID token.
pub fn email_of(claims: &CoreIdTokenClaims) -> Option<Email<'_>> {
    claims.email().map(|email| Email { text: email.as_str(), verified: claims.email_verified() })
}

/// What the person is called there.
pub fn name_of(claims: &CoreIdTokenClaims) -> String {
    let name = claims.preferred_username().map(|name| name.as_str());
    name.or_else(|| claims.email().map(|email| email.as_str())).unwrap_or_default().to_owned()
}
