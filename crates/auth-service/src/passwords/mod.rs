//! Passwords: argon2id in a bounded pool, so that a flood of sign-ins costs neither memory nor the verifying of sessions.

mod argon;
mod guessable;
mod legacy;
mod new_password;
pub mod pool;
mod stored;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use common::{Error, Result, secrets::random_token};
use secrecy::{ExposeSecret, SecretString};

pub use argon::Cost;
pub use new_password::{NewPassword, own_words};
use pool::{Place, Pool};
use stored::Stored;

/// A longer password is refused before anything is hashed.
pub const MOST_BYTES: usize = 1024;

/// Hashes and verifies passwords.
pub struct Passwords {
    pool: Pool,
    work: Arc<Work>,
}

/// What a verification found.
pub enum Verdict {
    /// The password does not fit.
    Wrong,
    /// It fits.
    Right {
        /// A hash to store in place of one that the settings of today would not make.
        replacement: Option<SecretString>,
    },
}

/// What the threads of the pool share.
struct Work {
    cost: Cost,
    decoy: String,
    verifications: AtomicU64,
    verifications_of_accounts: AtomicU64,
}

impl Passwords {
    /// For so many cores, so many that wait for one, and new hashes of this cost.
    pub fn new(cores: usize, queue: usize, cost: Cost) -> anyhow::Result<Self> {
        let work = Work {
            cost,
            decoy: argon::hash(cost, random_token().as_bytes())?,
            verifications: AtomicU64::new(0),
            verifications_of_accounts: AtomicU64::new(0),
        };
        Ok(Self { pool: Pool::new(cores, queue), work: Arc::new(work) })
    }

    /// A place in the pool; 503 at once if all are taken.
    pub fn place(&self) -> Result<Place> {
        self.pool.place()
    }

    /// Whether the password fits. Without a hash (nobody has that name, or may try now), or with one that can't be read
    /// or would cost too much, the same work is done against a decoy, so that time says nothing.
    pub async fn verify(
        &self,
        place: Place,
        password: SecretString,
        stored: Option<SecretString>,
    ) -> Result<Verdict> {
        let work = Arc::clone(&self.work);
        place.run(move || work.verify(password.expose_secret().as_bytes(), stored.as_ref())).await?
    }

    /// The text to store for a new password.
    pub async fn hash(&self, password: &NewPassword) -> Result<String> {
        let (cost, password) = (self.work.cost, password.secret().clone());
        let hashed =
            self.place()?.run(move || argon::hash(cost, password.expose_secret().as_bytes())).await?;
        Ok(hashed?)
    }

    /// How many passwords were verified since the start, against a stored hash or the decoy.
    pub fn verifications(&self) -> u64 {
        self.work.verifications.load(Ordering::Relaxed)
    }

    /// How many of them were verified against the hash of an account.
    pub fn verifications_of_accounts(&self) -> u64 {
        self.work.verifications_of_accounts.load(Ordering::Relaxed)
    }
}

impl Work {
    fn verify(&self, password: &[u8], stored: Option<&SecretString>) -> Result<Verdict> {
        let stored = stored.and_then(|text| Stored::parse(text.expose_secret()));
        let checked = stored.and_then(|stored| Some((stored.fits(password)?, stored)));
        let Some((fits, stored)) = checked else {
            let decoy = Stored::parse(&self.decoy).and_then(|decoy| decoy.fits(password));
            self.verifications.fetch_add(u64::from(decoy.is_some()), Ordering::Relaxed);
            return Ok(Verdict::Wrong);
        };
        self.verifications.fetch_add(1, Ordering::Relaxed);
        self.verifications_of_accounts.fetch_add(1, Ordering::Relaxed);
        if !fits {
            return Ok(Verdict::Wrong);
        }
        let replacement = if stored.is_weaker_than(self.cost) {
            Some(argon::hash(self.cost, password)?.into())
        } else {
            None
        };
        Ok(Verdict::Right { replacement })
    }
}

/// Whether passwords can be checked against a stored text at all.
pub fn is_readable(stored: &str) -> bool {
    Stored::parse(stored).is_some()
}

/// Refuses what is too long to be a password, before it costs anything.
pub fn refuse_too_long(password: &SecretString) -> Result<()> {
    if password.expose_secret().len() > MOST_BYTES {
        return Err(Error::invalid("password", format!("A password may have at most {MOST_BYTES} bytes.")));
    }
    Ok(())
}
