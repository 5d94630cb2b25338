//! Bytes that are written as a percent sign and two digits, as in addresses.

/// Decodes such bytes. Other percent signs stand for themselves.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, next)) = rest.split_first() {
        let (decoded, behind) = hex_pair(next).filter(|_| *byte == b'%').unwrap_or((*byte, next));
        bytes.push(decoded);
        rest = behind;
    }
    bytes
}

/// Decodes a text in UTF-8.
pub fn decode_text(text: &str) -> String {
    String::from_utf8_lossy(&decode(text.as_bytes())).into_owned()
}

/// The byte that two hexadecimal digits stand for, and what follows them.
pub fn hex_pair(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, behind) = text.split_at_checked(2)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    Some((u8::from_str_radix(digits, 16).ok()?, behind))
}
