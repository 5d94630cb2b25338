//! Letters with their places, and the accents that are set on them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What a glyph stands for, and where. Lengths are in points, along and across the direction of reading.
#[derive(Debug)]
pub struct Letter {
    /// Usually one character. Empty if the text of the letter before is that of both.
    pub text: String,
    pub start: f32,
    pub end: f32,
    /// Larger further down the page.
    pub baseline: f32,
    /// The size of the font along the direction.
    pub em: f32,
    /// The size of the font across the direction.
    pub height: f32,
    /// The place of the letter in the order in which the page draws its letters.
    pub order: u32,
}

/// Appends a letter in the order in which the page draws it. An accent that is drawn upon a letter, before or
/// after it, becomes one with it.
pub fn push(letters: &mut Vec<Letter>, mut letter: Letter) {
    letter.text = plain_forms(&letter.text);
    letter.order = letters.last().map_or(0, |last| last.order + 1);
    if let Some(last) = letters.last_mut() {
        if let Some(mark) = accent(&letter.text).filter(|_| stands_on(&letter, last)) {
            last.text = composed(&last.text, mark);
            return;
        }
        if let Some(mark) = accent(&last.text).filter(|_| stands_on(last, &letter)) {
            letter.text = composed(&letter.text, mark);
            *last = letter;
            return;
        }
    }
    letters.push(letter);
}

/// The combining form of a text that is nothing but an accent.
fn accent(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let (Some(char), None) = (chars.next(), chars.next()) else { return None };
    Some(match char {
        '`' | '\u{2cb}' => '\u{300}',
        '\u{b4}' | '\u{2ca}' => '\u{301}',
        '^' | '\u{2c6}' => '\u{302}',
        '~' | '\u{2dc}' => '\u{303}',
        '\u{af}' | '\u{2c9}' => '\u{304}',
        '\u{2d8}' => '\u{306}',
        '\u{2d9}' => '\u{307}',
        '\u{a8}' => '\u{308}',
        '\u{2da}' => '\u{30a}',
        '\u{2dd}' => '\u{30b}',
        '\u{2c7}' => '\u{30c}',
        '\u{b8}' => '\u{327}',
        '\u{2db}' => '\u{328}',
        mark if is_combining_mark(mark) => mark,
        _ => return None,
    })
}

/// Whether the middle of an accent is over or under a letter.
fn stands_on(accent: &Letter, letter: &Letter) -> bool {
    let middle = (accent.start + accent.end) / 2.0;
    let is_letter = letter.text.chars().next().is_some_and(char::is_alphabetic);
    let (start, end) = (letter.start - 0.05 * letter.em, letter.end + 0.05 * letter.em);
    is_letter && (start..end).contains(&middle) && (accent.baseline - letter.baseline).abs() < letter.height
}

fn composed(letter: &str, mark: char) -> String {
    // The letters that are made to carry an accent have no dot.
    let dotted = letter.chars().map(|char| match char {
        'ı' if mark < '\u{316}' => 'i',
        'ȷ' if mark < '\u{316}' => 'j',
        other => other,
    });
    dotted.chain([mark]).nfc().collect()
}

/// Replaces ligatures, and the shapes that Arabic letters take in a word, by the letters.
fn plain_forms(text: &str) -> String {
    let is_form = |char: char| matches!(char, '\u{fb00}'..='\u{fdfb}' | '\u{fe70}'..='\u{fefc}');
    if text.contains(is_form) { text.nfkc().filter(|char| *char != ' ').collect() } else { text.to_owned() }
}
