//! Text out of files, by the child that production starts: the built `classify` program.

mod bombs;
mod child;
mod corpus;
mod documents;
mod hostile;
mod losses;
mod memory;
mod nests;
mod parent;
mod portable;

use docuvault::extraction::{Extracted, Failure};
use tests::extractor;

/// What the child says of these bytes.
async fn read(bytes: &[u8]) -> Result<Extracted, Failure> {
    extractor().start()?.read(bytes).await
}
