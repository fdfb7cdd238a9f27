//! A mail in the form in which it travels (RFC 5322).

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::Mail;

/// A mail that can be handed to a server.
pub struct Posted {
    /// The id of its row.
    pub id: Uuid,
    /// Whom the server answers when the mail comes back.
    pub from: Address,
    /// The recipient.
    pub to: Address,
    /// Headers and bodies.
    pub bytes: Vec<u8>,
}

impl Posted {
    /// Puts the headers on; none if the recipient is no address. Every try carries the same Message-ID, by which most
    /// mailboxes drop a second copy.
    pub fn new(id: Uuid, written_at: DateTime<Utc>, from: &Mailbox, mail: &Mail) -> Option<Self> {
        let to: Address = mail.to.parse().ok()?;
        let mut message = Message::builder()
            .from(from.clone())
            .to(to.clone().into())
            .subject(mail.subject.clone())
            .date(written_at.into())
            .message_id(Some(format!("<{id}@{}>", from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .ok()?;
        // No absence notes, no answers of machines (RFC 3834).
        let machine = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(machine, "auto-generated".to_owned()));
        Some(Self { id, from: from.email.clone(), to, bytes: message.formatted() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(to: &str, subject: &str) -> Option<String> {
        let from = "Ana and Bo <no-reply@example.org>".parse().expect("a sender");
        let [text, html] = ["Grüße\n.\n".to_owned(), "<p>Grüße</p>".to_owned()];
        let mail = Mail { to: to.to_owned(), subject: subject.to_owned(), text, html };
        let posted = Posted::new(Uuid::nil(), DateTime::UNIX_EPOCH, &from, &mail)?;
        Some(String::from_utf8(posted.bytes).expect("text"))
    }

    #[test]
    fn the_headers_say_who_when_and_that_a_machine_wrote() {
        let text = posted("cy@example.com", "Grüße").expect("a mail");
        for line in [
            "From: \"Ana and Bo\" <no-reply@example.org>\r\n",
            "To: cy@example.com\r\n",
            "Message-ID: <00000000-0000-0000-0000-000000000000@example.org>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.is_ascii(), "it passes every server: {text}");
    }

    #[test]
    fn no_address_and_no_subject_adds_a_header() {
        for to in [
            "ana@example.org\r\nBcc: bo@example.org",
            "ana@example.org\nBcc: bo@example.org",
            "ana@example.org, bo@example.org",
            "\"ana\r\nBcc: bo\"@example.org",
            "<ana@example.org> SIZE=1",
            "ana@example.org>\r\nDATA",
            "ana",
            "",
        ] {
            assert!(posted(to, "x").is_none(), "{to:?}");
        }
        for subject in
            ["x\r\nBcc: bo@example.org", "x\nBcc: bo@example.org\n\nbody", "x\rBcc: bo@example.org"]
        {
            let text = posted("ana@example.org", subject).expect("a mail");
            let (head, _) = text.split_once("\r\n\r\n").expect("a head");
            let names =
                head.split(['\r', '\n']).filter_map(|line| line.split_once(':').map(|(name, _)| name));
            assert!(!names.into_iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{subject:?}: {head}");
        }
    }
}
