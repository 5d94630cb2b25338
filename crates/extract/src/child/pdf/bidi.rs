//! Turns lines of right-to-left scripts, whose letters are found from left to right, into reading order.

mod class;

use self::class::{Class, Part, class, classified};
use super::letters::Letter;

/// The most parts in brackets that belong to a run.
const MAX_BRACKETED: usize = 1000;

/// How a page writes from right to left.
#[derive(Clone, Copy)]
pub struct Page {
    is_rtl: bool,
    /// The brackets come as they are displayed, rather than as they are read: one that opens looks like one
    /// that closes. Both are in use.
    are_brackets_displayed: bool,
}

impl Page {
    pub fn of(letters: &[Letter]) -> Self {
        let has_rtl = letters.iter().any(|letter| class(&letter.text) == Class::Right);
        Self {
            is_rtl: has_rtl && is_mostly_rtl(letters),
            are_brackets_displayed: !(has_rtl && have_turned_brackets(letters)),
        }
    }
}

/// Whether more letters belong to such scripts than to others.
pub fn is_mostly_rtl(letters: &[Letter]) -> bool {
    is_rtl_more_often(letters.iter().map(|letter| class(&letter.text)))
}

fn is_rtl_more_often(classes: impl Iterator<Item = Class>) -> bool {
    let sign = |class| i32::from(class == Class::Right) - i32::from(class == Class::Left);
    classes.map(sign).sum::<i32>() > 0
}

/// Whether of most two brackets that stand in a line, with no word from left to right between them, the left
/// one closes.
fn have_turned_brackets(letters: &[Letter]) -> bool {
    let (mut turned, mut last): (i32, Option<&Letter>) = (0, None);
    for letter in letters {
        if class(&letter.text) == Class::Left {
            last = None;
        } else if mirrored(&letter.text) != letter.text {
            if let Some(last) = last.filter(|last| (last.baseline - letter.baseline).abs() < 0.5 * last.em) {
                let (left, right) = if last.start < letter.start { (last, letter) } else { (letter, last) };
                turned += i32::from(opens(&right.text)) - i32::from(opens(&left.text));
            }
            last = Some(letter);
        }
    }
    turned > 0
}

/// The text of a line, whose parts come as they are displayed from left to right. A line is read from its
/// right end if both its ends belong to a right-to-left script. If one end does, it is the script of the page
/// or of most of the line that counts, and if none does, both.
pub fn logical(parts: &[&str], page: Page) -> String {
    if !parts.iter().any(|part| class(part) == Class::Right) {
        return parts.concat();
    }
    let parts = &classified(parts);
    let mut strong =
        parts.iter().map(|part| part.1).filter(|class| matches!(class, Class::Left | Class::Right));
    let Some(first) = strong.next() else { return concat(parts) };
    let last = strong.next_back().unwrap_or(first);
    let is_mostly_rtl = is_rtl_more_often(parts.iter().map(|part| part.1));
    let is_rtl = match (first, last) {
        (Class::Right, Class::Right) => true,
        (Class::Left, Class::Left) => page.is_rtl && is_mostly_rtl,
        _ => page.is_rtl || is_mostly_rtl,
    };
    if is_rtl { reverse(parts, page) } else { with_reversed_words(parts, page) }
}

fn concat(parts: &[Part<'_>]) -> String {
    parts.iter().map(|part| part.0).collect()
}

/// The text of a line of a left-to-right script: only what is between its right-to-left letters is reversed.
fn with_reversed_words(parts: &[Part<'_>], page: Page) -> String {
    let mut text = String::new();
    let mut rest = parts;
    while let Some(start) = rest.iter().position(|part| part.1 == Class::Right) {
        let (before, from_start) = rest.split_at(start);
        let next_left = from_start.iter().position(|part| part.1 == Class::Left);
        let reach = from_start.get(..next_left.unwrap_or(from_start.len())).unwrap_or(from_start);
        let end = reach.iter().rposition(|part| part.1 == Class::Right).map_or(1, |last| last + 1);
        let (run, after) = from_start.split_at(end);
        text.push_str(&concat(before));
        text.push_str(&reverse(run, page));
        rest = after;
    }
    text + &concat(rest)
}

/// Reverses the parts, but not words and numbers that are written from left to right.
fn reverse(parts: &[Part<'_>], page: Page) -> String {
    let mut text = String::new();
    let mut rest = parts;
    let after_words = &are_after_words(parts);
    while let Some((last, before)) = rest.split_last() {
        if matches!(last.1, Class::Left | Class::Digit) {
            let (before, run) = rest.split_at(start_of_run(rest, after_words));
            text.push_str(&concat(run));
            rest = before;
        } else {
            text.push_str(if page.are_brackets_displayed { mirrored(last.0) } else { last.0 });
            rest = before;
        }
    }
    text
}

/// Where the run begins that ends with the last part: words, numbers, and what is between them. Two numbers
/// with more than one sign between them are two runs, and so is what is inside a bracket and outside.
/// `after_words` says which parts follow a word.
fn start_of_run(parts: &[Part<'_>], after_words: &[bool]) -> usize {
    let (mut start, mut parting, mut depth, mut has_word) = (parts.len(), 0, 0, false);
    for (index, part) in parts.iter().enumerate().rev() {
        match part.1 {
            Class::Right => break,
            Class::Space | Class::Sign => parting += 2,
            Class::Other | Class::Unit => (parting, depth) = (parting + 1, depth + step(part.0)),
            _ if start - index > MAX_BRACKETED => break,
            Class::Digit if parting > 1 && !has_word && after_words.get(index) != Some(&true) => break,
            Class::Digit if depth == 0 => (start, parting) = (index, 0),
            Class::Left if depth == 0 => (start, has_word) = (index, true),
            Class::Digit | Class::Left => {}
        }
    }
    start
}

/// Counts brackets that open and that close.
fn step(part: &str) -> i32 {
    match part {
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

/// For each part, whether a word that is written from left to right precedes, with no right-to-left letter
/// between.
fn are_after_words(parts: &[Part<'_>]) -> Vec<bool> {
    let mut is_after_word = false;
    let after = |part: &Part<'_>| match part.1 {
        Class::Left => std::mem::replace(&mut is_after_word, true),
        Class::Right => std::mem::replace(&mut is_after_word, false),
        _ => is_after_word,
    };
    parts.iter().map(after).collect()
}

/// Whether a bracket opens, in a line from left to right.
fn opens(bracket: &str) -> bool {
    matches!(bracket, "(" | "[" | "{" | "<" | "«")
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
