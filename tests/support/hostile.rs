//! Files that attack the program that reads them. All of them are small.

pub mod inflating;
pub mod nesting;
pub mod pdf;
pub mod repeating;
pub mod sharing;

/// Returns every hostile file with its name.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    [inflating::all(), nesting::all(), pdf::all(), repeating::all(), sharing::all()].concat()
}
