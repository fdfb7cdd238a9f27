//! What everybody tries first: common passwords, patterns, and the person's own words.
//!
//! A password is cut into the fewest parts that a guesser would put together. Three parts or fewer are guessed soon,
//! however many characters they have; a part that the guesser knows from the person's name or address is free.

/// Common passwords and the words they are made of, gathered by ourselves for this program; no foreign list is in it.
const COMMON: &str = include_str!("common.txt");
/// What fingers and alphabets run along, forwards or backwards.
const ROWS: [&str; 10] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];
/// A password of so many parts is guessed soon.
const FEW_PARTS: usize = 3;
/// Shorter parts of a row, runs and own words are chance.
const LEAST_PATTERN: usize = 3;
/// A year, or a day and a month.
const DIGITS_OF_ONE_PART: usize = 4;
/// Repeating something shorter than a password makes no password of it.
const SHORT_PERIOD: usize = 15;

/// Whether a guesser who knows these words of the person would soon come to this password.
pub fn is_guessable(text: &str, own_words: &[&str]) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    repeats(&text) || parts(&text, &words(own_words)) <= FEW_PARTS
}

/// The person's words in lower case, whole and cut at what is no letter or digit.
fn words(own: &[&str]) -> Vec<Vec<char>> {
    let lower: Vec<String> = own.iter().map(|word| word.to_lowercase()).collect();
    let pieces = lower.iter().flat_map(|word| word.split(|letter: char| !letter.is_alphanumeric()));
    let words = lower.iter().map(String::as_str).chain(pieces).map(|word| word.chars().collect::<Vec<_>>());
    words.filter(|word| word.len() >= LEAST_PATTERN).collect()
}

/// Whether letters and digits go round in a short circle.
fn repeats(text: &[char]) -> bool {
    let text: Vec<char> = text.iter().copied().filter(|letter| letter.is_alphanumeric()).collect();
    let most = SHORT_PERIOD.min(text.len() / 2 + 1);
    (1..most).any(|period| text.iter().zip(&text[period..]).all(|(one, next)| one == next))
}

/// The fewest parts that make up the text.
fn parts(text: &[char], own: &[Vec<char>]) -> usize {
    let common: Vec<Vec<char>> = COMMON.split_whitespace().map(|word| word.chars().collect()).collect();
    let mut fewest = vec![usize::MAX; text.len() + 1];
    fewest[0] = 0;
    for at in 0..text.len() {
        let (here, rest) = (fewest[at], &text[at..]);
        let mut reach = |length: usize, cost: usize| {
            fewest[at + length] = fewest[at + length].min(here + cost);
        };
        // Signs between words are no words.
        reach(1, usize::from(rest[0].is_alphanumeric()));
        for word in own.iter().filter(|word| begins_with(rest, word)) {
            reach(word.len(), 0);
        }
        for word in common.iter().filter(|word| begins_with(rest, word)) {
            reach(word.len(), 1);
        }
        for length in LEAST_PATTERN..=pattern(rest) {
            reach(length, 1);
        }
        let digits =
            rest.iter().take(DIGITS_OF_ONE_PART).take_while(|letter| letter.is_ascii_digit()).count();
        for length in 1..=digits {
            reach(length, 1);
        }
    }
    fewest[text.len()]
}

/// Whether the text begins with a word, also where signs and digits stand for its letters.
fn begins_with(text: &[char], word: &[char]) -> bool {
    text.len() >= word.len()
        && text.iter().zip(word).all(|(&written, &meant)| written == meant || stands_for(written, meant))
}

fn stands_for(written: char, meant: char) -> bool {
    matches!(
        (written, meant),
        ('0', 'o') | ('1' | '!', 'i' | 'l') | ('3', 'e') | ('4' | '@', 'a') | ('5' | '$', 's') | ('7', 't')
    )
}

/// How many characters from the beginning are one run of the same, or a piece of a row.
fn pattern(text: &[char]) -> usize {
    let same = text.iter().take_while(|&&letter| letter == text[0]).count();
    let rows = ROWS.iter().map(|row| row.chars().collect::<Vec<_>>());
    let along = rows.flat_map(|row| {
        let backwards: Vec<char> = row.iter().rev().copied().collect();
        [shared(text, &row), shared(text, &backwards)]
    });
    along.max().unwrap_or(0).max(same)
}

/// How long the text runs along a row from wherever it enters it.
fn shared(text: &[char], row: &[char]) -> usize {
    let from = |start: usize| row[start..].iter().zip(text).take_while(|(one, other)| one == other).count();
    (0..row.len()).map(from).max().unwrap_or(0)
}
