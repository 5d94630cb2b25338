//! The direction of writing. A name may contain characters that change the direction, also of the text around
//! the name (Unicode Annex 9).

use icu_properties::{CodePointSetData, props::BidiControl};

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';
const PARAGRAPH_SEPARATOR: char = '\u{2029}';

/// Removes the characters that change the direction of writing. With such a character,
/// `invoice<U+202E>fdp.exe` looks like the name of a PDF.
pub fn remove_direction_controls(name: &str) -> String {
    name.chars().filter(|c| !is_direction_control(*c)).collect()
}

/// Encloses a name in a Unicode isolate if it changes the direction of writing, so that the text around it
/// keeps its direction. Isolates that the name leaves open are closed, and ends of isolates that it did not
/// open are removed.
pub fn isolate(name: &str) -> String {
    if name.is_ascii() || !name.chars().any(is_direction_control) {
        return name.to_owned();
    }
    let mut open = 0_usize;
    let mut shown = String::from(FIRST_STRONG_ISOLATE);
    for c in name.chars() {
        match c {
            '\u{2066}'..=FIRST_STRONG_ISOLATE => open += 1,
            POP_DIRECTIONAL_ISOLATE if open == 0 => continue,
            POP_DIRECTIONAL_ISOLATE => open -= 1,
            _ => {}
        }
        // A paragraph separator ends every isolate.
        shown.push(if c == PARAGRAPH_SEPARATOR { ' ' } else { c });
    }
    shown.extend(std::iter::repeat_n(POP_DIRECTIONAL_ISOLATE, open + 1));
    shown
}

fn is_direction_control(c: char) -> bool {
    CodePointSetData::new::<BidiControl>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_direction_controls_are_isolated() {
        assert_eq!(isolate("invoice\u{202e}fdp.exe"), "\u{2068}invoice\u{202e}fdp.exe\u{2069}");
        for plain in ["a.txt", "مرحبا.txt", "👩\u{200d}⚕\u{fe0f}", ""] {
            assert_eq!(isolate(plain), plain);
        }
    }

    #[test]
    fn isolates_are_balanced() {
        for (name, shown) in [
            ("a\u{2069}\u{202e}b", "\u{2068}a\u{202e}b\u{2069}"),
            ("a\u{2067}b", "\u{2068}a\u{2067}b\u{2069}\u{2069}"),
            ("\u{2066}a\u{2069}\u{2069}", "\u{2068}\u{2066}a\u{2069}\u{2069}"),
            ("\u{202e}a\u{2029}b", "\u{2068}\u{202e}a b\u{2069}"),
        ] {
            assert_eq!(isolate(name), shown, "{name:?}");
        }
    }

    #[test]
    fn only_direction_controls_are_removed() {
        let controls =
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        assert_eq!(remove_direction_controls(controls), "");
        assert_eq!(remove_direction_controls("مرحبا\u{200d}.txt"), "مرحبا\u{200d}.txt");
    }
}
