//! The one error of both services: a variant for each meaning that HTTP has for it.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use crate::database;

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Field name → what is wrong and how to mend it; the empty name is about the whole form.
pub type FieldErrors = BTreeMap<&'static str, String>;

/// Something that ends a request. `error_pages` renders it as a page for people, as problem+json for programs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 400: the request can't be understood.
    #[error("{0}")]
    BadRequest(String),
    /// 401: a person must sign in; a navigation is sent to the sign-in page.
    #[error("Please sign in to go on.")]
    SignInRequired,
    /// 401 for programs that sent a name and password.
    #[error("{0}")]
    Unauthorized(String),
    /// 403: somebody who proved long ago who they are must do so again at this absolute address; a page goes there.
    #[error("Please confirm that it is you.")]
    ReauthenticationRequired(String),
    /// 403: understood, but not allowed; says why.
    #[error("{0}")]
    Forbidden(String),
    /// 404: does not exist, or is not this person's to know.
    #[error("We found nothing at this address.")]
    NotFound,
    /// 409: contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// 410: was here once.
    #[error("{0}")]
    Gone(String),
    /// 413: too large.
    #[error("{0}")]
    TooLarge(String),
    /// 415: the wrong kind of content.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// 422: fields are wrong.
    #[error("Please check what you entered.")]
    Invalid(FieldErrors),
    /// 429: try again after these seconds.
    #[error("That was too often in a short time. Please wait {retry_after} seconds and try again.")]
    TooManyRequests {
        /// Seconds until the next try has a chance.
        retry_after: u64,
    },
    /// 503: a part is away or busy for the moment.
    #[error("{detail}")]
    Unavailable {
        /// What is away, in words for a person.
        detail: String,
        /// Seconds until the next try has a chance.
        retry_after: u64,
    },
    /// 507: no room left.
    #[error("{0}")]
    StorageFull(String),
    /// 500: our fault; shown as nothing but a request id, logged once.
    #[error("Something went wrong on our side.")]
    Internal(anyhow::Error),
}

impl Error {
    /// The status that carries this meaning.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignInRequired | Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::ReauthenticationRequired(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds for `Retry-After`, where waiting helps.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests { retry_after } | Self::Unavailable { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// One wrong field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::from([(field, message.into())]))
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if !database::is_away(&error) {
            return Self::Internal(error.into());
        }
        tracing::error!(%error, "the database is away");
        database::away()
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        if !error.chain().any(|cause| cause.downcast_ref::<sqlx::Error>().is_some_and(database::is_away)) {
            return Self::Internal(error);
        }
        tracing::error!(error = format!("{error:#}"), "the database is away");
        database::away()
    }
}

impl From<actix_session::SessionGetError> for Error {
    fn from(error: actix_session::SessionGetError) -> Self {
        Self::Internal(anyhow::anyhow!("{error}"))
    }
}

impl From<actix_session::SessionInsertError> for Error {
    fn from(error: actix_session::SessionInsertError) -> Self {
        Self::Internal(anyhow::anyhow!("{error}"))
    }
}

/// Turns “no row” into 404 where the row is needed.
pub trait OrNotFound<T> {
    /// The value, or `Error::NotFound`.
    fn or_not_found(self) -> Result<T>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T> {
        self.ok_or(Error::NotFound)
    }
}
