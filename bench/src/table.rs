//! The results as a Markdown table.

use std::fmt::Write as _;

/// One line of the table: a measurement and its target.
pub struct Line {
    what: String,
    target: String,
    measured: String,
    met: Option<bool>,
}

impl Line {
    /// Creates a measurement with a target.
    pub fn with_target(
        what: impl Into<String>,
        target: impl Into<String>,
        measured: impl Into<String>,
        met: bool,
    ) -> Self {
        Self { what: what.into(), target: target.into(), measured: measured.into(), met: Some(met) }
    }

    /// Creates a measurement without a target.
    pub fn without_target(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { what: what.into(), target: String::new(), measured: measured.into(), met: None }
    }
}

/// Formats the lines as Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut text = String::from("| what | target | measured | |\n|---|---|---|---|\n");
    for Line { what, target, measured, met } in lines {
        let verdict = met.map_or("", |met| if met { "met" } else { "**missed**" });
        // Writing to a string can't fail.
        let _written = writeln!(text, "| {what} | {target} | {measured} | {verdict} |");
    }
    text
}
