//! Sorts the parts of a line by how they are written.

use unicode_bidi::BidiClass::{AL, AN, EN, ES, ET, L, R};
use unicode_bidi::bidi_class;

#[derive(Clone, Copy, PartialEq)]
pub enum Class {
    Left,
    Right,
    Digit,
    /// A sign that belongs to the number beside it, such as `%`.
    Unit,
    /// A plus or minus.
    Sign,
    Space,
    Other,
}

/// A part of a line, as it is displayed.
pub type Part<'a> = (&'a str, Class);

/// The parts with their classes. A sign beside a European number is part of it, but not in Arabic.
pub fn classified<'a>(parts: &[&'a str]) -> Vec<Part<'a>> {
    let is_arabic = parts.iter().flat_map(|part| part.chars()).any(|char| bidi_class(char) == AL);
    let mut parts: Vec<Part<'a>> = parts.iter().map(|part| (*part, class(part))).collect();
    if is_arabic {
        return parts;
    }
    let mut last = Class::Space;
    for part in &mut parts {
        join_number(part, &mut last);
    }
    last = Class::Space;
    for part in parts.iter_mut().rev() {
        join_number(part, &mut last);
    }
    parts
}

fn join_number(part: &mut Part<'_>, last: &mut Class) {
    match part.1 {
        Class::Unit if *last == Class::Digit => part.1 = Class::Digit,
        Class::Sign => part.1 = Class::Other,
        _ => {}
    }
    *last = part.1;
}

/// The class of a part alone.
pub fn class(part: &str) -> Class {
    if !part.is_empty() && part.trim().is_empty() {
        return Class::Space;
    }
    for char in part.chars() {
        match bidi_class(char) {
            L => return Class::Left,
            R | AL => return Class::Right,
            EN | AN => return Class::Digit,
            ET => return Class::Unit,
            ES => return Class::Sign,
            _ => {}
        }
    }
    Class::Other
}
