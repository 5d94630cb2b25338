//! References such as `&euro;` or `&#8364;`.

use html5gum::{Token, Tokenizer};

/// Replaces the references of a text without tags by their characters, as a browser does. Unknown ones stay.
pub fn resolve(text: &str) -> String {
    let text = text.replace('<', "&lt;");
    let pieces = Tokenizer::new(&*text).map(|token| match token {
        Ok(Token::String(piece)) => String::from_utf8_lossy(&piece).into_owned(),
        _ => String::new(),
    });
    pieces.collect()
}
