//! ISO-2022-JP, an encoding of Japanese in seven bits. Its characters are those of EUC-JP, without the
//! highest bits. `encoding_rs` refuses two escapes side by side, which programs that join texts write, and
//! the escape of the characters of JIS X 0212.

use encoding_rs::EUC_JP;

const ESCAPE: u8 = 0x1b;

/// Whether a text has Japanese in seven bits, and all of it can be decoded.
pub fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let is_japanese = |text: &str| !text.is_ascii() && !text.contains(char::REPLACEMENT_CHARACTER);
    bytes.contains(&ESCAPE) && bytes.is_ascii() && is_japanese(&decode(bytes))
}

/// Decodes a text. Bytes that cannot be decoded become U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    let mut parts = bytes.split(|byte| *byte == ESCAPE);
    let first = parts.next().map(ascii);
    first.into_iter().chain(parts.map(decode_behind_escape)).collect()
}

/// Decodes what follows an escape, which says what the bytes stand for.
fn decode_behind_escape(part: &[u8]) -> String {
    match part {
        [b'(', b'B', text @ ..] => ascii(text),
        [b'(', b'J', text @ ..] => ascii(text).replace('\\', "¥").replace('~', "‾"),
        [b'(', b'I', text @ ..] => in_eight_bits(text, b"\x8e", 1),
        [b'$', b'@' | b'B', text @ ..] => in_eight_bits(text, b"", 2),
        [b'$', b'(', b'D', text @ ..] => in_eight_bits(text, b"\x8f", 2),
        _ => format!("{}{}", char::REPLACEMENT_CHARACTER, ascii(part)),
    }
}

fn ascii(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Decodes characters of so many bytes as EUC-JP, where `shift` precedes each of them.
fn in_eight_bits(text: &[u8], shift: &[u8], length: usize) -> String {
    let mut bytes = Vec::with_capacity(text.len() * 2);
    for run in text.chunk_by(|byte, next| byte.is_ascii_graphic() == next.is_ascii_graphic()) {
        if run.iter().all(u8::is_ascii_graphic) {
            let characters = run.chunks(length);
            bytes.extend(characters.flat_map(|half| [shift, half].concat()).map(|byte| byte | 0x80));
        } else {
            bytes.extend(run);
        }
    }
    EUC_JP.decode_without_bom_handling(&bytes).0.into_owned()
}
