//! Who is asking: resolved once a request by the auth-service, then read from the handlers' signatures.

pub mod follow;
pub mod middleware;
mod replicas;
pub mod shared;
pub mod sign_in;
pub mod sign_out;
pub mod store;
pub mod token;
pub mod verify;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use common::{
    Error, Result,
    identity::{Role, UserId},
};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use uuid::Uuid;

pub use verify::AuthService;

/// The id of the mirror of an account in the database of photos; galleries and photos refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct AccountId(pub i32);

/// The person who sent this request. As an extractor it answers 401 to everybody else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CurrentUser {
    /// The id at the auth-service, the one that APIs show.
    pub id: UserId,
    /// The id of the mirror.
    pub account: AccountId,
    /// The name of the account.
    pub name: String,
    /// The address of the account.
    pub email: String,
    /// What the auth-service says this account may do, at this moment.
    pub role: Role,
    /// The public id of the session.
    pub session: Uuid,
}

/// A person who may upload and own galleries. As an extractor it answers 403 to other people.
pub struct Photographer(pub CurrentUser);

/// An administrator. As an extractor it answers 403 to other people.
pub struct Administrator(pub CurrentUser);

/// What the auth-service said about this request. As an extractor it fails when the auth-service is away and a
/// session was sent: nobody becomes somebody else's nobody by an outage.
#[derive(Clone, Debug)]
pub enum Identity {
    /// No valid session.
    Nobody,
    /// This person.
    Person(CurrentUser),
    /// A session was sent, but the auth-service can't be asked.
    Unknown,
}

/// Somebody or nobody, for pages that both may see.
pub struct MaybeUser(pub Option<CurrentUser>);

impl Identity {
    fn of(request: &HttpRequest) -> Self {
        request.extensions().get().cloned().unwrap_or(Self::Nobody)
    }

    /// The person, nobody, or 503 when that can't be known.
    pub fn known(self) -> Result<Option<CurrentUser>> {
        match self {
            Self::Nobody => Ok(None),
            Self::Person(user) => Ok(Some(user)),
            Self::Unknown => Err(Error::Unavailable {
                detail:
                    "We can't check who you are for a moment, because the sign-in service does not answer."
                        .to_owned(),
                retry_after: 5,
            }),
        }
    }
}

impl FromRequest for CurrentUser {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Identity::of(request).known().and_then(|user| user.ok_or(Error::SignInRequired)))
    }
}

impl FromRequest for Photographer {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(CurrentUser::from_request(request, payload).into_inner().and_then(|user| {
            if user.role.may_own_galleries() {
                return Ok(Self(user));
            }
            Err(Error::Forbidden(
                "This is for photographers. Please ask an administrator for that role.".to_owned(),
            ))
        }))
    }
}

impl FromRequest for Administrator {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(CurrentUser::from_request(request, payload).into_inner().and_then(|user| {
            if user.role == Role::Admin {
                return Ok(Self(user));
            }
            Err(Error::Forbidden("This is for administrators.".to_owned()))
        }))
    }
}

impl FromRequest for MaybeUser {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Identity::of(request).known().map(Self))
    }
}
