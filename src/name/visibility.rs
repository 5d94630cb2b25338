//! The visible characters of a name, and the invisible characters that a name may contain.

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic, JoiningType,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::char::is_combining_mark;

use super::{is_blank, is_hieroglyph_control};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const EMOJI_PRESENTATION: char = '\u{fe0f}';
/// The Mongolian vowel separator. A name may contain it anywhere, because it shapes the letter before it.
const MONGOLIAN_VOWEL_SEPARATOR: char = '\u{180e}';

/// Returns true if the name contains a character that is visible by itself. White space, combining marks and
/// characters with an empty glyph, such as U+3164, are not.
pub fn has_visible_character(name: &str) -> bool {
    name.chars().any(|c| {
        let unseen = c.is_control() || is_ignorable(c) || is_annotation(c) || is_hieroglyph_control(c);
        !unseen && !is_blank(c) && !is_combining_mark(c)
    })
}

/// Returns true if the name contains a control character, a character that changes the direction of writing,
/// or an invisible character in a place where it does not shape visible ones. Joiners shape visible
/// characters in the contexts of RFC 5892, appendix A, in Bengali before a virama, and between emoji. Tags
/// shape a flag after an emoji. Variation selectors choose a glyph and are allowed everywhere.
pub fn has_hidden_character(name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    chars.iter().enumerate().any(|(at, c)| {
        let (before, after) = (chars.get(..at).unwrap_or_default(), chars.get(at + 1..).unwrap_or_default());
        match *c {
            ZERO_WIDTH_NON_JOINER => !(follows_virama(before) || joins_letters(before, after)),
            ZERO_WIDTH_JOINER => {
                !(follows_virama(before)
                    || after.first().is_some_and(|c| is_virama(*c))
                    || is_between_emoji(before, after))
            }
            MONGOLIAN_VOWEL_SEPARATOR => false,
            c if is_tag(c) => !follows_emoji(before),
            // Combining marks and Hangul fillers are part of the writing, although Unicode lists some as
            // ignorable.
            c => {
                c.is_control()
                    || is_annotation(c)
                    || is_ignorable(c) && !is_combining_mark(c) && !c.is_alphabetic()
            }
        }
    })
}

fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Returns true for the characters of interlinear annotations. They are invisible, and Unicode does not
/// recommend them in text that is exchanged.
fn is_annotation(c: char) -> bool {
    matches!(c, '\u{fff9}'..='\u{fffb}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

fn is_virama(c: char) -> bool {
    CodePointMapData::<CanonicalCombiningClass>::new().get(c) == CanonicalCombiningClass::Virama
}

fn follows_virama(before: &[char]) -> bool {
    before.last().is_some_and(|c| is_virama(*c))
}

/// Returns true if the letters on both sides would join without the character between them (RFC 5892,
/// appendix A.1).
fn joins_letters(before: &[char], after: &[char]) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let mut left =
        before.iter().rev().map(|c| types.get(*c)).filter(|kind| *kind != JoiningType::Transparent);
    let mut right = after.iter().map(|c| types.get(*c)).filter(|kind| *kind != JoiningType::Transparent);
    matches!(left.next(), Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(right.next(), Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

fn is_between_emoji(before: &[char], after: &[char]) -> bool {
    follows_emoji(before) && after.first().is_some_and(|c| is_pictograph(*c))
}

fn follows_emoji(before: &[char]) -> bool {
    let modifiers = CodePointSetData::new::<EmojiModifier>();
    let modifies = |c: char| c == EMOJI_PRESENTATION || is_tag(c) || modifiers.contains(c);
    before.iter().rev().find(|c| !modifies(**c)).is_some_and(|c| is_pictograph(*c))
}

fn is_pictograph(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_invisible_characters_has_no_visible_one() {
        let unseen = [
            "",
            " ",
            "\u{a0}\u{3000}",
            "\u{3164}",
            "\u{2800}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{202e}",
            "\u{ad}",
            "\u{301}",
            "\u{13430}",
            "\u{1343f}",
            "\u{13440}",
            "\u{13441}",
            "\u{13442}",
            "\u{1d159}",
            "\u{fffa}",
            "\u{e0041}",
            "\u{7f}",
        ];
        for name in unseen {
            assert!(!has_visible_character(name), "{name:?}");
            assert!(has_visible_character(&format!("{name}x")), "{name:?}");
        }
        for seen in ["-", "।", "é", "👩\u{200d}⚕\u{fe0f}", "\u{1100}\u{1160}", "⠁", "𓀀", "\u{e000}"]
        {
            assert!(has_visible_character(seen), "{seen:?}");
        }
    }

    #[test]
    fn joiners_are_allowed_where_they_shape_visible_characters() {
        for admitted in [
            "کتاب\u{200c}ها",
            "می\u{200c}خواهم",
            "ක\u{dca}\u{200d}ර",
            "क\u{94d}\u{200c}ष",
            "र\u{94d}\u{200d}",
            "র\u{200d}\u{9cd}যাব",
        ] {
            assert!(!has_hidden_character(admitted), "{admitted:?}");
        }
        for refused in [
            "In\u{200c}voices",
            "In\u{200d}voices",
            "\u{200c}کتاب",
            "کتاب\u{200c}",
            "د\u{200c}ا",
            "کتاب\u{200d}ها",
            "ක\u{200d}ර",
            "\u{200d}",
        ] {
            assert!(has_hidden_character(refused), "{refused:?}");
        }
    }

    #[test]
    fn joiners_are_allowed_between_emoji_but_not_letters() {
        for admitted in [
            "👩\u{200d}⚕\u{fe0f} Health",
            "👩🏽\u{200d}⚕\u{fe0f}",
            "👨\u{200d}👩\u{200d}👧",
            "🏳\u{fe0f}\u{200d}🌈",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert!(!has_hidden_character(admitted), "{admitted:?}");
        }
        for refused in ["👩\u{200d}", "👩\u{200d}a", "a\u{200d}👩", "\u{200d}👩", "a\u{e0067}", "\u{e0067}"]
        {
            assert!(has_hidden_character(refused), "{refused:?}");
        }
    }

    #[test]
    fn variation_selectors_are_allowed_and_other_invisible_characters_are_not() {
        for c in "\u{0}\u{7f}\u{85}\u{ad}\u{61c}\u{200b}\u{200e}\u{202a}\u{202e}\u{2060}\u{2064}\u{2065}\u{2066}\u{206f}\u{feff}\u{fff9}\u{e0001}".chars() {
            assert!(has_hidden_character(&format!("In{c}voices")), "U+{:04X}", u32::from(c));
        }
        for name in [
            "Invoices\u{fe0f}",
            "葛\u{e0100}",
            "\u{182a}\u{180b}",
            "ᠮᠠ\u{180e}ᠠ",
            "\u{115f}\u{1161}",
            "مرحبا",
            "שלום",
        ] {
            assert!(!has_hidden_character(name), "{name:?}");
        }
    }
}
