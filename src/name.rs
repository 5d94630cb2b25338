//! Names of topics and files: when two are the same name, which of their characters are visible, and the
//! direction of writing.

mod direction;
mod visibility;

use icu_casemap::CaseMapper;
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::UnicodeNormalization as _;

pub use direction::{isolate, remove_direction_controls};
pub use visibility::{has_hidden_character, has_visible_character};

/// The key by which a name is compared and searched. Two names have one key if people see them as the same:
/// case, width, the encoding of accents, white space and invisible characters make no difference.
///
/// This is Unicode's `NFKC_Casefold` (chapter 3.13), with white space folded. It drops joiners, even where
/// they are visible: people find `کتاب‌ها` without typing one, and two names that differ only in a joiner are
/// two spellings of one name. The key of a key is the key itself. Keys are stored beside names, and no
/// statement folds a name: SQL and Rust would disagree.
pub fn key(name: &str) -> String {
    let mut key = fold(name);
    // Folding and dropping invisible characters may bring together what composes, and what is composed may
    // fold again.
    loop {
        let again = fold(&key);
        if again == key {
            return key;
        }
        key = again;
    }
}

fn fold(name: &str) -> String {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen: String =
        name.nfkc().filter(|c| !ignorable.contains(*c) && !is_hieroglyph_control(*c)).collect();
    let folded = CaseMapper::new().fold_string(&seen);
    folded.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// White space and symbols with an empty glyph: the Braille pattern without dots, the null notehead, and two
/// hieroglyphs.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{13441}' | '\u{13442}' | '\u{1d159}')
}

/// A character that arranges the hieroglyphs beside it. It is invisible, though Unicode does not call it
/// ignorable.
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
    fn names_that_look_different_have_different_keys() {
        for [one, other] in
            [["Café", "Cafe"], ["Tax 2024", "Tax2024"], ["mañana", "manana"], ["ı", "i"], ["a", "а"]]
        {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn the_key_of_a_key_is_itself() {
        // The planes with scripts; the others hold what neither folds nor composes.
        for c in '\0'..='\u{1ffff}' {
            // Between others, so that it can compose with its neighbours.
            for name in [c.to_string(), format!("a{c}\u{345}\u{301}")] {
                let once = key(&name);
                assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
            }
        }
    }
}
