//! Files that are made to hurt who reads them, all small to send.

pub mod bombs;
pub mod nests;
pub mod portable;

/// All of them, by name.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    [bombs::all(), nests::all(), portable::all()].concat()
}
