//! How a mail is written: a folder of subject, text and HTML, and one struct whose fields all three may print.

use serde::Serialize;
use tera::Context;

use super::Mail;
use crate::{templates::Templates, web::Web};

/// What a mail says. Its folder is `templates/mails/<FOLDER>` with `subject.txt`, `body.txt` (extends `mails/base.txt`)
/// and `body.html` (extends `mails/base.html`). Besides the struct's own fields they may print `mail.site_name`,
/// `mail.host` and `mail.to`.
pub trait Letter: Serialize {
    /// The folder's name; also the kind that the outbox keeps.
    const FOLDER: &'static str;
}

#[derive(Serialize)]
struct Frame<'a> {
    site_name: &'a str,
    host: &'a str,
    to: &'a str,
}

impl Web {
    /// Writes a letter to an address.
    pub fn letter<L: Letter>(&self, letter: &L, to: &str) -> anyhow::Result<Mail> {
        let host = self.public_url.host_str().unwrap_or_default();
        let site_name = self.site_name.current();
        let frame = Frame { site_name: &site_name, host, to };
        write(&self.templates, letter, &frame)
    }
}

fn write<L: Letter>(templates: &Templates, letter: &L, frame: &Frame<'_>) -> anyhow::Result<Mail> {
    let mut context = Context::from_serialize(letter)?;
    context.insert("mail", frame);
    let part = |name: &str| templates.render(&format!("mails/{}/{name}", L::FOLDER), &context);
    Ok(Mail {
        to: frame.to.to_owned(),
        subject: one_line(&part("subject.txt")?),
        text: paragraphs(&part("body.txt")?),
        html: part("body.html")?,
    })
}

/// A subject is one line, whatever somebody's name holds.
fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Without the blank lines that tags of the template leave behind: at most one in a row, none at the ends.
fn paragraphs(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.trim().lines().map(str::trim_end) {
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use rust_embed::RustEmbed;

    use super::*;

    #[derive(RustEmbed)]
    #[folder = "tests/templates"]
    struct Own;

    #[derive(Serialize)]
    struct Greeting {
        name: &'static str,
        url: &'static str,
    }

    impl Letter for Greeting {
        const FOLDER: &'static str = "greeting";
    }

    #[derive(Serialize)]
    struct Misspelt {
        nmae: &'static str,
        url: &'static str,
    }

    impl Letter for Misspelt {
        const FOLDER: &'static str = "greeting";
    }

    fn written(letter: &impl Letter) -> anyhow::Result<Mail> {
        let templates = Templates::load::<Own>()?;
        let frame = Frame { site_name: "Photos & more", host: "auth.stsgym.com", to: "ana@example.org" };
        write(&templates, letter, &frame)
    }

    #[test]
    fn html_is_escaped_and_text_is_not() {
        let name = "<b>Ana</b> & Bo";
        let mail = written(&Greeting { name, url: "https://auth.stsgym.com/x?a=1&b=2" }).expect("a mail");
        assert_eq!(mail.subject, "Hello <b>Ana</b> & Bo");
        assert!(mail.text.contains(name) && mail.text.contains("https://auth.stsgym.com/x?a=1&b=2\n"));
        assert!(!mail.text.contains("\n\n\n") && mail.text.ends_with(".\n"), "{}", mail.text);
        assert!(mail.html.contains("&lt;b&gt;Ana&lt;") && !mail.html.contains("<b>Ana"), "{}", mail.html);
        assert!(mail.html.contains("Photos &amp; more") && mail.html.contains("auth.stsgym.com"));
        assert_eq!(
            mail.html.matches("x?a=1&amp;b=2").count(),
            3,
            "button, plain link, its words: {}",
            mail.html
        );
    }

    #[test]
    fn a_subject_stays_one_line_whatever_a_name_holds() {
        let name = "Ana\r\nBcc: everybody@example.org\u{85}\u{2028}x\0";
        let mail = written(&Greeting { name, url: "https://auth.stsgym.com/" }).expect("a mail");
        assert_eq!(mail.subject, "Hello Ana Bcc: everybody@example.org x");
    }

    #[test]
    fn a_name_that_the_letter_lacks_is_found_before_a_person_reads_the_mail() {
        let letter = Misspelt { nmae: "Ana", url: "https://auth.stsgym.com/" };
        assert_eq!(letter.nmae, "Ana");
        assert!(written(&letter).is_err());
    }
}
