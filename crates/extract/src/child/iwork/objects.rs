//! The objects of a part of iWork: messages in Protocol Buffers, one behind the other, in blocks that are
//! compressed by Snappy.

use std::iter;

use snap::raw::{Decoder, decompress_len};

use super::super::package::MAX_PART_BYTES;

/// The longest content of a block.
const MAX_BLOCK_BYTES: usize = 64 * 1024;

/// An object: its number within the document, the type of its message, and the message.
pub struct Object<'a> {
    pub number: u64,
    pub kind: u64,
    pub message: &'a [u8],
}

/// The value of a field.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The number, or 0.
    pub fn number(self) -> u64 {
        if let Self::Number(number) = self { number } else { 0 }
    }

    /// The bytes, or none.
    pub fn bytes(self) -> &'a [u8] {
        if let Self::Bytes(bytes) = self { bytes } else { b"" }
    }
}

/// Unpacks the blocks of a part, up to the first damaged one. Returns what they contain, and whether that is
/// everything.
pub fn unpack(part: &[u8]) -> (Vec<u8>, bool) {
    let mut content = Vec::new();
    let mut rest = part;
    while let [0, low, middle, high, behind @ ..] = rest {
        let length = usize::try_from(u32::from_le_bytes([*low, *middle, *high, 0])).unwrap_or(usize::MAX);
        let Some((block, next)) = behind.split_at_checked(length) else { break };
        let is_small = decompress_len(block).is_ok_and(|length| length <= MAX_BLOCK_BYTES);
        let Some(block) = is_small.then(|| Decoder::new().decompress_vec(block).ok()).flatten() else {
            break;
        };
        content.extend(block);
        rest = next;
        if content.len() as u64 > MAX_PART_BYTES {
            break;
        }
    }
    (content, rest.is_empty())
}

/// Gives each object in the content of a part to `handle`. An object has a header that tells the types and
/// lengths of its messages.
pub fn read<'a>(content: &'a [u8], mut handle: impl FnMut(Object<'a>)) {
    let mut rest = content;
    while let Some((header, behind)) = split_bytes(rest) {
        rest = behind;
        let number = first(header, &[1]).number();
        for description in find(header, &[2]) {
            let length = usize::try_from(first(description.bytes(), &[3]).number()).unwrap_or(usize::MAX);
            let (message, next) = rest.split_at_checked(length).unwrap_or((rest, b""));
            handle(Object { number, kind: first(description.bytes(), &[1]).number(), message });
            rest = next;
        }
    }
}

/// The values of a field, which is named by the fields around it, the outermost first, and by itself.
pub fn find<'a>(message: &'a [u8], path: &'static [u64]) -> Box<dyn Iterator<Item = Value<'a>> + 'a> {
    let Some((outermost, inner)) = path.split_first() else {
        return Box::new(iter::once(Value::Bytes(message)));
    };
    let found = Fields(message).filter(move |(number, _)| number == outermost).map(|(_, value)| value);
    if inner.is_empty() {
        Box::new(found)
    } else {
        Box::new(found.flat_map(|value| find(value.bytes(), inner)))
    }
}

/// The first value of a field, or none.
pub fn first<'a>(message: &'a [u8], path: &'static [u64]) -> Value<'a> {
    find(message, path).next().unwrap_or(Value::Bytes(b""))
}

/// The fields of a message, up to the first that is damaged.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = split_number(self.0)?;
        let (value, rest) = match tag & 7 {
            0 => split_number(rest).map(|(number, rest)| (Value::Number(number), rest))?,
            1 => rest.split_at_checked(8).map(|(bytes, rest)| (Value::Bytes(bytes), rest))?,
            2 => split_bytes(rest).map(|(bytes, rest)| (Value::Bytes(bytes), rest))?,
            5 => rest.split_at_checked(4).map(|(bytes, rest)| (Value::Bytes(bytes), rest))?,
            _ => return None,
        };
        self.0 = rest;
        Some((tag >> 3, value))
    }
}

/// Splits off bytes that follow their length.
fn split_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = split_number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// Splits off a number of variable length: seven bits in each byte, the lowest first.
fn split_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = 1 + bytes.iter().take(10).position(|byte| *byte < 0x80)?;
    let (digits, rest) = bytes.split_at_checked(length)?;
    let number = digits.iter().rev().fold(0, |number: u64, byte| number << 7 | u64::from(byte & 0x7f));
    Some((number, rest))
}
