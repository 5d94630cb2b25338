#![doc = include_str!("../README.md")]

pub mod child;
mod extractor;
mod protocol;

pub use child::confinement;
pub use extractor::{Error, Extractor, TIMEOUT};
pub use protocol::{ARGUMENT, CPU_TIME, ENVIRONMENT, Extracted, Format, MAX_TEXT, NoText, Pages};
