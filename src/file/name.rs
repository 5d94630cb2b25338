//! Filenames: their rules, their search key, and the header that names a download.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::name;

/// The characters that RFC 5987 allows in an extended parameter value.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A file's name: 1 to 255 characters. At least one must be visible, and control characters are not allowed.
// The name is stored in the database only. It must not be in an object key or a log line, and must be escaped
// in headers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 255, examples("invoice.pdf"))]
pub struct Filename(String);

impl Filename {
    /// The length of the longest name, in characters.
    pub const MAX_CHARACTERS: usize = 255;

    /// The name, as the client declared it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The [name key](name::key), which searches compare.
    pub fn key(&self) -> String {
        name::key(&self.0)
    }

    /// Wraps a name from the database. It is not checked again: it was valid at its upload, and rules may
    /// have changed since.
    pub const fn from_database(name: String) -> Self {
        Self(name)
    }

    /// Returns the `Content-Disposition` that makes a browser save the file under this name (RFC 6266, RFC
    /// 5987). Characters that change the direction of writing are removed, because they can make a program
    /// look like a picture.
    pub fn to_content_disposition(&self) -> String {
        let name = name::remove_direction_controls(&self.0);
        let plain: String = name
            .chars()
            .map(|c| if matches!(c, ' ' | '!'..='~') && !"\"\\%/".contains(c) { c } else { '_' })
            .collect();
        format!(
            "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
            utf8_percent_encode(&name, ATTR_CHAR)
        )
    }
}

impl TryFrom<String> for Filename {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.is_empty() || name.chars().count() > Self::MAX_CHARACTERS {
            return Err("filename must have 1 to 255 characters");
        }
        if name.chars().any(char::is_control) {
            return Err("filename must not contain control characters");
        }
        if !name::has_visible_character(&name) {
            return Err("filename must contain a visible character");
        }
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filename_is_escaped_in_the_header() {
        let name = Filename::try_from("a \"b\"\\ %41 ü;💾.pdf".to_owned()).unwrap();
        assert_eq!(
            name.to_content_disposition(),
            "attachment; filename=\"a _b__ _41 _;_.pdf\"; \
             filename*=UTF-8''a%20%22b%22%5C%20%2541%20%C3%BC%3B%F0%9F%92%BE.pdf"
        );
    }

    #[test]
    fn direction_controls_are_removed_from_both_names_in_the_header() {
        let name = Filename::try_from("invoice\u{202e}\u{2066}\u{61c}fdp.exe".to_owned()).unwrap();
        let plain = "attachment; filename=\"invoicefdp.exe\"; filename*=UTF-8''invoicefdp.exe";
        assert_eq!(name.to_content_disposition(), plain);
    }

    #[test]
    fn filenames_are_counted_in_characters() {
        assert!(Filename::try_from("ü".repeat(255)).is_ok());
        let unseen = ["   ", "\u{3164}", "\u{2800}", "\u{200d}\u{feff}"].map(String::from);
        let others = ["ü".repeat(256), String::new(), "a\nb".into(), "a\0".into(), "a\u{85}".into()];
        for refused in others.into_iter().chain(unseen) {
            assert!(Filename::try_from(refused.clone()).is_err(), "{refused:?}");
        }
    }
}
