//! Text out of metadata, made fit for a database and a page: no control characters, no padding, not endless.

use std::borrow::Cow;

/// More than any camera or lens is called.
const LONGEST: usize = 200;

/// What Windows-1252 has where ISO 8859-1 has the control characters 128 to 159; five places are empty.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// What a camera calls something. `None` when nothing is left.
pub(super) fn readable(bytes: &[u8]) -> Option<String> {
    line(&decoded(bytes), LONGEST)
}

/// The text in some bytes: UTF-8, or else Latin-1 as Windows has it, which is what older programs write.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| latin_1(*byte)).collect()),
    }
}

/// One line of at most so many characters. `None` when nothing is left, or the word that programs write for
/// nothing.
pub(super) fn line(text: &str, most: usize) -> Option<String> {
    let spaced = text.chars().map(|letter| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter });
    let clean: String = spaced.filter(|letter| !is_hidden(*letter)).collect();
    meant(cut(clean.trim(), most))
}

/// Lines, between which at most one is empty, of at most so many characters together.
pub(super) fn paragraphs(text: &str, most: usize) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let mut whole = String::new();
    for line in text.split('\n') {
        let clean: String = line.replace('\t', " ").chars().filter(|letter| !is_hidden(*letter)).collect();
        if !(clean.trim().is_empty() && (whole.is_empty() || whole.ends_with("\n\n"))) {
            whole.push_str(clean.trim_end());
            whole.push('\n');
        }
    }
    meant(cut(whole.trim(), most))
}

fn cut(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end()
}

fn meant(text: &str) -> Option<String> {
    (!text.is_empty() && text != "null").then(|| text.to_owned())
}

fn latin_1(byte: u8) -> char {
    match byte {
        128..=159 => WINDOWS_1252[usize::from(byte - 128)],
        _ => char::from(byte),
    }
}

/// Characters that show nothing and can change how the text around them is read. The two that join and part
/// letters stay: Persian, Indian scripts and emoji need them.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::{line, paragraphs, readable};

    #[test]
    fn padding_and_hidden_characters_go() {
        assert_eq!(readable(b"  NIKON CORPORATION  \0").as_deref(), Some("NIKON CORPORATION"));
        assert_eq!(readable("a\u{202E}b\u{200B}c\r\n".as_bytes()).as_deref(), Some("abc"));
        assert_eq!(line("two\r\nlines", 20).as_deref(), Some("two  lines"));
        assert_eq!(readable(b" \0 "), None);
        assert_eq!(readable(b"null"), None);
    }

    #[test]
    fn what_joins_letters_stays() {
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}";
        assert_eq!(line(family, 20).as_deref(), Some(family));
    }

    #[test]
    fn old_programs_wrote_latin_1() {
        assert_eq!(readable(b"Caf\xE9 \x96 \x93Ana\x94 \x81").as_deref(), Some("Café – “Ana”"));
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        let text = "\n One \r\n\r\n\r\n\r\nTwo\tlines\u{2028}here\r\n";
        assert_eq!(paragraphs(text, 100).as_deref(), Some("One\n\nTwo lines\nhere"));
        assert_eq!(paragraphs(" \n\u{200B}\n ", 100), None);
        assert_eq!(paragraphs("ä\nä\nä", 4).as_deref(), Some("ä\nä"));
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(readable("é".repeat(60_000).as_bytes()).map(|text| text.chars().count()), Some(200));
    }
}
