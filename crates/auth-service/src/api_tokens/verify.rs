//! What a presented token amounts to, for our own API and for the applications that ask `verify-session`.

use actix_web::HttpResponse;
use chrono::Utc;
use common::{
    Result,
    identity::{ActiveSession, InactiveReason, SessionInfo},
};

use super::{ApiToken, Presented, store};
use crate::{App, verify};

/// How the person of a token proved who they are: they did not, they gave a token away.
const METHOD: &str = "pat";

/// Looks a token up; a reason if it is good for nothing.
pub async fn resolve(app: &App, token: &ApiToken) -> Result<Result<Presented, InactiveReason>> {
    let Some(found) = store::find(&app.db, &token.hash()).await? else {
        return Ok(Err(InactiveReason::UnknownSession));
    };
    let now = Utc::now();
    if !found.is_active {
        return Ok(Err(InactiveReason::Disabled));
    }
    if now >= found.expires_at {
        return Ok(Err(InactiveReason::Expired));
    }
    app.last_used.note(&found, now);
    Ok(Ok(found))
}

/// The answer of `verify-session`. It never sets an `X-Auth-*` header: a proxy that reads only those can't tell what
/// the token is not good for, so it learns of nobody.
pub async fn answer(app: &App, token: &ApiToken) -> Result<HttpResponse> {
    match resolve(app, token).await? {
        Ok(found) => Ok(HttpResponse::Ok().json(active(found))),
        Err(reason) => Ok(verify::inactive(app, reason)),
    }
}

fn active(token: Presented) -> ActiveSession {
    let session = SessionInfo {
        id: token.id,
        auth_time: token.created_at,
        methods: vec![METHOD.to_owned()],
        idle_expires_at: token.expires_at,
        absolute_expires_at: token.expires_at,
    };
    ActiveSession {
        active: true,
        user: token.user,
        session,
        scopes: Some(token.scopes),
        cache_for: 0,
        events_through: None,
    }
}
