//! Decodes text in the code pages of Windows, DOS and the Macintosh, which Office names by their numbers.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS, UTF_8, UTF_16BE,
    UTF_16LE, WINDOWS_1252, X_MAC_CYRILLIC,
};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

use super::plain::{iso_2022_jp, johab};

/// Code pages of the Macintosh that no library has: the characters of the bytes from 0x80 on.
const MACINTOSH_TABLES: [(u16, &str); 3] =
    [(10006, MACINTOSH_GREEK), (10029, MACINTOSH_CENTRAL_EUROPE), (10081, MACINTOSH_TURKISH)];

const MACINTOSH_GREEK: &str = "Ä¹²É³ÖÜ΅àâä΄¨çéèêë£™îï•½‰ôö¦€ùûü†ΓΔΘΛΞΠß®©ΣΪ§≠°·Α±≤≥¥ΒΕΖΗΙΚΜΦΫΨΩ\
    άΝ¬ΟΡ≈Τ«»…\u{a0}ΥΧΆΈœ–―“”‘’÷ΉΊΌΎέήίόΏύαβψδεφγηιξκλμνοπώρστθωςχυζϊϋΐΰ\u{ad}";

const MACINTOSH_CENTRAL_EUROPE: &str = "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅ\
    ņŃ¬√ńŇ∆«»…\u{a0}ňŐÕőŌ–—“”‘’÷◊ōŔŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ";

const MACINTOSH_TURKISH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
    ¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸĞğİıŞş‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙˆ˜¯˘˙˚¸˝˛ˇ";

/// Decodes bytes in a code page. An unknown page is taken for that of Western Europe.
pub fn decode(page: u16, bytes: &[u8]) -> String {
    if let Some((_, table)) = MACINTOSH_TABLES.iter().find(|(number, _)| *number == page) {
        let table: Vec<char> = table.chars().collect();
        return bytes.iter().map(|byte| character(&table, *byte)).collect();
    }
    match (page, encoding(page), DECODING_TABLE_CP_MAP.get(&page)) {
        (1361, ..) => johab::decode(bytes),
        (50220..=50222, ..) => iso_2022_jp::decode(bytes),
        (_, None, Some(table)) => table.decode_string_lossy(bytes),
        (_, encoding, _) => {
            encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0.into_owned()
        }
    }
}

/// The number of bytes of the character that begins with this byte in a code page of East Asia, or 1.
pub fn length(page: u16, first: u8) -> usize {
    let double = match page {
        932 | 10001 => matches!(first, 0x81..=0x9f | 0xe0..=0xfc),
        936 | 949 | 950 | 1361 | 10002 | 10003 | 10008 => matches!(first, 0x81..=0xfe),
        _ => false,
    };
    1 + usize::from(double)
}

/// The code page of a character set of Windows, which fonts name. `None` stands for the document's own.
pub fn of_charset(charset: i32) -> Option<u16> {
    Some(match charset {
        77 => 10000,
        78 => 10001,
        79 => 10003,
        80 => 10008,
        81 => 10002,
        85 => 10006,
        86 => 10081,
        88 => 10029,
        89 => 10007,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        181 => 1255,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    })
}

fn character(table: &[char], byte: u8) -> char {
    match byte.checked_sub(0x80) {
        Some(place) => table.get(usize::from(place)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
        None => byte.into(),
    }
}

fn encoding(page: u16) -> Option<&'static Encoding> {
    Some(match page {
        932 | 10001 => SHIFT_JIS,
        936 | 10008 | 20936 => GBK,
        949 | 10003 | 51949 => EUC_KR,
        950 | 10002 => BIG5,
        1200 => UTF_16LE,
        1201 => UTF_16BE,
        10000 => MACINTOSH,
        10007 | 10017 => X_MAC_CYRILLIC,
        20866 => KOI8_R,
        21866 => KOI8_U,
        20932 | 51932 => EUC_JP,
        54936 => GB18030,
        65001 => UTF_8,
        28591..=28606 => return Encoding::for_label(format!("iso-8859-{}", page - 28590).as_bytes()),
        _ => return Encoding::for_label(format!("windows-{page}").as_bytes()),
    })
}

/// The code page of Windows for a language, by its number in Windows.
pub fn of_language(language: u32) -> u16 {
    match (language & 0x3ff, language) {
        // Serbian, Bosnian, Azerbaijani and Uzbek are written in two scripts.
        (_, 0x0c1a | 0x1c1a | 0x201a | 0x281a | 0x301a | 0x082c | 0x0843) => 1251,
        (0x02 | 0x19 | 0x22 | 0x23 | 0x2f | 0x3f | 0x40 | 0x44 | 0x50 | 0x6d | 0x85, _) => 1251,
        (0x05 | 0x0e | 0x15 | 0x18 | 0x1a | 0x1b | 0x1c | 0x24 | 0x42, _) => 1250,
        (0x08, _) => 1253,
        (0x1f | 0x2c | 0x43, _) => 1254,
        (0x0d, _) => 1255,
        (0x01 | 0x20 | 0x29 | 0x80, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x2a, _) => 1258,
        (0x1e, _) => 874,
        (0x11, _) => 932,
        (0x12, _) => 949,
        (0x04, 0x0404 | 0x0c04 | 0x1404 | 0x7c04) => 950,
        (0x04, _) => 936,
        _ => 1252,
    }
}
