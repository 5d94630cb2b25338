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

use std::time::Duration;

use extract::{Error, Extracted};
use tests::extractor;

/// What the child says of these bytes, however busy the machine is: what ends it is its CPU time.
async fn read_in_peace(bytes: &[u8]) -> Result<Extracted, Error> {
    let mut extractor = extractor();
    extractor.patience = Duration::from_secs(60);
    extractor.read(bytes).await
}

/// What the child says of these bytes.
async fn read(bytes: &[u8]) -> Result<Extracted, Error> {
    extractor().read(bytes).await
}
