//! The encodings that documents name or use: those of the web, and older ones that the web has forgotten.

use encoding_rs::{EUC_KR, Encoding, GBK};
use mail_parser::decoders::charsets::map::charset_decoder;
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

use super::super::codepage;
use super::{euc_tw, iso_2022_jp, johab, shifted};

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// An encoding that browsers know.
    Web(&'static Encoding),
    /// A code page of MS-DOS or of old Macs, by its number.
    Oem(u16),
    /// UTF-32, with the most significant byte first or last.
    Utf32 {
        /// Whether the most significant byte is the first.
        big_endian: bool,
    },
    /// UTF-7, which only mail uses.
    Utf7,
    /// Japanese in seven bits.
    Iso2022Jp,
    /// Korean in seven bits.
    Iso2022Kr,
    /// Chinese in seven bits.
    Hz,
    /// Korean, by the letters of a syllable.
    Johab,
    /// Chinese, by the standard of Taiwan.
    EucTw,
}

impl Charset {
    /// The encoding with this name, if it is known. Code pages of Windows and MS-DOS may be named by their
    /// number.
    pub fn for_label(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        let web = |name: &str| Encoding::for_label_no_replacement(name.as_bytes()).map(Self::Web);
        match label.as_str() {
            // What is not ASCII is in another encoding, which is not named.
            "us-ascii" | "ascii" | "ansi_x3.4-1968" => None,
            "utf-7" | "utf7" | "unicode-1-1-utf-7" | "csutf7" => Some(Self::Utf7),
            "utf-32" | "utf-32le" | "ucs-4" => Some(Self::Utf32 { big_endian: false }),
            "utf-32be" => Some(Self::Utf32 { big_endian: true }),
            "iso-2022-jp" | "csiso2022jp" | "iso-2022-jp-1" | "iso-2022-jp-ext" => Some(Self::Iso2022Jp),
            "iso-2022-kr" | "csiso2022kr" => Some(Self::Iso2022Kr),
            "hz" | "hz-gb-2312" => Some(Self::Hz),
            "johab" | "cp1361" | "ms1361" => Some(Self::Johab),
            "euc-tw" | "euctw" | "x-euc-tw" | "cns11643" => Some(Self::EucTw),
            "mac" | "x-mac-roman" | "macroman" | "mac-roman" => web("macintosh"),
            "mac-cyrillic" | "maccyrillic" => web("x-mac-cyrillic"),
            "cp932" | "ms932" | "windows-932" => web("shift_jis"),
            "cp936" | "ms936" | "windows-936" => web("gbk"),
            "cp949" | "ms949" | "uhc" => web("euc-kr"),
            "cp950" | "ms950" | "windows-950" => web("big5"),
            _ => web(&label).or_else(|| web(&label.replace('_', "-"))).or_else(|| numbered(&label)),
        }
    }

    /// Decodes a text. Bytes that cannot be decoded become U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Web(encoding) => encoding.decode_with_bom_removal(bytes).0.into_owned(),
            Self::Oem(page) => codepage::decode(page, bytes),
            Self::Utf32 { big_endian } => decode_utf32(bytes, big_endian),
            Self::Utf7 => charset_decoder(b"utf-7")
                .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes)),
            Self::Iso2022Jp => iso_2022_jp::decode(bytes),
            Self::Iso2022Kr => shifted::decode(bytes, &shifted::ISO_2022_KR, EUC_KR),
            Self::Hz => shifted::decode(bytes, &shifted::HZ, GBK),
            Self::Johab => johab::decode(bytes),
            Self::EucTw => euc_tw::decode(bytes),
        }
    }

    /// Whether every byte stands for itself, so that hardly any text is invalid.
    pub fn is_single_byte(self) -> bool {
        match self {
            Self::Web(encoding) => encoding.is_single_byte(),
            Self::Oem(_) => true,
            _ => false,
        }
    }
}

/// The code page whose number ends the name, such as `ibm437`, `cp-850` and `windows-1251`.
fn numbered(label: &str) -> Option<Charset> {
    let digits = label.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let page: u16 = digits.parse().ok()?;
    let prefix = label.get(..label.len() - digits.len())?.trim_end_matches(['-', '_', ' ']);
    if !["", "cp", "ibm", "ms", "oem", "dos", "x-cp", "pc", "cspc"].contains(&prefix) {
        return None;
    }
    let known = DECODING_TABLE_CP_MAP.get(&page).map(|_| Charset::Oem(page));
    known.or_else(|| Encoding::for_label(format!("windows-{page}").as_bytes()).map(Charset::Web))
}

fn decode_utf32(bytes: &[u8], big_endian: bool) -> String {
    let characters = bytes.as_chunks::<4>().0.iter().map(|unit| {
        let code = if big_endian { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    characters.filter(|character| *character != '\u{feff}').collect()
}
