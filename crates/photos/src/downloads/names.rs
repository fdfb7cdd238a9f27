//! The names of files in an archive: as they were given where that is safe, and each once.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// What file systems take, in bytes.
const LONGEST: usize = 255;
/// Room for what makes an equal name another one.
const SUFFIX: usize = 12;
/// Names that mean devices on some systems, whatever their extension and case.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Gives every file a name that no other has, by the order in which they come: the same files in the same order always
/// get the same names. An archive waits for all of them before its first byte, so usual names are passed on quickly.
pub struct Names {
    /// By the name as case-insensitive file systems compare it: the next number to try. Hashes of names are enough, for
    /// two that collide only get a number that they would not need.
    taken: HashMap<u64, u32>,
}

impl Names {
    /// With room for so many.
    pub fn with_capacity(files: usize) -> Self {
        Self { taken: HashMap::with_capacity(files) }
    }

    /// The name of the next file in the archive.
    pub fn next(&mut self, given: &str) -> String {
        let name = safe(given);
        let key = key(&name);
        let Some(next) = self.taken.get(&key).copied() else {
            self.taken.insert(key, 2);
            return name.into_owned();
        };
        let (stem, extension) = split(&name);
        for number in next.. {
            let numbered = format!("{stem} ({number}){extension}");
            let numbered_key = self::key(&numbered);
            if !self.taken.contains_key(&numbered_key) {
                self.taken.insert(key, number + 1);
                self.taken.insert(numbered_key, 2);
                return numbered;
            }
        }
        unreachable!("there are more numbers than files")
    }
}

/// The name under which a JPEG goes that was made of a file of this name.
pub fn as_jpeg(name: &str) -> Cow<'_, str> {
    let (stem, extension) = split(name);
    let is_jpeg = [".jpg", ".jpeg"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    if is_jpeg { Cow::Borrowed(name) } else { Cow::Owned(format!("{stem}.jpg")) }
}

/// A name under which unpacking makes one file in the folder that was chosen, on any system; as it was given wherever
/// that does so.
fn safe(given: &str) -> Cow<'_, str> {
    let is_bad = |letter: char| {
        // A colon would lead to another drive or to a stream beside a file, the others to another folder. Letters that
        // turn the direction of writing make a name look like another one.
        "/\\:".contains(letter)
            || letter.is_control()
            || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let mut name = Cow::Borrowed(given);
    if !given.bytes().all(is_usual) && given.contains(is_bad) {
        name = Cow::Owned(given.replace(is_bad, "_"));
    }
    if name.len() > LONGEST - SUFFIX {
        name = Cow::Owned(shortened(&name));
    }
    if name.ends_with(['.', ' ']) {
        // Some systems leave these off, and what is left may be another file's name.
        name = Cow::Owned(format!("{}_", &name[..name.len() - 1]));
    }
    if name.trim().is_empty() {
        return Cow::Borrowed("photo");
    }
    if is_device(&name) { Cow::Owned(format!("_{name}")) } else { name }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    if !(3..=5).contains(&stem.len()) {
        return false;
    }
    let stem = stem.to_ascii_lowercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device).map(|number| number.chars().collect::<Vec<char>>());
        number.is_some_and(|number| matches!(number[..], ['0'..='9' | '¹' | '²' | '³']))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// Cut in the middle, so that the extension stays.
fn shortened(name: &str) -> String {
    let (stem, extension) = split(name);
    let most = LONGEST - SUFFIX;
    let extension = if extension.len() < most / 2 { extension } else { "" };
    let mut end = (most - extension.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", &stem[..end])
}

/// A name up to its last dot, and the rest. A dot at the beginning begins no extension.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

fn key(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    // Of ASCII the short way, for there may be very many.
    let folded = if name.is_ascii() { name.to_ascii_lowercase() } else { name.to_lowercase() };
    folded.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_as_they_were_given_where_that_is_safe() {
        let rows = [
            ("IMG_0001.JPG", "IMG_0001.JPG"),
            ("Übung \"1\" 100%?.jpg", "Übung \"1\" 100%?.jpg"),
            (".hidden", ".hidden"),
            ("..", "._"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("C:\\boot.ini", "C__boot.ini"),
            ("a\u{0}b\n.jpg", "a_b_.jpg"),
            ("a\u{202E}gpj.exe", "a_gpj.exe"),
            ("CON.jpg", "_CON.jpg"),
            ("lpt1", "_lpt1"),
            ("com¹.tif", "_com¹.tif"),
            ("console.jpg", "console.jpg"),
            ("end. ", "end._"),
            ("", "photo"),
            ("   ", "  _"),
        ];
        for (given, expected) in rows {
            assert_eq!(safe(given), expected, "{given:?}");
        }
        let long = format!("{}.jpg", "ü".repeat(300));
        let name = safe(&long);
        assert!(name.len() <= LONGEST - SUFFIX && name.ends_with("ü.jpg"), "{name}");
    }

    #[test]
    fn equal_names_are_numbered_also_where_they_differ_in_case_alone() {
        let mut names = Names::with_capacity(0);
        let given = ["a.jpg", "A.JPG", "a (2).jpg", "a.jpg", "b", "b", "a (2).jpg"];
        let all: Vec<String> = given.iter().map(|name| names.next(name)).collect();
        assert_eq!(all, ["a.jpg", "A (2).JPG", "a (2) (2).jpg", "a (3).jpg", "b", "b (2)", "a (2) (3).jpg"]);
    }

    #[test]
    fn a_jpeg_is_called_one() {
        let rows = [("a.JPG", "a.JPG"), ("a.dng", "a.jpg"), ("a.b.jpeg", "a.b.jpeg"), ("a", "a.jpg")];
        for (name, expected) in rows {
            assert_eq!(as_jpeg(name), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_every_name_is_one_of_a_kind_and_leads_nowhere(
            given in proptest::collection::vec("\\PC{0,6}|[a-c]{1,2}(\\.jpg)?|.{0,300}", 0..40)
        ) {
            let mut names = Names::with_capacity(0);
            let named: Vec<String> = given.iter().map(|name| names.next(name)).collect();
            let mut folded: Vec<String> = named.iter().map(|name| name.to_lowercase()).collect();
            folded.sort();
            folded.dedup();
            prop_assert_eq!(folded.len(), named.len());
            for name in named {
                prop_assert!(!name.is_empty() && name.len() <= LONGEST, "{}", name);
                prop_assert!(!name.contains(['/', '\\', ':', '\0']) && name != ".." && name != ".");
            }
        }
    }
}
