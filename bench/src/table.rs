//! What is printed: one Markdown table.

use std::fmt::Write as _;

/// One line: a measurement and what it was compared with.
pub struct Line {
    what: String,
    target: String,
    measured: String,
    met: Option<bool>,
}

impl Line {
    /// A measurement with a target.
    pub fn judged(
        what: impl Into<String>,
        target: impl Into<String>,
        measured: impl Into<String>,
        met: bool,
    ) -> Self {
        Self { what: what.into(), target: target.into(), measured: measured.into(), met: Some(met) }
    }

    /// A figure that is only told.
    pub fn told(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { what: what.into(), target: String::new(), measured: measured.into(), met: None }
    }
}

/// The lines as Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut text = String::from("| what | target | measured | |\n|---|---|---|---|\n");
    for Line { what, target, measured, met } in lines {
        let verdict = met.map_or("", |met| if met { "met" } else { "**missed**" });
        // Writing to a string can't fail.
        let _written = writeln!(text, "| {what} | {target} | {measured} | {verdict} |");
    }
    text
}
