//! What a client declares about a file: its name, its content type and its checksum.

mod content_type;
pub mod grams;
mod name;
mod sha256;

pub use content_type::ContentType;
pub use name::Filename;
pub use sha256::Sha256;
