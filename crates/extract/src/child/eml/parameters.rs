//! Parameters of headers, such as the name of a file. Long ones are split into numbered parts, and may name
//! their encoding (RFC 2231).

use super::words;
use crate::child::{percent, plain};

/// One parameter, or a part of one.
struct Part {
    number: usize,
    /// Whether it is numbered or encoded.
    is_extended: bool,
    /// Whether bytes are written with percent signs.
    is_encoded: bool,
    value: Vec<u8>,
}

/// A parameter of a header.
pub fn find(header: &[u8], name: &str) -> Option<String> {
    let mut parts: Vec<Part> = split(header).iter().filter_map(|field| part(field, name)).collect();
    // A parameter without number or encoding is for old programs, if there is another.
    if parts.iter().any(|part| part.is_extended) {
        parts.retain(|part| part.is_extended);
    }
    parts.sort_by_key(|part| part.number);
    if !parts.iter().any(|part| part.is_encoded) {
        let value = parts.iter().flat_map(|part| part.value.clone()).collect::<Vec<u8>>();
        return (!parts.is_empty()).then(|| words::decode(&value, None));
    }
    let (mut label, mut bytes) = (None, Vec::new());
    for part in &parts {
        let mut value = part.value.as_slice();
        if part.is_encoded && label.is_none() {
            // The first part begins with the name of an encoding, a language, and an apostrophe behind each.
            let mut fields = value.splitn(3, |byte| *byte == b'\'');
            let first = fields.next().unwrap_or_default();
            value = fields.nth(1).unwrap_or(value);
            label = Some(String::from_utf8_lossy(first).into_owned());
        }
        bytes.extend(if part.is_encoded { percent::decode(value) } else { value.to_vec() });
    }
    Some(plain::decode(&bytes, label.as_deref()))
}

/// Splits a header at semicolons that are not in quotes.
fn split(header: &[u8]) -> Vec<Vec<u8>> {
    let (mut fields, mut quoted, mut escaped) = (vec![Vec::new()], false, false);
    for byte in header {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => {
                escaped = true;
                continue;
            }
            b'"' => {
                quoted = !quoted;
                continue;
            }
            b';' if !quoted => {
                fields.push(Vec::new());
                continue;
            }
            _ => {}
        }
        fields.last_mut().into_iter().for_each(|field| field.push(*byte));
    }
    fields
}

/// The part that a field has of the parameter with this name.
fn part(field: &[u8], name: &str) -> Option<Part> {
    let equals = field.iter().position(|byte| *byte == b'=')?;
    let (key, value) = field.split_at_checked(equals)?;
    let key = String::from_utf8_lossy(key).trim().to_ascii_lowercase();
    let suffix = key.strip_prefix(name)?;
    let (number, is_encoded) = suffix.strip_suffix('*').map_or((suffix, false), |number| (number, true));
    let number = match number {
        "" => 0,
        digits => digits.strip_prefix('*')?.parse().ok()?,
    };
    let value = value.get(1..).unwrap_or_default();
    // White space around a part counts, unless it precedes the first one: ends of quotes are not known here.
    let value = match number {
        _ if suffix.is_empty() => value.trim_ascii(),
        0 => value.trim_ascii_start(),
        _ => value,
    };
    Some(Part { number, is_extended: !suffix.is_empty(), is_encoded, value: value.to_vec() })
}
