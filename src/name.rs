//! Names of topics and files: the key by which names are compared, visible and invisible characters, and the
//! direction of writing.

mod direction;
mod visibility;

use icu_casemap::CaseMapper;
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::UnicodeNormalization as _;

pub use direction::{isolate, remove_direction_controls};
pub use visibility::{has_hidden_character, has_visible_character};

/// The length of the longest name that somebody gives to a thing, in characters.
pub const MAX_CHARACTERS: usize = 64;

/// Returns the name key, by which names are compared and searched. Case, character width, the encoding of
/// accents, the kind and the number of spaces, and invisible characters make no difference. Letters of
/// different scripts have different keys, even if they look the same.
///
/// The key is Unicode's `NFKC_Casefold` (chapter 3.13), with white space reduced to single spaces. It
/// contains no joiners, even where they are visible: people find `کتاب‌ها` without typing one, and two names
/// that differ only in a joiner are the same name. The key of a key is the key itself. Keys are stored beside
/// the names. No SQL statement computes a key, because SQL and Rust fold case differently.
pub fn key(name: &str) -> String {
    let mut key = fold(name);
    // Once is not enough. After invisible characters are removed, their neighbours may compose, and a
    // composed character may fold again.
    loop {
        let again = fold(&key);
        if again == key {
            return key;
        }
        key = again;
    }
}

/// Checks a name that somebody gives to a thing, such as a topic, and tidies its white space: none at the
/// ends, and single spaces inside.
///
/// # Errors
/// What is wrong with the name, as the end of a sentence that begins with "a topic's name".
pub fn tidy(name: &str) -> Result<String, &'static str> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > MAX_CHARACTERS {
        return Err("must have 1 to 64 characters");
    }
    if has_hidden_character(&name) {
        return Err("must not contain control characters or invisible characters");
    }
    if !has_visible_character(&name) {
        return Err("must contain a visible character");
    }
    Ok(name)
}

/// Applies NFKC and case folding once, removes invisible characters, and reduces white space to single
/// spaces.
fn fold(name: &str) -> String {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen: String =
        name.nfkc().filter(|c| !ignorable.contains(*c) && !is_hieroglyph_control(*c)).collect();
    let folded = CaseMapper::new().fold_string(&seen);
    folded.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns true for white space, and for symbols whose glyph is empty: the Braille pattern without dots, the
/// null notehead, and two hieroglyphs.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{13441}' | '\u{13442}' | '\u{1d159}')
}

/// Returns true for the format controls of Egyptian hieroglyphs, which arrange the signs beside them. They
/// are invisible, but Unicode does not list them as ignorable.
fn is_hieroglyph_control(c: char) -> bool {
    matches!(c, '\u{13430}'..='\u{1343f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_have_one_key() {
        for same in [
            ["Café", "CAFE\u{301}"],
            ["ΦΟΡΟΣ", "φορος"],
            ["φορος", "φοροσ"],
            ["Straße", "STRASSE"],
            ["Ｉｎｖｏｉｃｅｓ", "invoices"],
            ["ﬁnance", "FINANCE"],
            ["ﾊﾝｶｸ", "ハンカク"],
            ["가", "\u{1100}\u{1161}"],
            ["ᾳ\u{308}", "Α\u{308}\u{345}"],
            ["ꮳꮃꭹ", "ᏣᎳᎩ"],
            [" Tax\u{a0}\t 2024\u{3000}", "tax 2024"],
        ] {
            assert_eq!(key(same[0]), key(same[1]), "{same:?}");
        }
    }

    #[test]
    fn invisible_characters_do_not_change_a_key() {
        let unseen = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2060}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{13430}',
            '\u{1343f}',
            '\u{13441}',
            '\u{13442}',
            '\u{1d159}',
            '\u{e0041}',
        ];
        for c in unseen {
            assert_eq!(key(&format!("Invoices{c}")), "invoices", "U+{:04X}", u32::from(c));
            assert_eq!(key(&c.to_string()), "", "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_key_has_no_joiners() {
        assert_eq!(key("کتاب\u{200c}ها"), key("کتابها"));
        assert_eq!(key("👩\u{200d}⚕\u{fe0f} Health"), "👩⚕ health");
    }

    #[test]
    fn names_with_different_letters_accents_or_spaces_have_different_keys() {
        for [one, other] in
            [["Café", "Cafe"], ["Tax 2024", "Tax2024"], ["mañana", "manana"], ["ı", "i"], ["a", "\u{430}"]]
        {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn the_key_of_a_key_is_itself() {
        // The first two planes. Characters of the other planes, such as rare Han characters, neither fold nor
        // compose.
        for c in '\0'..='\u{1ffff}' {
            // Inside other characters, so that it can compose with its neighbours.
            for name in [c.to_string(), format!("a{c}\u{345}\u{301}")] {
                let once = key(&name);
                assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
            }
        }
    }
}
