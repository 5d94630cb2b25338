//! Turns lines of right-to-left scripts, whose letters are found from left to right, into reading order.

use unicode_bidi::BidiClass::{AL, AN, EN, L, R};
use unicode_bidi::bidi_class;

use super::letters::Letter;

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Left,
    Right,
    Digit,
    Space,
    Other,
}

/// Whether a letter belongs to a script that is written from right to left.
pub fn is_rtl(letter: &Letter) -> bool {
    class(&letter.text) == Class::Right
}

/// Whether most letters belong to such scripts.
pub fn is_mostly_rtl(letters: &[Letter]) -> bool {
    letters.iter().filter(|letter| is_rtl(letter)).count() * 2 > letters.len()
}

/// The text of a line, whose parts come as they are displayed from left to right. A line is read from its
/// right end if both its ends belong to a right-to-left script, or if the page does and one end.
pub fn logical(parts: &[&str], is_rtl_page: bool) -> String {
    let mut strong =
        parts.iter().map(|part| class(part)).filter(|class| matches!(class, Class::Left | Class::Right));
    let Some(first) = strong.next() else { return parts.concat() };
    let last = strong.next_back().unwrap_or(first);
    if first == last && first == Class::Right || first != last && is_rtl_page {
        return reverse(parts);
    }
    // A line of a left-to-right script: only what is between its right-to-left letters is reversed.
    let mut text = String::new();
    let mut rest = parts;
    while let Some(start) = rest.iter().position(|part| class(part) == Class::Right) {
        let (before, from_start) = rest.split_at(start);
        let next_left = from_start.iter().position(|part| class(part) == Class::Left);
        let reach = from_start.get(..next_left.unwrap_or(from_start.len())).unwrap_or(from_start);
        let end = reach.iter().rposition(|part| class(part) == Class::Right).map_or(1, |last| last + 1);
        let (run, after) = from_start.split_at(end);
        text.push_str(&before.concat());
        text.push_str(&reverse(run));
        rest = after;
    }
    text + &rest.concat()
}

/// Reverses the parts, but not words and numbers that are written from left to right.
fn reverse(parts: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = parts;
    while let Some((last, before)) = rest.split_last() {
        if matches!(class(last), Class::Left | Class::Digit) {
            let (before, run) = rest.split_at(start_of_run(rest));
            text.push_str(&run.concat());
            rest = before;
        } else {
            text.push_str(mirrored(last));
            rest = before;
        }
    }
    text
}

/// Where the run begins that ends with the last part: words, numbers, and what is between them. Two numbers
/// with a space between them are two runs.
fn start_of_run(parts: &[&str]) -> usize {
    let (mut start, mut has_space, mut has_word) = (parts.len(), false, false);
    for (index, part) in parts.iter().enumerate().rev() {
        match class(part) {
            Class::Right => break,
            Class::Space => has_space = true,
            Class::Other => {}
            Class::Digit if has_space && !has_word && !has_word_before(parts, index) => break,
            Class::Digit => start = index,
            Class::Left => {
                has_word = true;
                start = index;
            }
        }
    }
    start
}

/// Whether a word that is written from left to right precedes, with no right-to-left letter between.
fn has_word_before(parts: &[&str], index: usize) -> bool {
    let before = parts.get(..index).unwrap_or_default().iter().rev();
    before.map(|part| class(part)).find(|class| matches!(class, Class::Left | Class::Right))
        == Some(Class::Left)
}

/// A bracket opens where it is read first.
fn mirrored(part: &str) -> &str {
    match part {
        "(" => ")",
        ")" => "(",
        "[" => "]",
        "]" => "[",
        "{" => "}",
        "}" => "{",
        "<" => ">",
        ">" => "<",
        "«" => "»",
        "»" => "«",
        other => other,
    }
}

fn class(part: &str) -> Class {
    if !part.is_empty() && part.trim().is_empty() {
        return Class::Space;
    }
    for char in part.chars() {
        match bidi_class(char) {
            L => return Class::Left,
            R | AL => return Class::Right,
            EN | AN => return Class::Digit,
            _ => {}
        }
    }
    Class::Other
}
