//! What `dev` keeps between runs: the services' secrets and the two accounts, for the owner's eyes alone.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The names of the accounts that `dev` makes, with their roles.
pub const ACCOUNTS: [&str; 2] = ["admin", "photographer"];

/// The kept state, in `target/dev/state.json`.
pub struct State {
    file: PathBuf,
    kept: Value,
}

impl State {
    /// Reads the state, or makes new secrets and passwords.
    pub fn load(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let file = folder.join("state.json");
        if let Some(kept) = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
            let mut state = Self { file, kept };
            // A state that was written before photos had a credential gains one.
            if state.service_token().is_empty() {
                state.kept["service_token"] = secret()?.into();
                state.write()?;
            }
            return Ok(state);
        }
        let mut accounts = json!({});
        for name in ACCOUNTS {
            accounts[name] = json!({ "username": name, "password": password()? });
        }
        let kept = json!({
            "auth_secrets": secret()?, "photos_secrets": secret()?, "service_token": secret()?, "accounts": accounts,
        });
        let state = Self { file, kept };
        state.write()?;
        Ok(state)
    }

    pub fn auth_secrets(&self) -> &str {
        self.text("/auth_secrets")
    }

    pub fn photos_secrets(&self) -> &str {
        self.text("/photos_secrets")
    }

    /// The credential of photos at the auth-service.
    pub fn service_token(&self) -> &str {
        self.text("/service_token")
    }

    pub fn password(&self, account: &str) -> &str {
        self.text(&format!("/accounts/{account}/password"))
    }

    pub fn accounts(&self) -> &Value {
        &self.kept["accounts"]
    }

    /// Whether a step of the first run is done: `accounts`, `samples`.
    pub fn is_done(&self, step: &str) -> bool {
        self.kept["done"][step] == true
    }

    pub fn set_done(&mut self, step: &str) -> Result<()> {
        self.kept["done"][step] = true.into();
        self.write()
    }

    /// The database is new, so the first run's steps are due again.
    pub fn forget_steps(&mut self) -> Result<()> {
        self.kept["done"] = json!({});
        self.write()
    }

    fn text(&self, pointer: &str) -> &str {
        self.kept.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn write(&self) -> Result<()> {
        write_private(&self.file, &self.kept)
    }
}

/// Writes JSON so that the file is whole or absent, and only its owner reads it.
pub fn write_private(file: &Path, value: &Value) -> Result<()> {
    let mut name = file.file_name().context("the file has no name")?.to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let _ = fs::remove_file(&new);
    let mut open = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .with_context(|| new.display().to_string())?;
    writeln!(open, "{value:#}")?;
    fs::rename(&new, file).with_context(|| format!("{} can't be written", file.display()))
}

/// 32 random bytes as base64url.
fn secret() -> Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in random::<32>()?.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    Ok(text)
}

/// A password of 100 bits that can be read aloud.
fn password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters = random::<20>()?.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
    Ok(groups.join("-"))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes).context("/dev/urandom gives nothing")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_new_each_time() -> Result<()> {
        let (one, other) = (secret()?, secret()?);
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        assert!(password()?.len() >= 15);
        Ok(())
    }

    #[test]
    fn a_state_without_a_credential_gains_one() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-older-state-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        write_private(&folder.join("state.json"), &json!({ "auth_secrets": "kept" }))?;
        let first = State::load(&folder)?;
        assert_eq!((first.auth_secrets(), first.service_token().len()), ("kept", 43));
        assert_eq!(State::load(&folder)?.service_token(), first.service_token());
        fs::remove_dir_all(folder)?;
        Ok(())
    }

    #[test]
    fn the_state_survives_and_is_private() -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let folder = std::env::temp_dir().join(format!("xtask-state-{}", std::process::id()));
        let mut first = State::load(&folder)?;
        first.set_done("accounts")?;
        let second = State::load(&folder)?;
        assert_eq!(first.password("admin"), second.password("admin"));
        assert!(second.is_done("accounts") && !second.is_done("samples"));
        assert_eq!(fs::metadata(folder.join("state.json"))?.mode() & 0o777, 0o600);
        fs::remove_dir_all(folder)?;
        Ok(())
    }
}
