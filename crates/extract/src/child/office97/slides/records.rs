//! The records of a presentation.

use super::super::super::little_endian::{offset, short};

/// The length of a record's header.
const HEADER_LENGTH: usize = 8;

/// The version of a record that contains others.
const CONTAINER: u16 = 15;

/// A record.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// What the record is.
    pub kind: u16,
    /// Distinguishes records of one kind.
    pub instance: u16,
    /// What follows the header.
    pub data: &'a [u8],
    is_container: bool,
}

/// All records in some data, with those in containers, in their order.
pub struct Inside<'a>(&'a [u8]);

/// The records in some data, without those in containers.
pub fn records(data: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let record = parse(rest)?;
        rest = rest.get(HEADER_LENGTH + record.data.len()..)?;
        Some(record)
    })
}

/// All records in some data, with those in containers.
pub fn inside(data: &[u8]) -> Inside<'_> {
    Inside(data)
}

impl Inside<'_> {
    /// Leaves out the records in a container that was the last one.
    pub fn leave_out(&mut self, container: &Record<'_>) {
        self.0 = self.0.get(container.data.len()..).unwrap_or_default();
    }
}

impl<'a> Iterator for Inside<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let record = parse(self.0)?;
        // The records in a container follow its header.
        let length = if record.is_container { HEADER_LENGTH } else { HEADER_LENGTH + record.data.len() };
        self.0 = self.0.get(length..)?;
        Some(record)
    }
}

/// Parses the first record. One that is cut off ends with the data.
fn parse(data: &[u8]) -> Option<Record<'_>> {
    let head = short(data, 0)?;
    let kind = short(data, 2)?;
    let length = offset(data, 4)?;
    let rest = data.get(HEADER_LENGTH..)?;
    Some(Record {
        kind,
        instance: head >> 4,
        data: rest.get(..length).unwrap_or(rest),
        is_container: head & 15 == CONTAINER,
    })
}
