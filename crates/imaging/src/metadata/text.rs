//! Text out of EXIF, made fit for a database and a page: no control characters, no padding, not endless.

/// More than any camera or lens is called.
const LONGEST: usize = 200;

/// The text in some bytes; old cameras write Latin-1 where UTF-8 is not found. `None` when nothing is left.
pub(super) fn readable(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let clean: String = text.chars().filter(|letter| !is_hidden(*letter)).collect();
    let short: String = clean.trim().chars().take(LONGEST).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

/// Characters that show nothing and can change how the text around them is read.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn padding_and_hidden_characters_go() {
        assert_eq!(readable(b"  NIKON CORPORATION  \0").as_deref(), Some("NIKON CORPORATION"));
        assert_eq!(readable("a\u{202E}b\u{200B}c\r\n".as_bytes()).as_deref(), Some("abc"));
        assert_eq!(readable(b" \0 "), None);
    }

    #[test]
    fn old_cameras_wrote_latin_1() {
        assert_eq!(readable(b"Caf\xE9").as_deref(), Some("Café"));
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(readable("x".repeat(60_000).as_bytes()).map(|text| text.len()), Some(200));
    }
}
