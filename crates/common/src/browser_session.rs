//! The state of one browser at one service (CSRF secret, messages, what was unlocked): rows of PostgreSQL behind
//! actix-session, found by the hash of the cookie's key, so that a dump of the table opens nothing.

use std::collections::HashMap;

use actix_session::{
    SessionExt, SessionMiddleware,
    config::{CookieContentSecurity, PersistentSession},
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError},
};
use actix_web::{
    body::{BoxBody, MessageBody},
    cookie::{SameSite, time::Duration},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use sqlx::PgPool;

use crate::{
    database,
    secrets::{random_token, sha256_hex},
    web::Web,
};

/// The key under which a signed-in browser's state names its SSO session (its public id).
pub const SSO_SESSION: &str = "sso";
/// The key under which a visitor's begun visits are kept.
pub const VISITS: &str = "visits";
/// The key under which is kept which share links a visitor opened with their passwords.
pub const UNLOCKED: &str = "unlocked";
/// In the place of a state that could not be read. Taken for none, it would be replaced: forms that are open would fail and
/// visits count again.
const UNREAD: &str = "unread";

type State = HashMap<String, String>;

/// The statements for one service's table. Built at compile time from the table's name; no value is ever part of them.
pub struct Table {
    load: &'static str,
    save: &'static str,
    update: &'static str,
    delete: &'static str,
    purge: &'static str,
}

macro_rules! table {
    ($name:literal) => {
        Table {
            load: concat!(
                "select sess from ",
                $name,
                " where sid = $1 and expire > now() at time zone 'utc'"
            ),
            save: concat!(
                "insert into ",
                $name,
                " (sid, sess, expire) ",
                "values ($1, $2, now() at time zone 'utc' + make_interval(secs => $3))"
            ),
            // A row that was deleted meanwhile (somebody signed out in another tab) must not come back.
            update: concat!(
                "update ",
                $name,
                " set sess = $2, expire = now() at time zone 'utc' + make_interval(secs => $3) where sid = $1"
            ),
            delete: concat!("delete from ", $name, " where sid = $1"),
            purge: concat!("delete from ", $name, " where expire < now() at time zone 'utc'"),
        }
    };
}

/// The auth-service's table.
pub static AUTH: Table = table!("browser_sessions");
/// The table of photos.
pub static PHOTOS: Table = table!("sessions");

/// actix-session's store over one table.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    table: &'static Table,
}

impl Store {
    /// The store of one service.
    pub fn new(pool: PgPool, table: &'static Table) -> Self {
        Self { pool, table }
    }

    /// Deletes the rows whose time is over; returns how many there were.
    pub async fn purge(&self) -> sqlx::Result<u64> {
        Ok(sqlx::query(self.table.purge).execute(&self.pool).await?.rows_affected())
    }

    async fn write(&self, statement: &'static str, key: &str, state: &State) -> sqlx::Result<()> {
        let statement = sqlx::query(statement)
            .bind(sha256_hex(key))
            .bind(sqlx::types::Json(state))
            .bind(lifetime_seconds(state));
        statement.execute(&self.pool).await?;
        Ok(())
    }
}

/// Before sign-in a row lives an hour, with a begun visit a day and an hour, for a signed-in browser a week.
fn lifetime_seconds(state: &State) -> f64 {
    let hours = match state {
        _ if state.contains_key(SSO_SESSION) => 7 * 24,
        _ if state.contains_key(VISITS) || state.contains_key(UNLOCKED) => 25,
        _ => 1,
    };
    f64::from(hours * 3600)
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let row = sqlx::query_scalar::<_, sqlx::types::Json<State>>(self.table.load)
            .bind(sha256_hex(key.as_ref()))
            .fetch_optional(&self.pool)
            .await;
        let row = row.unwrap_or_else(|error| {
            logged::<()>(&error);
            Some(sqlx::types::Json(State::from([(UNREAD.to_owned(), "true".to_owned())])))
        });
        Ok(row.map(|state| state.0))
    }

    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = random_token();
        self.write(self.table.save, &key, &state).await.unwrap_or_else(|error| logged(&error));
        Ok(SessionKey::try_from(key).expect("a token is far below the limit of a key"))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        if state.contains_key(UNREAD) {
            return Ok(key);
        }
        self.write(self.table.update, key.as_ref(), &state).await.unwrap_or_else(|error| logged(&error));
        Ok(key)
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let statement = sqlx::query(self.table.delete).bind(sha256_hex(key.as_ref()));
        statement.execute(&self.pool).await.map_or_else(|error| logged(&error), drop);
        Ok(())
    }
}

/// The middleware, inside the one below: whoever has a state that could not be read is told to come again.
pub async fn require_read(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.get_session().contains_key(UNREAD) {
        return Ok(request.error_response(database::away()));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn logged<T: Default>(error: &dyn std::fmt::Display) -> T {
    tracing::error!(%error, "the state of a browser session can't be read or written");
    T::default()
}

/// The middleware over a service's store; the cookie belongs to this host alone.
pub fn middleware(web: &Web, store: Store) -> SessionMiddleware<Store> {
    SessionMiddleware::builder(store, web.secrets.cookie_key())
        .cookie_name(web.host_cookie.clone())
        .cookie_secure(!web.site.development)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(PersistentSession::default().session_ttl(Duration::days(7)))
        .build()
}
