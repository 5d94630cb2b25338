//! Numbers in binary formats, the lowest byte first. There is none where the data ends before it does.

/// Two bytes at a place as a number.
pub fn short(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Four bytes at a place as a number.
pub fn long(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// Four bytes at a place as an offset or a length within the data.
pub fn offset(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(long(data, at)?).ok()
}
