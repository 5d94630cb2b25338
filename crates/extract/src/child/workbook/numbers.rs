//! Shows numbers as their cells' formats do: as dates, as percentages, or plain.

use std::collections::HashMap;

use super::super::markup::{self, Markup, Next};

/// The day from which a workbook counts dates.
#[derive(Clone, Copy)]
pub enum Epoch {
    /// 1 is 1 January 1900, and the year 1900 has a day too many.
    Year1900,
    /// 0 is 1 January 1904.
    Year1904,
}

/// What a format makes of a number.
#[derive(Clone, Copy, Default)]
enum Shape {
    #[default]
    Plain,
    /// With this many decimal places.
    Percent(usize),
    Date,
    DateTime,
    Time,
    /// Hours and minutes that may exceed a day.
    Duration,
}

/// The formats of cells, by the numbers that cells refer to.
pub struct Formats(Vec<Shape>);

impl Formats {
    /// Parses the part that has them.
    pub fn parse(xml: &str) -> Self {
        let (mut codes, mut formats, mut in_cells) = (HashMap::new(), Vec::new(), false);
        markup::walk(xml, |markup| {
            match markup {
                Markup::Open("numFmt", element) => {
                    let number = |name| element.attribute(name)?.parse::<u32>().ok();
                    codes.extend(number("numFmtId").zip(element.attribute("formatCode")));
                }
                Markup::Open("cellXfs", _) => in_cells = true,
                Markup::Close("cellXfs") => in_cells = false,
                Markup::Open("xf", element) if in_cells => {
                    let id = element.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                    let code = codes.get(&id);
                    formats.push(code.map_or_else(|| built_in(id), |code: &String| shape(code)));
                }
                _ => {}
            }
            Next::Continue
        });
        Self(formats)
    }

    /// Shows a number as the format of this number does. What is no number is shown as it is.
    pub fn show(&self, format: usize, value: &str, epoch: Epoch) -> String {
        let Ok(number) = value.trim().parse::<f64>() else { return value.to_owned() };
        match self.0.get(format).copied().unwrap_or_default() {
            Shape::Plain => plain(number),
            Shape::Percent(places) => format!("{:.places$}%", number * 100.0),
            shape => show_time(number, shape, epoch).unwrap_or_else(|| plain(number)),
        }
    }
}

/// A number with the 15 digits that spreadsheets show.
fn plain(number: f64) -> String {
    format!("{number:.14e}").parse::<f64>().unwrap_or(number).to_string()
}

/// A date as the count of days since the epoch, with the time as its fraction.
fn show_time(number: f64, shape: Shape, epoch: Epoch) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&number) {
        return None;
    }
    let seconds = (number * 86_400.0).round() as i64;
    if matches!(shape, Shape::Duration) {
        return Some(format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = match epoch {
        Epoch::Year1900 if days < 60 => days + 1,
        Epoch::Year1900 => days,
        Epoch::Year1904 => days + 1462,
    };
    // 30 December 1899, as days before 1970.
    let (year, month, day) = date_of(days - 25_569);
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    Some(match shape {
        Shape::Time => time,
        Shape::DateTime => format!("{date} {time}"),
        _ => date,
    })
}

/// The date of a day in the Gregorian calendar, counted from 1 January 1970. The year begins in March here,
/// so that a leap day is its last.
pub fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

/// The formats that have a number and no code.
fn built_in(id: u32) -> Shape {
    match id {
        9 => Shape::Percent(0),
        10 => Shape::Percent(2),
        14..=17 | 27..=31 | 36 | 50..=58 => Shape::Date,
        18..=21 | 32..=35 | 45 | 47 => Shape::Time,
        46 => Shape::Duration,
        22 => Shape::DateTime,
        _ => Shape::Plain,
    }
}

/// What a format's code makes of a number. Quoted text, escaped characters and what is in brackets are no
/// part of the number.
fn shape(code: &str) -> Shape {
    let code = code.split(';').next().unwrap_or_default().to_lowercase();
    let (mut letters, mut characters) = (String::new(), code.chars());
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                characters.by_ref().find(|next| *next == '"');
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|next| *next != ']').collect();
                if !inside.is_empty() && inside.chars().all(|c| "hms".contains(c)) {
                    return Shape::Duration;
                }
            }
            '\\' | '_' | '*' => {
                characters.next();
            }
            other => letters.push(other),
        }
    }
    let has = |any: &str| letters.contains(|letter: char| any.contains(letter));
    let clock = has("hs");
    match () {
        () if letters.contains("general") => Shape::Plain,
        () if has("dy") || (has("m") && !clock) => {
            if clock {
                Shape::DateTime
            } else {
                Shape::Date
            }
        }
        () if clock => Shape::Time,
        () if has("%") => {
            let places = letters.split_once('.').map_or("", |(_, places)| places);
            Shape::Percent(places.chars().take_while(|place| "0#?".contains(*place)).count())
        }
        () => Shape::Plain,
    }
}
