//! Reads the entries of a map from codes to characters, whatever is around them.

use std::fmt::Write as _;

/// The most digits of a code. A longer one may still be a small number.
const MAX_DIGITS: usize = 8;

/// The entries of a map that say something, with nothing around them.
pub fn readable(map: &str) -> String {
    let mut entries = String::new();
    for section in map.split("begin") {
        let body = section.split("end").next().unwrap_or_default();
        if let Some(body) = body.strip_prefix("bfchar") {
            append_chars(body, &mut entries);
        } else if let Some(body) = body.strip_prefix("bfrange") {
            append_ranges(body, &mut entries);
        }
    }
    entries
}

fn append_chars(mut body: &str, entries: &mut String) {
    entries.push_str("1 beginbfchar");
    while let Some((code, after)) = next_string(body)
        && let Some((text, after)) = next_string(after)
    {
        append_entry(&[code, text], entries);
        body = after;
    }
    entries.push_str(" endbfchar\n");
}

/// Appends ranges of codes, which stand for successive characters or for those of an array.
fn append_ranges(mut body: &str, entries: &mut String) {
    let mut ranges = String::new();
    let mut chars = String::new();
    while let Some((first, after)) = next_string(body)
        && let Some((last, after)) = next_string(after)
    {
        if let Some(array) = after.trim_start().strip_prefix('[') {
            let (array, after) = array.split_once(']').unwrap_or((array, ""));
            append_array(first, array, &mut chars);
            body = after;
        } else if let Some((text, after)) = next_string(after) {
            append_entry(&[first, last, text], &mut ranges);
            body = after;
        } else {
            break;
        }
    }
    _ = write!(entries, "1 beginbfrange{ranges} endbfrange\n1 beginbfchar{chars} endbfchar\n");
}

/// Appends the entries of an array for the codes from `first`.
fn append_array(first: &str, mut array: &str, chars: &mut String) {
    let number = u32::from_str_radix(first, 16).ok().filter(|_| first.len() <= MAX_DIGITS);
    let Some(mut code) = number else { return };
    while let Some((text, after)) = next_string(array) {
        append_entry(&[&format!("{code:0width$x}", width = first.len()), text], chars);
        code = code.saturating_add(1);
        array = after;
    }
}

/// Appends an entry, unless a part of it is empty or no number.
fn append_entry(parts: &[&str], entries: &mut String) {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if parts.iter().all(is_number) {
        parts.iter().for_each(|part| _ = write!(entries, "<{part}>"));
    }
}

/// The next string in hexadecimal, and what follows.
fn next_string(text: &str) -> Option<(&str, &str)> {
    let (string, after) = text.split_once('<')?.1.split_once('>')?;
    Some((string.trim(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_stand_for_nothing_are_left_out() {
        let map = "begincmap 3 beginbfchar <01> <0041> <02> <> <03> <0042> endbfchar endcmap";
        assert_eq!(readable(map), "1 beginbfchar<01><0041><03><0042> endbfchar\n");
    }

    #[test]
    fn arrays_for_long_codes_are_left_out() {
        let map = format!("1 beginbfrange <{}> <05> [<0041>] endbfrange", "0".repeat(70_000));
        assert_eq!(readable(&map), "1 beginbfrange endbfrange\n1 beginbfchar endbfchar\n");
    }

    #[test]
    fn arrays_of_other_lengths_than_their_ranges_are_read() {
        let map = "2 beginbfrange <01> <05> [<0041> <> <0043>] <0a> <0b> <0061> endbfrange";
        let entries =
            "1 beginbfrange<0a><0b><0061> endbfrange\n1 beginbfchar<01><0041><03><0043> endbfchar\n";
        assert_eq!(readable(map), entries);
    }
}
