//! Signing and sealing under a list of secrets (the first makes, all verify), and the random tokens of both services.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest, hmac,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

const NONCE_LENGTH: usize = 12;

/// Secrets of one service. Each use derives a key of its own, so that a signature made for one purpose fits no other.
#[derive(Clone)]
pub struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Parses a list separated by commas or line ends; each secret must be at least 43 characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let secrets: Vec<_> =
            text.split([',', '\n']).map(str::trim).filter(|secret| !secret.is_empty()).collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.len() < 43) {
            return Err("each secret needs at least 43 characters (32 random bytes as base64)".to_owned());
        }
        Ok(Self(secrets.into_iter().map(SecretString::from).collect()))
    }

    /// Whether each secret could be random: 128 bits by the mix of its characters, and no piece of it over and over.
    /// What a person thought up may pass all the same.
    pub fn look_random(&self) -> bool {
        self.0.iter().all(|secret| looks_random(secret.expose_secret().as_bytes()))
    }

    /// Stands in while the faults of a configuration are collected; such a configuration never starts.
    pub(crate) fn placeholder() -> Self {
        Self(Vec::new())
    }

    /// A signature over `message`: 16 bytes of HMAC-SHA-256 as 22 base64url characters.
    pub fn sign(&self, purpose: &str, message: &str) -> String {
        let tag = hmac::sign(&signing_key(self.newest(), purpose), message.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(&tag.as_ref()[..16])
    }

    /// Whether any of the secrets made this signature. Takes the same time whichever byte differs.
    pub fn verify(&self, purpose: &str, message: &str, signature: &str) -> bool {
        let Ok(given) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
        self.0.iter().any(|secret| {
            let tag = hmac::sign(&signing_key(secret, purpose), message.as_bytes());
            aws_lc_rs::constant_time::verify_slices_are_equal(&tag.as_ref()[..16], &given).is_ok()
        })
    }

    /// Encrypts a short text (AES-256-GCM); the result holds nonce, ciphertext and tag.
    pub fn seal(&self, purpose: &str, plaintext: &str) -> Vec<u8> {
        let key = sealing_key(self.newest(), purpose);
        let mut body = plaintext.as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut body)
            .expect("sealing a short text stays below the cipher's limits");
        [nonce.as_ref().as_slice(), &body].concat()
    }

    /// Decrypts what `seal` made under any of the secrets; `None` if none of them fits.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LENGTH)?;
        self.0.iter().find_map(|secret| {
            let mut body = body.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let aad = Aad::from(purpose.as_bytes());
            let plaintext = sealing_key(secret, purpose).open_in_place(nonce, aad, &mut body).ok()?;
            String::from_utf8(plaintext.to_vec()).ok()
        })
    }

    /// The key of actix-session's signed cookie. The cookie names a random row, so a rotation only makes a new row.
    pub fn cookie_key(&self) -> actix_web::cookie::Key {
        actix_web::cookie::Key::derive_from(&derived(self.newest(), "browser session cookie"))
    }

    fn newest(&self) -> &SecretString {
        self.0.first().expect("a started service has at least one secret")
    }
}

/// 32 bytes of the operating system's randomness as 43 base64url characters.
pub fn random_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Randomness of the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// Whether a text has the shape of `random_token`; anything else never reaches the database.
pub fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What every personal API token begins with, so that it is known for one wherever it turns up.
pub const API_TOKEN_PREFIX: &str = "pat_";

/// Whether a text has the shape of a personal API token: the prefix, then as `random_token`.
pub fn is_api_token(text: &str) -> bool {
    text.strip_prefix(API_TOKEN_PREFIX).is_some_and(is_token)
}

/// A SHA-256.
pub type Digest = [u8; 32];

/// SHA-256 of a text.
pub fn sha256(text: &str) -> Digest {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().try_into().expect("SHA-256 makes 32 bytes")
}

/// SHA-256 as 64 hexadecimal characters: what the database keeps of a token.
pub fn sha256_hex(text: &str) -> String {
    hex(&sha256(text))
}

/// Whether two hashes are the same text. Takes the same time whichever character differs.
pub fn is_same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Bytes as lower-case hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![0; 2 * bytes.len()];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    String::from_utf8(text).expect("digits are ASCII")
}

fn looks_random(secret: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    for byte in secret {
        counts[usize::from(*byte)] += 1;
    }
    let length = f64::from(counts.iter().sum::<u32>());
    let counts = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count));
    let bits: f64 = counts.map(|count| count * (length / count).log2()).sum();
    let repeats = (1..=secret.len() / 2).any(|step| secret[step..] == secret[..secret.len() - step]);
    bits >= 128.0 && !repeats
}

fn signing_key(secret: &SecretString, purpose: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &derived(secret, purpose))
}

fn sealing_key(secret: &SecretString, purpose: &str) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, &derived(secret, purpose)).expect("32 bytes are a key of AES-256")
}

fn derived(secret: &SecretString, purpose: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    hmac::sign(&key, purpose.as_bytes()).as_ref().try_into().expect("HMAC-SHA-256 makes 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(names: &[char]) -> Secrets {
        let list: Vec<String> = names.iter().map(|name| name.to_string().repeat(43)).collect();
        Secrets::parse(&list.join(",")).expect("long enough")
    }

    #[test]
    fn what_an_older_secret_made_is_still_valid_after_a_rotation() {
        let (old, rotated) = (secrets(&['a']), secrets(&['b', 'a']));
        assert!(rotated.verify("media", "m", &old.sign("media", "m")));
        assert_eq!(rotated.open("share", &old.seal("share", "token")).as_deref(), Some("token"));
        assert!(!old.verify("media", "m", &rotated.sign("media", "m")));
    }

    #[test]
    fn a_signature_fits_one_purpose_and_one_message() {
        let secrets = secrets(&['a']);
        let signature = secrets.sign("media", "m");
        assert!(!secrets.verify("share", "m", &signature));
        assert!(!secrets.verify("media", "n", &signature));
        assert!(!secrets.verify("media", "m", ""));
    }

    #[test]
    fn an_altered_ciphertext_opens_to_nothing() {
        let secrets = secrets(&['a']);
        let mut sealed = secrets.seal("share", "token");
        *sealed.last_mut().expect("not empty") ^= 1;
        assert_eq!(secrets.open("share", &sealed), None);
        assert_eq!(secrets.open("share", b"short"), None);
    }

    #[test]
    fn secrets_made_by_hand_are_told_apart() {
        let look = |text: &str| Secrets::parse(text).expect("long enough").look_random();
        assert!(look(&random_token()) && look(&hex(&random_bytes::<32>())));
        assert!(!look(&"x".repeat(43)) && !look(&"changeme".repeat(6)) && !look(&"01".repeat(40)));
        assert!(!look(&format!("{},{}", random_token(), "ab".repeat(30))), "each of a list");
    }

    #[test]
    fn tokens_have_the_shape_that_is_asked_for() {
        assert!(is_token(&random_token()));
        assert!(!is_token("short") && !is_token(&"ä".repeat(22)));
    }
}
