//! What a person typed, trimmed and checked: the messages are one vocabulary for pages and JSON.

use crate::error::FieldErrors;

/// Trims a text and checks its length in characters; notes a message for the field otherwise.
pub fn required_text(errors: &mut FieldErrors, field: &'static str, text: &str, most: usize) -> String {
    let text = text.trim();
    if text.is_empty() {
        errors.insert(field, "Please fill this in.".to_owned());
    }
    optional_text(errors, field, text, most).unwrap_or_default()
}

/// Trims a text that may be empty (`None`) and checks its length in characters.
pub fn optional_text(
    errors: &mut FieldErrors,
    field: &'static str,
    text: &str,
    most: usize,
) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > most {
        errors.insert(field, format!("Please keep this to {most} characters."));
    }
    if text.contains('\0') {
        errors.insert(field, "This holds a character that can't be stored.".to_owned());
    }
    (!text.is_empty()).then(|| text.to_owned())
}

/// An address for e-mail as RFC 5321 has it in practice: one `@`, a name before it, a dotted host after it.
pub fn email(errors: &mut FieldErrors, field: &'static str, text: &str) -> Option<String> {
    let text = optional_text(errors, field, text, 255)?;
    let plausible = text.rsplit_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !name.contains(['@', ' ', '<', '>', '\r', '\n'])
            && host.contains('.')
            && !host.contains(' ')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    // What can't be written to is no address: the mailer's own rules.
    if !plausible || text.parse::<lettre::Address>().is_err() {
        errors.insert(field, "This does not look like an e-mail address.".to_owned());
        return None;
    }
    Some(text)
}
