//! The direction of writing: a name may contain characters that change it, also for the text around the name
//! (UAX #9).

use icu_properties::{CodePointSetData, props::BidiControl};

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';
const PARAGRAPH_SEPARATOR: char = '\u{2029}';

/// Removes the characters that change the direction of writing: `invoice<U+202E>fdp.exe` is shown as if it
/// were a PDF.
pub fn undirected(name: &str) -> String {
    name.chars().filter(|c| !is_control(*c)).collect()
}

/// Puts a name that changes the direction of writing into an isolate of its own, so that the text around it
/// does not turn. Isolates that the name leaves open are closed, and ends of isolates that it did not open
/// are dropped.
pub fn isolated(name: &str) -> String {
    if !name.chars().any(is_control) {
        return name.to_owned();
    }
    let mut open = 0_usize;
    let mut isolated = String::from(FIRST_STRONG_ISOLATE);
    for c in name.chars() {
        match c {
            '\u{2066}'..=FIRST_STRONG_ISOLATE => open += 1,
            POP_DIRECTIONAL_ISOLATE if open == 0 => continue,
            POP_DIRECTIONAL_ISOLATE => open -= 1,
            _ => {}
        }
        // A paragraph separator ends every isolate.
        isolated.push(if c == PARAGRAPH_SEPARATOR { ' ' } else { c });
    }
    isolated.extend(std::iter::repeat_n(POP_DIRECTIONAL_ISOLATE, open + 1));
    isolated
}

fn is_control(c: char) -> bool {
    CodePointSetData::new::<BidiControl>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_turns_what_is_read_is_isolated_and_others_are_as_they_are() {
        assert_eq!(isolated("invoice\u{202e}fdp.exe"), "\u{2068}invoice\u{202e}fdp.exe\u{2069}");
        for plain in ["a.txt", "مرحبا.txt", "👩\u{200d}⚕\u{fe0f}", ""] {
            assert_eq!(isolated(plain), plain);
        }
    }

    #[test]
    fn no_name_ends_its_isolate_or_leaves_one_open() {
        for (name, shown) in [
            ("a\u{2069}\u{202e}b", "\u{2068}a\u{202e}b\u{2069}"),
            ("a\u{2067}b", "\u{2068}a\u{2067}b\u{2069}\u{2069}"),
            ("\u{2066}a\u{2069}\u{2069}", "\u{2068}\u{2066}a\u{2069}\u{2069}"),
            ("\u{202e}a\u{2029}b", "\u{2068}\u{202e}a b\u{2069}"),
        ] {
            assert_eq!(isolated(name), shown, "{name:?}");
        }
    }

    #[test]
    fn every_control_of_direction_is_taken_out_and_nothing_else() {
        let controls =
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        assert_eq!(undirected(controls), "");
        assert_eq!(undirected("مرحبا\u{200d}.txt"), "مرحبا\u{200d}.txt");
    }
}
