//! The mailbox of development: the mails that `MAIL_DIR` holds, for a person who tries the site on their own machine.

pub mod page;

use std::{io, path::Path};

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser};
use tokio::fs;
use uuid::Uuid;

/// A mail as the list shows it.
pub struct Summary {
    /// The name of its file, which sorts by time.
    pub id: Uuid,
    /// The recipient's address.
    pub to: String,
    /// The sender, with name and address.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// When it was written.
    pub written_at: Option<DateTime<Utc>>,
}

/// A whole mail.
pub struct Letter {
    /// What the list shows.
    pub summary: Summary,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A stretch of the text part: an address that can be followed, or words.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Stretch {
    /// What is written.
    pub words: String,
    /// Whether the words are an address.
    pub is_link: bool,
}

/// The mails older than `before` (the newest of all without it), newest first, at most `limit`.
pub async fn list(folder: &Path, before: Option<Uuid>, limit: usize) -> io::Result<Vec<Summary>> {
    let mut ids = Vec::new();
    let mut files = match fs::read_dir(folder).await {
        // It is made with the first mail.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    while let Some(file) = files.next_entry().await? {
        let name = file.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".eml")).and_then(|name| name.parse().ok());
        ids.extend(id.filter(|id: &Uuid| before.is_none_or(|before| *id < before)));
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let mut mails = Vec::new();
    for id in ids.into_iter().take(limit) {
        mails.extend(find(folder, id).await?.map(|letter| letter.summary));
    }
    Ok(mails)
}

/// One mail; none if there is no such file or it is no mail.
pub async fn find(folder: &Path, id: Uuid) -> io::Result<Option<Letter>> {
    match fs::read(folder.join(format!("{id}.eml"))).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => Ok(MessageParser::default().parse(&bytes?).map(|message| letter(id, &message))),
    }
}

fn letter(id: Uuid, message: &Message<'_>) -> Letter {
    let people = |list: Option<&mail_parser::Address<'_>>| {
        let person = list.and_then(|list| list.first());
        let address = person.and_then(|person| person.address()).unwrap_or_default();
        match person.and_then(|person| person.name()) {
            Some(name) => format!("{name} <{address}>"),
            None => address.to_owned(),
        }
    };
    let written_at = message.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
    Letter {
        summary: Summary {
            id,
            to: people(message.to()),
            from: people(message.from()),
            subject: message.subject().unwrap_or_default().to_owned(),
            written_at,
        },
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
    }
}

/// Splits a text at the addresses in it.
pub fn stretches(text: &str) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let (link, rest) = word.split_at(word.trim_end().len());
        let is_link = link.starts_with("https://") || link.starts_with("http://");
        let pieces = if is_link { vec![(link, true), (rest, false)] } else { vec![(word, false)] };
        for (words, is_link) in pieces.into_iter().filter(|(words, _)| !words.is_empty()) {
            match stretches.last_mut() {
                Some(last) if !is_link && !last.is_link => last.words.push_str(words),
                _ => stretches.push(Stretch { words: words.to_owned(), is_link }),
            }
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links_and_nothing_is_lost() {
        let text = "Hello,\n\nopen https://auth.stsgym.com/x?a=1\nor not.  javascript:alert(1) http://b\n";
        let stretches = stretches(text);
        let links = stretches.iter().filter(|stretch| stretch.is_link).map(|stretch| stretch.words.as_str());
        assert_eq!(links.collect::<Vec<_>>(), ["https://auth.stsgym.com/x?a=1", "http://b"]);
        assert_eq!(stretches.iter().map(|stretch| stretch.words.as_str()).collect::<String>(), text);
    }
}
