//! Passwords of share links: argon2id, one at a time, and only so many wrong tries an hour.

use std::sync::Arc;

use actix_web::web;
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use common::{Error, Result, error::FieldErrors};
use tokio::sync::Semaphore;

use super::{ShareLink, store};
use crate::app::App;

/// Wrong tries at one link within an hour, by whomever.
const MOST_TRIES: i32 = 20;

/// Hashes and compares passwords of links (argon2id with the least cost of OWASP: 19 MiB, two passes), never two at once:
/// pages go on meanwhile.
#[derive(Clone)]
pub struct LinkPasswords {
    turn: Arc<Semaphore>,
}

impl Default for LinkPasswords {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

impl LinkPasswords {
    /// The text to store for a password.
    pub async fn hash(&self, password: String) -> Result<String> {
        let _turn = self.turn.acquire().await.map_err(anyhow::Error::from)?;
        let hashed = web::block(move || {
            let hashed = Argon2::default().hash_password(password.as_bytes());
            hashed.map(|hashed| hashed.to_string()).map_err(|error| anyhow::anyhow!("argon2: {error}"))
        });
        Ok(hashed.await.map_err(anyhow::Error::from)??)
    }

    async fn fits(&self, password: String, stored: String) -> Result<bool> {
        let _turn = self.turn.acquire().await.map_err(anyhow::Error::from)?;
        let compared = web::block(move || {
            PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(compared.await.map_err(anyhow::Error::from)?)
    }
}

/// Checks a password that a photographer chose for a link; none where it is empty.
pub fn checked(errors: &mut FieldErrors, password: &str) -> Option<String> {
    if password.is_empty() {
        return None;
    }
    if !(4..=128).contains(&password.chars().count()) {
        errors.insert("password", "A password has 4 to 128 characters.".to_owned());
    }
    Some(password.to_owned())
}

/// Whether this is the password of a link. Each try is counted before it is compared, so that many at once are no way past
/// the limit.
pub async fn unlocks(app: &App, link: &ShareLink, password: &str) -> Result<bool> {
    let Some(stored) = &link.password_hash else { return Ok(true) };
    if !store::update_trying(&app.db, link.id, MOST_TRIES).await? {
        return Err(Error::TooManyRequests { retry_after: 3600 });
    }
    let fits = password.chars().count() <= 128
        && app.link_passwords.fits(password.to_owned(), stored.clone()).await?;
    if fits {
        store::update_tried_well(&app.db, link.id).await?;
    }
    Ok(fits)
}
