//! The properties that a client declares about a file: name, content type and checksum.

mod content_type;
pub mod grams;
mod name;
mod sha256;

pub use content_type::ContentType;
pub use name::Filename;
pub use sha256::Sha256;
