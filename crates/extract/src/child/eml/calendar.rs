//! Calendars and address cards, whose long lines are folded (RFC 5545, RFC 6350).

/// Whether a text is a calendar or an address card.
pub fn is_calendar(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    ["BEGIN:VCALENDAR", "BEGIN:VCARD"]
        .iter()
        .any(|begin| start.get(..begin.len()).is_some_and(|found| found.eq_ignore_ascii_case(begin)))
}

/// Joins folded lines, and replaces escaped signs by what they stand for.
pub fn unfold(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
}
