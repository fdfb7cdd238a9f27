//! Which files a dump of the database names, read from what `pg_restore --data-only --file=-` writes of two tables.
//!
//! The dump is asked and not the database, which has gone on meanwhile. The format is that of PostgreSQL's `copy` (text).

use std::io::BufRead;

use anyhow::{Context, bail, ensure};
use common::secrets::Digest;

use super::Named;

/// The tables whose rows name files.
const TABLES: [&str; 2] = ["public.files", "public.renditions"];

/// Reads them all, each key once. Half of a listing is refused.
pub(super) fn read(input: impl BufRead) -> anyhow::Result<Vec<Named>> {
    let mut found = Vec::new();
    let mut whole = Vec::new();
    let mut table: Option<Table> = None;
    for line in input.lines() {
        let line = line.context("reading what the dump names")?;
        match table.take() {
            None => table = Table::begun(&line)?,
            Some(current) if line == "\\." => whole.push(current.name),
            Some(current) => {
                found.push(current.row(&line).with_context(|| format!("{} in the dump", current.name))?);
                table = Some(current);
            }
        }
    }
    for name in TABLES {
        ensure!(
            whole.iter().any(|read| read == name),
            "the dump of photos lacks the table {name}, or was cut off"
        );
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    // Photos that were copied share their pictures.
    found.dedup_by(|one, other| one.key == other.key);
    Ok(found)
}

/// A table whose rows follow, and where in them there is what.
struct Table {
    name: String,
    key: usize,
    bytes: usize,
    sha256: usize,
}

impl Table {
    fn begun(line: &str) -> anyhow::Result<Option<Self>> {
        let Some((name, rest)) = line.strip_prefix("COPY ").and_then(|line| line.split_once(" (")) else {
            return Ok(None);
        };
        let columns = rest.strip_suffix(") FROM stdin;").context("an unknown form of COPY in the dump")?;
        let place = |wanted: &str| {
            let mut columns = columns.split(", ");
            columns.position(|column| column == wanted).with_context(|| format!("{name} has no {wanted}"))
        };
        let (key, bytes, sha256) = (place("storage_key")?, place("size_bytes")?, place("sha256")?);
        Ok(Some(Self { name: name.to_owned(), key, bytes, sha256 }))
    }

    fn row(&self, line: &str) -> anyhow::Result<Named> {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |place: usize| fields.get(place).copied().context("a row is too short");
        let sha256 = match field(self.sha256)? {
            "\\N" => None,
            // A backslash is written as two.
            text => Some(text.strip_prefix("\\\\x").and_then(unhex).context("a row has no SHA-256")?),
        };
        Ok(Named { key: plain(field(self.key)?)?, bytes: field(self.bytes)?.parse()?, sha256 })
    }
}

/// A text without its escapes.
fn plain(field: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('\\') => text.push('\\'),
                other => bail!("a key with a control character ({other:?})"),
            },
            letter => text.push(letter),
        }
    }
    Ok(text)
}

/// Reads 64 hexadecimal characters.
pub(super) fn unhex(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &str = "--\nSET x = 1;\nCOPY public.files (id, storage_key, size_bytes, sha256) FROM stdin;\n\
        1\t7/b\\\\c.jpg\t12\t\\\\x0101010101010101010101010101010101010101010101010101010101010101\n\\.\n\n";
    const RENDITIONS: &str = "COPY public.renditions (photo_id, size_bytes, storage_key, sha256) FROM stdin;\n\
        3\t5\t7/a.jpg\t\\N\n4\t5\t7/a.jpg\t\\N\n\\.\n";

    #[test]
    fn the_rows_of_both_tables_are_read_and_each_key_once() {
        let found = read(format!("{FILES}{RENDITIONS}").as_bytes()).expect("a listing");
        let named = |key: &str, bytes, sha256| Named { key: key.to_owned(), bytes, sha256 };
        assert_eq!(found, [named("7/a.jpg", 5, None), named("7/b\\c.jpg", 12, Some([1; 32]))]);
        let empty = "COPY public.files (storage_key, size_bytes, sha256) FROM stdin;\n\\.\n\
            COPY public.renditions (storage_key, size_bytes, sha256) FROM stdin;\n\\.\n";
        assert_eq!(read(empty.as_bytes()).expect("an empty site"), []);
    }

    #[test]
    fn half_a_listing_is_refused() {
        let whole = format!("{FILES}{RENDITIONS}");
        let cut = whole.trim_end().trim_end_matches("\\.");
        for half in [FILES, RENDITIONS, "", cut, &whole.replace("size_bytes", "size")] {
            assert!(read(half.as_bytes()).is_err(), "{half}");
        }
    }
}
