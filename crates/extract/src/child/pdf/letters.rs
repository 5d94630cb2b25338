//! Letters with their places, and the accents that are set on them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::forms;

/// How far beside a letter its accent may stand, in parts of the font size.
const NEAR: f32 = 0.05;

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

/// Appends a letter in the order in which the page draws it. Accents that are drawn upon a letter, before or
/// after it, become one with it.
pub fn push(letters: &mut Vec<Letter>, mut letter: Letter) {
    letter.text = forms::plain(&letter.text);
    letter.order = letters.last().map_or(0, |last| last.order + 1);
    if let Some(marks) = accents(&letter.text) {
        // An accent beside the last letter may belong to the next one.
        match letters.last_mut().filter(|last| stands_on(&letter, last, 0.0)) {
            Some(last) => last.text = composed(&last.text, &marks),
            None => letters.push(letter),
        }
        return;
    }
    while let Some(marks) = letters.last().and_then(|mark| accents(&mark.text)) {
        let Some(mark) = letters.pop() else { break };
        if stands_on(&mark, &letter, NEAR) {
            letter.text = composed(&letter.text, &marks);
        } else if let Some(last) = letters.last_mut().filter(|last| stands_on(&mark, last, NEAR)) {
            last.text = composed(&last.text, &marks);
        } else {
            letters.push(mark);
            break;
        }
    }
    letters.push(letter);
}

/// The combining forms of a text that is nothing but accents.
pub fn accents(text: &str) -> Option<String> {
    // Most letters are none.
    accent(text.chars().next()?)?;
    text.chars().map(accent).collect()
}

/// The combining form of an accent.
fn accent(char: char) -> Option<char> {
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
        mark if mark > '\u{2ff}' && is_combining_mark(mark) => mark,
        _ => return None,
    })
}

/// Whether the middle of an accent is over or under a letter, or as near to it as this part of the font size.
fn stands_on(accent: &Letter, letter: &Letter, near: f32) -> bool {
    let middle = (accent.start + accent.end) / 2.0;
    let is_letter = letter.text.chars().next().is_some_and(char::is_alphabetic);
    let (start, end) = (letter.start - near * letter.em, letter.end + near * letter.em);
    is_letter && (start..end).contains(&middle) && (accent.baseline - letter.baseline).abs() < letter.height
}

fn composed(letter: &str, marks: &str) -> String {
    // The letters that are made to carry an accent have no dot.
    let dotted = letter.chars().map(|char| match char {
        'ı' if marks < "\u{316}" => 'i',
        'ȷ' if marks < "\u{316}" => 'j',
        other => other,
    });
    dotted.chain(marks.chars()).nfc().collect()
}
