//! Hashes of the earlier system: Werkzeug's scrypt and PBKDF2, and bcrypt. They are verified, never made.

use std::{num::NonZeroU32, str::FromStr};

use aws_lc_rs::{constant_time::verify_slices_are_equal, pbkdf2};

/// Werkzeug asks for 32 MiB; twice that on every core is what we are ready to hold.
const MOST_SCRYPT_BYTES: u64 = 64 * 1024 * 1024;
/// N × r × p: four times the work of Werkzeug's default.
const MOST_SCRYPT_WORK: u64 = 4 * 32_768 * 8;
/// Werkzeug's default of today is a million.
const MOST_PBKDF2_ITERATIONS: u32 = 2_000_000;
/// What Werkzeug 3.1 takes where the hash names no number.
const UNNAMED_PBKDF2_ITERATIONS: u32 = 1_000_000;
/// Twelve is customary; each one more doubles the work.
const MOST_BCRYPT_COST: u32 = 14;
const SCRYPT_LENGTH: usize = 64;
const SHA256_LENGTH: usize = 32;

/// `scrypt:N:r:p$salt$hex`; without numbers they are Werkzeug's default, 32768, 8 and 1.
pub struct Scrypt {
    params: scrypt::Params,
    salt: String,
    digest: Vec<u8>,
}

impl Scrypt {
    /// Reads a hash whose cost can be borne.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, salt, digest) = parts(text, SCRYPT_LENGTH)?;
        let numbers = method.strip_prefix("scrypt")?;
        let numbers = if numbers.is_empty() { ":32768:8:1" } else { numbers };
        let numbers: Vec<u64> = numbers.split(':').skip(1).map(number).collect::<Option<_>>()?;
        let [n, r, p] = numbers[..] else { return None };
        let bytes = n.checked_mul(r)?.checked_mul(128)?;
        let work = n.checked_mul(r)?.checked_mul(p)?;
        if !n.is_power_of_two() || n < 2 || bytes > MOST_SCRYPT_BYTES || work > MOST_SCRYPT_WORK {
            return None;
        }
        let log_n = u8::try_from(n.trailing_zeros()).ok()?;
        let params = scrypt::Params::new(log_n, u32::try_from(r).ok()?, u32::try_from(p).ok()?).ok()?;
        Some(Self { params, salt, digest })
    }

    /// Whether the password fits; `None` if the numbers fit nothing.
    pub fn fits(&self, password: &[u8]) -> Option<bool> {
        let mut derived = [0; SCRYPT_LENGTH];
        scrypt::scrypt(password, self.salt.as_bytes(), &self.params, &mut derived).ok()?;
        Some(verify_slices_are_equal(&derived, &self.digest).is_ok())
    }
}

/// `pbkdf2:sha256:iterations$salt$hex`.
pub struct Pbkdf2 {
    iterations: NonZeroU32,
    salt: String,
    digest: Vec<u8>,
}

impl Pbkdf2 {
    /// Reads a hash whose cost can be borne.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, salt, digest) = parts(text, SHA256_LENGTH)?;
        let iterations = match method.strip_prefix("pbkdf2:sha256")? {
            "" => UNNAMED_PBKDF2_ITERATIONS,
            named => number(named.strip_prefix(':')?)?,
        };
        let iterations = NonZeroU32::new(iterations).filter(|count| count.get() <= MOST_PBKDF2_ITERATIONS)?;
        Some(Self { iterations, salt, digest })
    }

    /// Whether the password fits.
    pub fn fits(&self, password: &[u8]) -> bool {
        let (salt, digest) = (self.salt.as_bytes(), &self.digest);
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, self.iterations, salt, password, digest).is_ok()
    }
}

/// `$2a$`, `$2b$` or `$2y$`, the cost, and 53 characters of salt and digest. The three differ by faults of old programs
/// with passwords that those did not take.
pub struct Bcrypt(String);

impl Bcrypt {
    /// Reads a hash whose cost can be borne.
    pub fn parse(text: &str) -> Option<Self> {
        if !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
            return None;
        }
        let cost = bcrypt::HashParts::from_str(text).ok()?.get_cost();
        (4..=MOST_BCRYPT_COST).contains(&cost).then(|| Self(text.to_owned()))
    }

    /// Whether the password fits. bcrypt looks at its first 72 bytes alone. No two programs agree on a zero byte, where
    /// the original ended, so such a password never fits; it costs the same.
    pub fn fits(&self, password: &[u8]) -> Option<bool> {
        let fits = bcrypt::verify(password, &self.0).ok()?;
        Some(fits && !password.contains(&0))
    }
}

