//! The tables of Numbers, which Pages and Keynote have, too. A model names the tiles of a table, which have
//! its rows, and the list of its texts. Cells refer to texts by their keys.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::little_endian::long;
use super::super::{MAX_MARKUP_BYTES, workbook};
use super::objects::{Object, find, first};

/// The types of the objects.
const MODEL: u64 = 6001;
const TILE: u64 = 6002;
const LIST: u64 = 6005;

/// The version of the storage of cells that is read. Older ones are those of Numbers before 2019.
const VERSION: u8 = 5;

/// The type of a cell with a truth value. Durations are stored as the same kind of number.
const TRUTH: u8 = 6;

/// The length of what precedes the values of a cell, and where in it the flags stand that tell which follow.
const CELL_HEADER: usize = 12;
const FLAGS: usize = 8;

/// The length of a decimal number.
const DECIMAL: usize = 16;

/// The day from which dates are counted, 2001-01-01, in days after 1970-01-01, and the seconds of a day.
const FIRST_DAY: i64 = 11_323;
const DAY: f64 = 86_400.0;

/// The most days before and after that day that a date can be apart from it.
const MAX_DAYS: f64 = 700_000.0;

/// The bias of the exponent of a decimal number.
const BIAS: i32 = 0x1820;

/// The tables of a document.
#[derive(Default)]
pub struct Tables {
    models: Vec<Model>,
    tiles: HashMap<u64, Vec<Row>>,
    lists: BTreeMap<u64, BTreeMap<u64, String>>,
}

struct Model {
    name: String,
    tiles: Vec<u64>,
    list: u64,
}

/// The cells of a row. `starts` has a number of two bytes for each column, the place of its cell, which is
/// counted in units of `width` bytes.
struct Row {
    cells: Vec<u8>,
    starts: Vec<u8>,
    width: usize,
}

impl Tables {
    /// Keeps an object if it belongs to a table.
    pub fn add(&mut self, object: &Object<'_>) {
        let message = object.message;
        match object.kind {
            MODEL => self.models.push(Model {
                name: String::from_utf8_lossy(first(message, &[8]).bytes()).into_owned(),
                tiles: find(message, &[4, 3, 1, 2, 1]).map(|tile| tile.number()).collect(),
                list: first(message, &[4, 4, 1]).number(),
            }),
            TILE => {
                let rows = find(message, &[5]).map(|row| Row::new(row.bytes())).collect();
                self.tiles.insert(object.number, rows);
            }
            LIST => {
                self.lists.insert(object.number, read_list(message));
            }
            _ => {}
        }
    }

    /// The text of all tables, and then the texts of cells that are stored in an older way. Also returns
    /// whether that is everything.
    pub fn text(self) -> (String, bool) {
        let mut text = String::new();
        let mut shown = HashSet::new();
        for model in &self.models {
            text.push_str(&model.name);
            text.push('\n');
            for row in model.tiles.iter().filter_map(|tile| self.tiles.get(tile)).flatten() {
                if text.len() > MAX_MARKUP_BYTES {
                    return (text, false);
                }
                row.append(self.lists.get(&model.list), &mut text);
                text.push('\n');
                shown.extend((!row.starts.is_empty()).then_some(model.list));
            }
        }
        let unshown = self.lists.into_iter().filter(|(list, _)| !shown.contains(list));
        unshown.flat_map(|(_, texts)| texts).for_each(|(_, cell)| text.extend([cell.as_str(), "\n"]));
        (text, true)
    }
}

impl Row {
    fn new(message: &[u8]) -> Self {
        Self {
            cells: first(message, &[6]).bytes().to_vec(),
            starts: first(message, &[7]).bytes().to_vec(),
            width: if first(message, &[8]).number() == 0 { 1 } else { 4 },
        }
    }

    fn append(&self, texts: Option<&BTreeMap<u64, String>>, text: &mut String) {
        // A column without a cell has a negative place.
        let starts = self.starts.as_chunks().0.iter();
        let starts = starts.filter_map(|start| usize::try_from(i16::from_le_bytes(*start)).ok());
        for cell in starts.filter_map(|start| self.cells.get(start * self.width..)) {
            // Many cells may show the same text.
            if text.len() > MAX_MARKUP_BYTES {
                break;
            }
            text.push_str(&show(cell, texts).unwrap_or_default());
            text.push('\t');
        }
    }
}

/// The texts of a list, by their keys.
fn read_list(message: &[u8]) -> BTreeMap<u64, String> {
    let entries = find(message, &[3]).map(|entry| entry.bytes());
    let texts = entries.filter_map(|entry| {
        let text = std::str::from_utf8(first(entry, &[3]).bytes()).ok().filter(|text| !text.is_empty())?;
        Some((first(entry, &[1]).number(), text.to_owned()))
    });
    texts.collect()
}

/// Shows the value of a cell: a number, a truth value or duration, a date, or a text.
fn show(cell: &[u8], texts: Option<&BTreeMap<u64, String>>) -> Option<String> {
    if cell.first() != Some(&VERSION) {
        return None;
    }
    let flags = long(cell, FLAGS)?;
    let values = cell.get(CELL_HEADER..)?;
    let has = |bit: u32| flags >> bit & 1 == 1;
    if has(0) {
        return Some(decimal(values.first_chunk()?));
    }
    if has(1) {
        let number = f64::from_le_bytes(*values.first_chunk()?);
        let is_truth = cell.get(1) == Some(&TRUTH);
        return Some(if is_truth { (number != 0.0).to_string().to_uppercase() } else { number.to_string() });
    }
    if has(2) {
        let days = f64::from_le_bytes(*values.first_chunk()?) / DAY;
        let days = Some(days.floor() as i64).filter(|_| days.abs() < MAX_DAYS)?;
        let (year, month, day) = workbook::date_of(FIRST_DAY + days);
        return Some(format!("{year:04}-{month:02}-{day:02}"));
    }
    let key = long(values, 0).filter(|_| has(3))?;
    texts?.get(&u64::from(key)).cloned()
}

/// Shows a decimal number: digits in the lower 113 bits, an exponent of ten, and a sign.
fn decimal(bytes: &[u8; DECIMAL]) -> String {
    let number = u128::from_le_bytes(*bytes);
    let digits = (number & ((1 << 113) - 1)).to_string();
    let exponent = i32::try_from(number >> 113 & 0x3fff).unwrap_or_default() - BIAS;
    let sign = if number >> 127 == 1 { "-" } else { "" };
    match usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX) {
        _ if digits == "0" => digits,
        places if places > 40 => format!("{sign}{digits}e{exponent}"),
        places if exponent >= 0 => format!("{sign}{digits}{}", "0".repeat(places)),
        places => {
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{sign}{whole}{point}{fraction}")
        }
    }
}
