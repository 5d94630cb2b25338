//! Encodings in seven bits that shift between ASCII and two bytes for each character.

use encoding_rs::Encoding;

/// The bytes by which an encoding shifts.
pub struct Shifts {
    /// Announces the encoding, and is not text.
    announcement: &'static [u8],
    /// Begins characters of two bytes.
    into: &'static [u8],
    /// Returns to ASCII.
    back: &'static [u8],
}

/// Korean in seven bits, by RFC 1557.
pub const ISO_2022_KR: Shifts = Shifts { announcement: b"\x1b$)C", into: b"\x0e", back: b"\x0f" };

/// Chinese in seven bits, by RFC 1843.
pub const HZ: Shifts = Shifts { announcement: b"~\n", into: b"~{", back: b"~}" };

/// Whether a text of ASCII has what one of these encodings, or ISO-2022-JP, begins to shift with.
pub fn may_be_shifted(bytes: &[u8]) -> bool {
    let has_hz = || bytes.contains(&b'~') && bytes.windows(2).any(|two| two == HZ.into);
    bytes.contains(&0x1b) || bytes.contains(&0x0e) || has_hz()
}

/// Whether a text announces that it is Korean in seven bits.
pub fn is_iso_2022_kr(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes.windows(4).take(1024).any(|window| window == ISO_2022_KR.announcement)
}

/// Whether a text has Chinese in seven bits, and all of it can be decoded.
pub fn is_hz(bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| bytes.windows(2).any(|window| window == mark);
    bytes.is_ascii()
        && has(HZ.into)
        && has(HZ.back)
        && !decode(bytes, &HZ, encoding_rs::GBK).contains(char::REPLACEMENT_CHARACTER)
}

/// Decodes a text. Characters of two bytes are those of `encoding` without the highest bits.
pub fn decode(bytes: &[u8], shifts: &Shifts, encoding: &'static Encoding) -> String {
    let mut eight_bits = Vec::with_capacity(bytes.len());
    let (mut rest, mut shifted) = (bytes, false);
    while let Some((byte, next)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(shifts.announcement) {
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix(if shifted { shifts.back } else { shifts.into }) {
            (rest, shifted) = (behind, !shifted);
        } else {
            let is_half = shifted && byte.is_ascii_graphic();
            eight_bits.push(if is_half { byte | 0x80 } else { *byte });
            // A line always begins in ASCII.
            shifted &= *byte != b'\n';
            rest = next;
        }
    }
    encoding.decode_without_bom_handling(&eight_bits).0.into_owned()
}
