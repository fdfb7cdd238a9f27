//! A hash as the database holds it: of argon2, or of the earlier system.

use super::{
    argon::{self, Cost},
    legacy::{Bcrypt, Pbkdf2, Scrypt},
};

/// A hash that can be read and whose cost can be borne.
pub enum Stored {
    /// `$argon2id$…` and its kin.
    Argon2(Box<argon::Stored>),
    /// Werkzeug's `scrypt:…`.
    Scrypt(Scrypt),
    /// Werkzeug's `pbkdf2:sha256…`.
    Pbkdf2(Pbkdf2),
    /// `$2a$…`, `$2b$…`, `$2y$…`.
    Bcrypt(Bcrypt),
}

impl Stored {
    /// Reads a hash; `None` for what nobody makes or what would cost too much to try.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("$argon2") {
            argon::Stored::parse(text).map(|hash| Self::Argon2(Box::new(hash)))
        } else if text.starts_with("$2") {
            Bcrypt::parse(text).map(Self::Bcrypt)
        } else if text.starts_with("scrypt") {
            Scrypt::parse(text).map(Self::Scrypt)
        } else {
            Pbkdf2::parse(text).map(Self::Pbkdf2)
        }
    }

    /// Whether the password fits; `None` if the hash proves unreadable after all.
    pub fn fits(&self, password: &[u8]) -> Option<bool> {
        match self {
            Self::Argon2(hash) => hash.fits(password),
            Self::Scrypt(hash) => hash.fits(password),
            Self::Pbkdf2(hash) => Some(hash.fits(password)),
            Self::Bcrypt(hash) => hash.fits(password),
        }
    }

    /// Whether it costs a thief less than a new hash would: always so for one of the earlier system.
    pub fn is_weaker_than(&self, cost: Cost) -> bool {
        match self {
            Self::Argon2(hash) => hash.is_weaker_than(cost),
            Self::Scrypt(_) | Self::Pbkdf2(_) | Self::Bcrypt(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_cost_too_much_is_not_tried() {
        let digest = "0".repeat(128);
        for absurd in [
            format!("scrypt:1073741824:8:1$salt${digest}"),
            format!("scrypt:32768:1024:1$salt${digest}"),
            format!("scrypt:32768:8:4096$salt${digest}"),
            format!("scrypt:18446744073709551615:8:1$salt${digest}"),
            format!("pbkdf2:sha256:4294967295$salt${}", &digest[..64]),
            format!("pbkdf2:sha256:0$salt${}", &digest[..64]),
            format!("$2b$31${}", "a".repeat(53)),
            "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "$argon2id$v=19$m=19456,t=4000000000,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "$argon2id$v=19$m=262144,t=16,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ] {
            assert!(Stored::parse(&absurd).is_none(), "{absurd}");
        }
    }

    #[test]
    fn what_nobody_makes_is_not_read() {
        for broken in [
            "",
            "unreadable",
            "plain$salt$text",
            "scrypt:32768:8:1$salt$00",
            "scrypt:32767:8:1$salt$0000",
            "scrypt:32768:8$salt$00",
            "pbkdf2:md5:1000$salt$00",
            "pbkdf2:sha256:1000$salt$zz",
            "pbkdf2:sha256:1000$salt",
            "pbkdf2:sha256:1000:1$salt$00",
            "$2x$10$LLg.z69cO4Ma921ySRAGAuHcSkloVJfPJh/UyVxPJmPt6iJYfiI8y",
            "$2b$10$LLg.z69cO4Ma921ySRAGAuHcSkloVJfPJh/UyVxPJmPt6iJYfiI8",
            "$2b$10$LLg.z69cO4Ma921ySRAGAuHcSkloVJfPJh/UyVxPJmPt6iJYfiI8ü",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$",
        ] {
            assert!(Stored::parse(broken).is_none(), "{broken}");
        }
    }
}
