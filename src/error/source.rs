//! The causes of an error.

use std::error::Error;

/// The error below one of the vault's own.
pub type Source = Box<dyn Error + Send + Sync>;

/// The text of an error and of its sources, for the log. If an error repeats the text of its source, the
/// text is written once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let cause = source.to_string();
        if !text.ends_with(&cause) {
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

    #[test]
    fn a_repeated_source_is_written_once() {
        let error = Repeating(Outer(std::io::Error::other("refused")));
        assert_eq!(chain(&error), "failed: no connection: refused");
    }
}
