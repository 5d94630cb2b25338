//! Entity tags, by which the vault notices that an object was replaced by another one under the same key.

/// The entity tag of an object, including its quotes, as the header `If-Match` requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// Parses the tag that a store sent. Returns `None` if it is not a strong tag of at most 128 characters,
    /// or if it would match several objects (`*`, or a list). No store creates such a tag, but MinIO lets
    /// uploaders choose one.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix('"')?.strip_suffix('"')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.:".contains(&byte);
        ((1..=128).contains(&name.len()) && name.bytes().all(is_plain)).then(|| Self(text.to_owned()))
    }

    /// The tag, as the store sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_matches_at_most_one_object() {
        for text in
            ["\"5d41402abc4b2a76b9719d911017c592\"", "\"5d41402abc4b2a76b9719d911017c592-7\"", "\"CKicn4/=\""]
        {
            assert_eq!(EntityTag::parse(text).unwrap().as_str(), text);
        }
        let long = format!("\"{}\"", "a".repeat(129));
        for text in
            ["", "\"", "\"\"", "*", "\"*\"", "abc", "W/\"abc\"", "\"a\", \"b\"", "\"a,b\"", "\"a b\"", &long]
        {
            assert_eq!(EntityTag::parse(text), None, "{text}");
        }
    }
}
