//! The causes of errors, and their texts.

use std::error::Error;

/// The cause of an [`Error`](crate::Error): an error of a library, or a text.
pub type Source = Box<dyn Error + Send + Sync>;

/// Joins the texts of an error and of its sources, for the log. A text that an outer one contains is not
/// repeated.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no connection")]
    struct Outer(#[source] std::io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("failed: {0}")]
    struct Repeating(#[source] Outer);

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Whole(&'static str, #[source] Repeating);

    #[test]
    fn a_repeated_source_is_written_once() {
        let error = Repeating(Outer(std::io::Error::other("refused")));
        assert_eq!(chain(&error), "failed: no connection: refused");
        let whole = Whole("failed: no connection: refused", error);
        assert_eq!(chain(&whole), "failed: no connection: refused");
    }
}
