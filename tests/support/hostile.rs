//! Files that attack their reader. All of them are small to send.

pub mod inflating;
pub mod nesting;
pub mod pdf;

/// Every hostile file with its name.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    [inflating::all(), nesting::all(), pdf::all()].concat()
}
