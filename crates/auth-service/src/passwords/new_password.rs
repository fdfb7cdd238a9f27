//! A password that somebody chooses for an account.

use common::{config::Site, secrets::random_token};
use secrecy::{ExposeSecret, SecretString};

use super::{MOST_BYTES, guessable};

/// NIST SP 800-63B-4: the least where the password is the only factor.
const LEAST_CHARACTERS: usize = 15;

/// A password that somebody chose for an account; checked, not yet hashed.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Checks length, and that it is more than common words, patterns and the person's own words (`own_words`); the
    /// message says what to do.
    pub fn parse(text: &str, own_words: &[&str]) -> Result<Self, String> {
        if text.chars().count() < LEAST_CHARACTERS {
            return Err(format!(
                "A password needs at least {LEAST_CHARACTERS} characters; a few words will do."
            ));
        }
        if text.len() > MOST_BYTES {
            return Err(format!("A password may have at most {MOST_BYTES} bytes."));
        }
        if guessable::is_guessable(text, own_words) {
            return Err(
                "This password is easy to guess: it is made of common passwords, of patterns such as \
                        12345 or aaaa, or of your own name or address. Four words that don't belong together \
                        make a good one."
                    .to_owned(),
            );
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

    /// The text, for hashing.
    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// The words that a person's password must not consist of: their name, their address, and what the site is called.
pub fn own_words<'a>(username: &'a str, email: &'a str, site: &'a Site, site_name: &'a str) -> [&'a str; 5] {
    [username, email, site_name, &site.name, &site.base_domain]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: [&str; 4] = ["ana.martin", "ana@martin-weddings.example", "Photos", "stsgym.com"];

    #[test]
    fn length_is_all_that_is_asked_of_an_uncommon_password() {
        for good in [
            "correct horse mustard staple",
            "the long password of ana",
            "an easy tune of summer rain",
            "mein Hut der hat drei Ecken",
            "kitten piano ladder fog",
            "ünïcödé wörds cøunt töö",
            "8f3k-29dj-qpz7-m4xx",
            "9c1185a5c5e9fc54612808977ee8f548b2258d31",
            "314159265358979",
            "パスワードは十五文字以上が必要です",
        ] {
            assert!(NewPassword::parse(good, &ANA).is_ok(), "{good}");
        }
        assert!(NewPassword::parse("fourteen chars", &ANA).is_err());
        assert!(NewPassword::parse(&format!("mustard {}", "x".repeat(1024)), &ANA).is_err());
        assert!(NewPassword::parse(NewPassword::generate().reveal(), &ANA).is_ok());
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for bad in [
            "passwordpassword",
            "Password123456789",
            "P@ssw0rd!P@ssw0rd!",
            "password-password-1",
            "iloveyouiloveyou",
            "qwertyuiopasdfgh",
            "1234567890123456",
            "987654321987654321",
            "abcdefghijklmnop",
            "aaaaaaaaaaaaaaaaaaaaaa",
            "abababababababab",
            "Sommer2024!Sommer2024!",
            "football1234567890",
            "letmein letmein letmein",
            "correcthorsebatterystaple",
            "1q2w3e4r5t6y7u8i9o0p",
            "                    ",
            "!!!!!!!!!!!!!!!!",
            "welcome2welcome2welcome2",
        ] {
            assert!(NewPassword::parse(bad, &ANA).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_persons_own_words_are_refused_as_a_password_and_welcome_within_one() {
        for bad in [
            "ana@martin-weddings.example",
            "ANA.MARTIN.2024.ANA",
            "anamartinweddings1",
            "martin weddings photos",
            "Photos4stsgym.com",
            "stsgym.com/photos/ana",
            "m4rt1n-w3dd1ngs-2025",
        ] {
            assert!(NewPassword::parse(bad, &ANA).is_err(), "{bad}");
            assert!(NewPassword::parse(&format!("{bad} under a tin roof"), &ANA).is_ok(), "{bad}");
        }
        assert!(NewPassword::parse("ana.martin-stsgym", &ANA).is_err());
        assert!(NewPassword::parse("ana.martin-stsgym", &[]).is_ok());
    }
}
