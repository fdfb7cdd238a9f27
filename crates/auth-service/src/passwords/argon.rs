//! argon2id: what a new hash costs, and how much an old one may ask for.

use anyhow::Context;
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use common::config::Settings;

/// What one hashing costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// `ARGON2_MEMORY_KIB`, default 19456: KiB of memory.
    pub memory_kib: u32,
    /// `ARGON2_PASSES`, default 2: passes over it.
    pub passes: u32,
    /// `ARGON2_LANES`, default 1: lanes; one core works on all of them.
    pub lanes: u32,
}

impl Cost {
    /// OWASP's least for argon2id.
    pub const LEAST: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// More than these is nothing that anybody set on purpose, and one sign-in could stop the service with it.
    const MOST: Self = Self { memory_kib: 256 * 1024, passes: 16, lanes: 16 };
    /// The most of memory times passes, in KiB: two to three seconds of one core.
    const MOST_WORK: u64 = 1024 * 1024;

    /// Reads the settings; less than OWASP's least is for development alone.
    pub fn from_settings(settings: &mut Settings, development: bool) -> Self {
        let cost = Self {
            memory_kib: settings.parsed("ARGON2_MEMORY_KIB", Self::LEAST.memory_kib),
            passes: settings.parsed("ARGON2_PASSES", Self::LEAST.passes),
            lanes: settings.parsed("ARGON2_LANES", Self::LEAST.lanes),
        };
        let Self { memory_kib, passes, lanes } = Self::LEAST;
        if !development && (cost.memory_kib < memory_kib || cost.passes < passes || cost.lanes < lanes) {
            settings.fault(format!(
                "ARGON2_MEMORY_KIB, ARGON2_PASSES and ARGON2_LANES must be at least {memory_kib}, {passes} and {lanes}"
            ));
        }
        if !cost.is_bearable() || cost.params().is_err() {
            settings.fault(format!(
                "ARGON2_MEMORY_KIB, ARGON2_PASSES and ARGON2_LANES may be at most {}, {} and {}, memory times passes \
                 at most {}, and each lane needs 8 KiB",
                Self::MOST.memory_kib,
                Self::MOST.passes,
                Self::MOST.lanes,
                Self::MOST_WORK,
            ));
        }
        cost
    }

    fn is_bearable(self) -> bool {
        let work = u64::from(self.memory_kib) * u64::from(self.passes);
        self.memory_kib <= Self::MOST.memory_kib
            && self.passes <= Self::MOST.passes
            && self.lanes <= Self::MOST.lanes
            && work <= Self::MOST_WORK
    }

    fn params(self) -> argon2::Result<Params> {
        Params::new(self.memory_kib, self.passes, self.lanes, None)
    }
}

/// The text to store for a password.
pub fn hash(cost: Cost, password: &[u8]) -> anyhow::Result<String> {
    let params = cost.params().context("argon2 parameters")?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password(password).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hashed.to_string())
}

/// A stored hash of the argon2 family whose cost can be borne.
pub struct Stored {
    hash: PasswordHash,
    cost: Cost,
    is_argon2id: bool,
}

impl Stored {
    /// Reads the PHC string.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let cost = Cost { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let is_argon2id = algorithm == Algorithm::Argon2id && hash.version == Some(Version::V0x13.into());
        (cost.is_bearable() && hash.salt.is_some() && hash.hash.is_some()).then_some(Self {
            hash,
            cost,
            is_argon2id,
        })
    }

    /// Whether the password fits; `None` if the hash proves unreadable after all.
    pub fn fits(&self, password: &[u8]) -> Option<bool> {
        match Argon2::default().verify_password(password, &self.hash) {
            Ok(()) => Some(true),
            Err(password_hash::Error::PasswordInvalid) => Some(false),
            Err(_) => None,
        }
    }

    /// Whether it costs a thief less than a new hash would.
    pub fn is_weaker_than(&self, cost: Cost) -> bool {
        !self.is_argon2id || self.cost.memory_kib < cost.memory_kib || self.cost.passes < cost.passes
    }
}
