//! Reading text out of files with the child that production uses: the built program of `classify`.

mod child_process;
mod classified_documents;
mod confined_child;
mod corpus;
mod function_memory;
mod hostile_files;
mod html_pages;
mod images;
mod large_documents;
mod named_extractor;
mod pages;
mod parent_environment;
mod retried_documents;
mod truncation;
mod unread_formats;

use std::time::Duration;

use extract::{Error, Extracted};
use tests::extractor;

/// Has a child read these bytes with a long timeout, so that on a busy machine only the child's CPU time
/// limits it.
async fn read_with_long_timeout(bytes: &[u8]) -> Result<Extracted, Error> {
    let mut extractor = extractor();
    extractor.timeout = Duration::from_secs(60);
    extractor.read(bytes).await
}

/// Has a child read these bytes.
async fn read(bytes: &[u8]) -> Result<Extracted, Error> {
    extractor().read(bytes).await
}
