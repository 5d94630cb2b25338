//! The headers of a message or of one of its parts.

use super::words;

/// The most headers that a message has. Text in lines with colons can have millions.
const MAX_FIELDS: usize = 2000;

/// The most bytes of a header that are read.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// The headers of a message or of a part.
pub struct Headers<'a> {
    /// Names and values. A value may have several lines.
    fields: Vec<(&'a [u8], &'a [u8])>,
    /// Whether an empty line or the end of the file follows the last header.
    pub is_closed: bool,
}

impl<'a> Headers<'a> {
    /// Splits a message or a part into its headers and its body. A line that cannot be a header begins the
    /// body, even if no empty line precedes it.
    pub fn split(entity: &'a [u8]) -> (Self, &'a [u8]) {
        let mut headers = Self { fields: Vec::new(), is_closed: true };
        let mut rest = entity;
        while !rest.is_empty() && headers.fields.len() < MAX_FIELDS {
            let line = first_line(rest);
            let (_, behind) = rest.split_at(line.len());
            if line.trim_ascii().is_empty() {
                return (headers, behind);
            }
            let folded = folded_length(behind);
            let (_, next) = behind.split_at(folded);
            match field(rest.get(..line.len() + folded).unwrap_or(line)) {
                Some(field) => headers.fields.push(field),
                // The line before a message in a mailbox.
                None if line.starts_with(b"From ") || line.starts_with(b">From ") => {}
                None => break,
            }
            rest = next;
        }
        headers.is_closed = rest.is_empty();
        (headers, rest)
    }

    /// Whether one of the names fulfils a condition, for each header.
    pub fn count(&self, is_counted: impl Fn(&str) -> bool) -> usize {
        let name = |field: &&(&[u8], _)| is_counted(&String::from_utf8_lossy(field.0).to_ascii_lowercase());
        self.fields.iter().filter(name).count()
    }

    /// The bytes of a header, in one line.
    pub fn raw(&self, name: &str) -> Option<Vec<u8>> {
        let (_, value) = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))?;
        let value = value.get(..MAX_VALUE_BYTES).unwrap_or(value);
        Some(value.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect())
    }

    /// The text of a header. `charset` is that of bytes that are not encoded.
    pub fn text(&self, name: &str, charset: Option<&str>) -> Option<String> {
        self.raw(name).map(|value| words::decode(&value, charset).trim().to_owned())
    }

    /// A header in small letters, up to its first parameter or comment.
    pub fn keyword(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        let keyword = value.split(|byte| b";(".contains(byte)).next()?;
        Some(String::from_utf8_lossy(keyword).trim_matches([' ', '\t', '"']).to_ascii_lowercase())
    }
}

/// Whether a line begins a header.
pub fn is_header(line: &[u8]) -> bool {
    field(line).is_some()
}

/// The name and the value of a header. A name has no spaces.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then(|| (name, value.get(1..).unwrap_or_default()))
}

/// The first line, with its end.
fn first_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
    text.get(..end).unwrap_or(text)
}

/// The length of the lines that continue a header: they begin with white space, and have more.
fn folded_length(text: &[u8]) -> usize {
    let mut rest = text;
    while rest.starts_with(b" ") || rest.starts_with(b"\t") {
        let line = first_line(rest);
        if line.trim_ascii().is_empty() {
            break;
        }
        rest = rest.get(line.len()..).unwrap_or_default();
    }
    text.len() - rest.len()
}
