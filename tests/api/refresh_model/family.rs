//! The refresh tokens of a session, as a tree: each token was exchanged for its children.

/// The tokens of a session.
#[derive(Clone, Debug)]
pub struct Family {
    tokens: Vec<Token>,
    ended: bool,
    /// Whether the token that was used last was used for the first time within the grace.
    is_early: bool,
}

#[derive(Clone, Debug)]
struct Token {
    parent: Option<usize>,
    used: bool,
    /// Whether another token took the place of this one before it was used.
    replaced: bool,
}

impl Family {
    /// A session with its first token, which has the number 0.
    pub fn new() -> Self {
        Self {
            tokens: vec![Token { parent: None, used: false, replaced: false }],
            ended: false,
            is_early: false,
        }
    }

    /// Returns true if the session has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Lets more time pass than the grace.
    pub fn wait(&mut self) {
        self.is_early = false;
    }

    /// Uses a token. Returns the number of the new token if this one is accepted. If not, the session ends.
    pub fn redeem(&mut self, token: usize) -> Option<usize> {
        let is_live = !self.tokens[token].used && !self.tokens[token].replaced;
        let has_unused_children = self.tokens[token].used && self.children(token).all(|child| !child.used);
        if self.ended || !(is_live || has_unused_children) {
            self.ended = true;
            return None;
        }
        if is_live || !self.is_early {
            self.replace_unused(token);
        }
        if is_live {
            (self.tokens[token].used, self.is_early) = (true, true);
        }
        self.tokens.push(Token { parent: Some(token), used: false, replaced: false });
        Some(self.tokens.len() - 1)
    }

    fn children(&self, of: usize) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(move |token| token.parent == Some(of))
    }

    /// Replaces all unused tokens but this one.
    fn replace_unused(&mut self, token: usize) {
        let unused =
            self.tokens.iter_mut().enumerate().filter(|(place, other)| *place != token && !other.used);
        unused.for_each(|(_, other)| other.replaced = true);
    }
}