/// Method, salt and digest of Werkzeug's `method$salt$hex`.
fn parts(text: &str, length: usize) -> Option<(&str, String, Vec<u8>)> {
    let mut parts = text.splitn(3, '$');
    let (method, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    if digest.len() != length * 2 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = (0..length).map(|index| u8::from_str_radix(&digest[index * 2..index * 2 + 2], 16).ok());
    Some((method, salt.to_owned(), bytes.collect::<Option<_>>()?))
}

/// A number in plain digits.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use crate::passwords::stored::Stored;

    const PASSWORD: &str = "Grüße an Ana, 2019!";
    /// Made by Werkzeug 3.1.9 and bcrypt 5.0.0 for Python.
    const HASHES: [&str; 8] = [
        "scrypt:32768:8:1$VW50lZE3LHovEUPy$1008cb070f8ba3f8f8e7bac0a90b6923e7913a016d0ea1b321f5ff73dc78e26fb402e35345321aa37e67d7a6850bc14d4edbd6b72ea141fd50c8d0ea34b64757",
        "scrypt:16384:8:2$eJyGlkp7$4e56ec6574dd8ed14e8f541d61c83f6599f44daa48f34a4eb0651709b5ce083904e5efbab555ceae66d36fd205891f8bdeea03e93c6def69a25e746a2a3c1824",
        "pbkdf2:sha256:260000$DMNJmWj96Y2kO5yO$2c9d42acaed0f0dd202eecedcd538e024d2ba9d74aee8c730f1b2459b7a28456",
        "pbkdf2:sha256:150000$LzD743Ae$c6ea86f360319bcd02dfb43787b9faeb272deb4169a9cc7c1955652978fc2398",
        "pbkdf2:sha256$mey679HJQDYHHIuE$0b14cea457ea666511f349172ccd80d5319035d77ede9ac60487abcb00958746",
        "$2b$10$LLg.z69cO4Ma921ySRAGAuHcSkloVJfPJh/UyVxPJmPt6iJYfiI8y",
        "$2a$04$CU6oDG3UQb5X9NqXFJUBlecwdmIxdTDJVIloY8JLG/RcM5LFLXqoO",
        "$2y$05$yS1APsAy2HBvqiZLX5P2puUUUqtglWFrG8WRP8./9j7WRhJqRAqz.",
    ];

    fn fits(hash: &str, password: &str) -> Option<bool> {
        Stored::parse(hash).and_then(|stored| stored.fits(password.as_bytes()))
    }

    #[test]
    fn hashes_of_the_real_libraries_take_their_password_and_no_other() {
        for hash in HASHES {
            assert_eq!(fits(hash, PASSWORD), Some(true), "{hash}");
            assert_eq!(fits(hash, "Grüße an Ana, 2018!"), Some(false), "{hash}");
            assert_eq!(fits(hash, ""), Some(false), "{hash}");
        }
    }

    #[test]
    fn bcrypt_looks_at_72_bytes_and_takes_no_zero() {
        // Made by bcrypt 4.0.1, the last one that took long passwords.
        let long = "$2b$06$w8fEzwQlBbzUJaAtzOeXVud3xrUqDdxCeG.cnIdgL6yinK2pkASZu";
        let first = "the first seventy-two bytes count, and whatever follows is lost for good";
        assert_eq!(first.len(), 72);
        for rest in [": tail of the password", "", " and something else"] {
            assert_eq!(fits(long, &format!("{first}{rest}")), Some(true), "{rest}");
        }
        assert_eq!(fits(long, &first[..71]), Some(false));
        let umlauts = "$2b$04$IbUCcwdgbSJF4/e9ua602.ZHRv3SWA0LtuYK4Xe7D2xDw16Gmmbzm";
        assert_eq!(fits(umlauts, &"ü".repeat(36)), Some(true), "cut between bytes, not characters");
        let zero = "$2b$04$HermqNn.9n3IjrmQmYs9F.CuyQ8o0/nP0xAkGMJgHFAC0kbEQToGe";
        assert_eq!(fits(zero, "before\0after"), Some(false));
        assert_eq!(fits(zero, "before"), Some(false));
    }
}
