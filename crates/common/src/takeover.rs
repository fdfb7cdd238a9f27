//! Accounts of the earlier system on their way between the services, whose databases can't reach each other: lines of JSON
//! that photos writes and the auth-service reads, and the other way around.

use std::io::{BufRead, Write};

use anyhow::{Context, bail, ensure};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::identity::{Role, UserId};

/// An account as photos holds it. Not to be printed: it carries what its password is checked against.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierAccount {
    /// Its id in the database of photos.
    pub photos_id: i32,
    /// Its name, in whatever form the earlier system took.
    pub username: String,
    /// Its address, likewise.
    pub email: String,
    /// What its password is checked against; empty where the auth-service has it.
    pub password_hash: String,
    /// Its role, in whatever words.
    pub user_type: Option<String>,
    /// Whether it may be used.
    pub is_active: bool,
    /// Whether its address was proven.
    pub email_verified: bool,
    /// When it was made, UTC.
    pub created_at: Option<NaiveDateTime>,
    /// When its person last signed in, UTC.
    pub last_login: Option<NaiveDateTime>,
    /// The account that it is at the auth-service, where photos knows.
    pub auth_user_id: Option<UserId>,
}

/// Which account of the auth-service an account of photos is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundAccount {
    /// Its id in the database of photos.
    pub photos_id: i32,
    /// Its id at the auth-service.
    pub auth_user_id: UserId,
    /// Its role there.
    pub role: Role,
}

/// The last line, by which a reader knows that nothing was cut off.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    lines: usize,
}

/// Writes a line for each item, and one that says that these were all.
pub fn write_lines<T: Serialize>(mut output: impl Write, items: &[T]) -> anyhow::Result<()> {
    for item in items {
        serde_json::to_writer(&mut output, item)?;
        output.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut output, &End { lines: items.len() })?;
    output.write_all(b"\n")?;
    Ok(output.flush()?)
}

/// Reads what was written so. What was cut off, or is something else, is refused as a whole.
pub fn read_lines<T: DeserializeOwned>(input: impl BufRead) -> anyhow::Result<Vec<T>> {
    let mut items = Vec::new();
    let mut lines = input.lines().enumerate();
    for (index, line) in &mut lines {
        let line = line.context("reading the accounts")?;
        if let Ok(end) = serde_json::from_str::<End>(&line) {
            ensure!(end.lines == items.len(), "some of the {} accounts are missing in the file", end.lines);
            ensure!(lines.next().is_none(), "the file goes on behind its last line");
            return Ok(items);
        }
        // What serde says may quote the line, and that may hold a hash.
        let Ok(item) = serde_json::from_str(&line) else {
            bail!("line {} is not what was expected; is this the right file?", index + 1)
        };
        items.push(item);
    }
    bail!("the file ends too early, after {} accounts; please write it once more", items.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> String {
        let found = |id| FoundAccount { photos_id: id, auth_user_id: UserId(id + 1), role: Role::User };
        let mut bytes = Vec::new();
        write_lines(&mut bytes, &[found(1), found(2)]).expect("written");
        String::from_utf8(bytes).expect("text")
    }

    fn read(text: &str) -> anyhow::Result<Vec<i32>> {
        Ok(read_lines::<FoundAccount>(text.as_bytes())?.iter().map(|account| account.photos_id).collect())
    }

    #[test]
    fn what_was_written_is_read_and_what_was_cut_off_is_refused() {
        let text = written();
        assert_eq!(read(&text).expect("whole"), [1, 2]);
        let lines: Vec<&str> = text.lines().collect();
        for cut in
            [String::new(), lines[0].to_owned(), lines[..2].join("\n"), format!("{}\n{}", lines[0], lines[2])]
        {
            assert!(read(&cut).is_err(), "{cut}");
        }
        assert!(read(&format!("{text}{text}")).is_err());
        let other = text.replace("photos_id", "id");
        let complaint = read(&other).expect_err("another file").to_string();
        assert_eq!(complaint, "line 1 is not what was expected; is this the right file?");
    }
}
