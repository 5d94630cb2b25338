#![doc = include_str!("../README.md")]

pub mod child;
mod extractor;
mod protocol;

pub use child::confinement;
pub use extractor::{Error, Extractor, TIMEOUT};
pub use protocol::{
    ARGUMENT, CPU_TIME, DRAW, ENVIRONMENT, Extracted, Format, Image, MAX_IMAGE_BYTES, MAX_IMAGE_SIDE,
    MAX_IMAGES, MAX_TEXT, NoText, Pages,
};
