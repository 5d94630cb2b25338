//! Text out of files, by the child that production starts: the built `classify` program.

mod child;
mod corpus;
mod documents;
mod hostile;
mod large;
mod losses;
mod memory;
mod pages;
mod parent;

use docuvault::extraction::{Extracted, Failure};
use tests::extractor;

/// What the child says of these bytes.
async fn read(bytes: &[u8]) -> Result<Extracted, Failure> {
    extractor().read(bytes).await
}
