//! Passwords: argon2id in a bounded pool, so that a flood of sign-ins costs neither memory nor the verifying of sessions.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::Context;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use common::{Error, Result, secrets::random_token};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// A longer password is refused before anything is hashed.
pub const MOST_BYTES: usize = 1024;
/// NIST SP 800-63B-4: the least where the password is the only factor.
const LEAST_CHARACTERS: usize = 15;

/// OWASP's least for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password that somebody chose for an account; checked, not yet hashed.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Checks the length; the message says what to do.
    pub fn parse(text: &str, _own_words: &[&str]) -> Result<Self, String> {
        if text.chars().count() < LEAST_CHARACTERS {
            return Err(format!(
                "A password needs at least {LEAST_CHARACTERS} characters; a few words will do."
            ));
        }
        if text.len() > MOST_BYTES {
            return Err(format!("A password may have at most {MOST_BYTES} bytes."));
        }
        Ok(Self(text.into()))
    }

    /// 24 characters that nobody can guess.
    pub fn generate() -> Self {
        Self(random_token()[..24].into())
    }

    /// The text, for showing a generated one once.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The pool that hashes: as many at once as there are cores, a bounded number waiting.
pub struct Passwords {
    argon2: Argon2<'static>,
    cores: Arc<Semaphore>,
    places: Arc<Semaphore>,
    decoy: Arc<str>,
    verifications: Arc<AtomicU64>,
}

impl Passwords {
    /// A pool for so many cores and so many that wait for one.
    pub fn new(cores: usize, queue: usize) -> anyhow::Result<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).context("argon2 parameters")?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, random_token().as_bytes())?.into();
        let (cores, places) = (Semaphore::new(cores), Semaphore::new(cores + queue));
        Ok(Self {
            argon2,
            cores: Arc::new(cores),
            places: Arc::new(places),
            decoy,
            verifications: Arc::default(),
        })
    }

    /// How many passwords were verified since the start, against a stored hash or the decoy.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    /// Whether the password fits. Without a hash (nobody has that name), or with one that can't be read, the same
    /// work is done against a decoy, so that time says nothing.
    pub async fn verify(&self, password: SecretString, stored: Option<SecretString>) -> Result<bool> {
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        let verifications = Arc::clone(&self.verifications);
        self.in_pool(move || {
            // Counted where the work is done, so that a refusal without any is seen.
            let verify = |hash: &str| {
                let checked = argon2.verify_password(password.expose_secret().as_bytes(), hash);
                let done = matches!(checked, Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid));
                verifications.fetch_add(u64::from(done), Ordering::Relaxed);
                done.then_some(checked.is_ok())
            };
            stored.and_then(|stored| verify(stored.expose_secret())).unwrap_or_else(|| {
                let _never_fits = verify(&decoy);
                false
            })
        })
        .await
    }

    /// The text to store for a new password.
    pub async fn hash(&self, password: &NewPassword) -> Result<String> {
        let (argon2, password) = (self.argon2.clone(), password.0.clone());
        Ok(self.in_pool(move || hash(&argon2, password.expose_secret().as_bytes())).await??)
    }

    /// Runs one hashing on a thread of its own. The core is given back when the work is done, not when the client
    /// has gone away in the meantime.
    async fn in_pool<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_full| Error::Unavailable {
            detail: "Too many people are signing in at this moment.".to_owned(),
            retry_after: 2,
        })?;
        let core = Arc::clone(&self.cores).acquire_owned().await.context("the pool is never closed")?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((core, place));
            result
        });
        Ok(done.await.context("hashing a password")?)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> anyhow::Result<String> {
    let hashed = argon2.hash_password(password).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hashed.to_string())
}

/// Refuses what is too long to be a password, before it costs anything.
pub fn refuse_too_long(password: &SecretString) -> Result<()> {
    if password.expose_secret().len() > MOST_BYTES {
        return Err(Error::invalid("password", format!("A password may have at most {MOST_BYTES} bytes.")));
    }
    Ok(())
}
