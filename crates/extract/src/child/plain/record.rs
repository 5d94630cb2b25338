//! The end of a text of CP/M and MS-DOS. Their files consist of whole records, so old bytes may follow it.

/// Ends a text, behind its last line.
const END: &[u8; 2] = b"\n\x1a";

/// The size of a sector, which has four records.
const SECTOR: usize = 512;

/// A text without the rest of its last sector, if that has control characters.
pub fn without_rest(bytes: &[u8]) -> &[u8] {
    let sector = bytes.len().saturating_sub(SECTOR);
    let end = bytes.windows(2).skip(sector).position(|two| two == END).map(|end| sector + end + 1);
    let parts = end.and_then(|end| bytes.split_at_checked(end));
    let is_old = |rest: &[u8]| rest.iter().any(|byte| matches!(byte, 0..=6 | 0x10..=0x19));
    parts
        .filter(|(_, rest)| is_old(rest) && super::find_unicode(bytes).is_none())
        .map_or(bytes, |(text, _)| text)
}
