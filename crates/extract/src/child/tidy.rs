//! Reduces white space to single spaces and line breaks. More would use up the tokens of a model.

/// A text that is tidied while it grows.
#[derive(Default)]
pub struct Tidy {
    text: String,
    /// The white space before the next word.
    gap: Option<char>,
}

impl Tidy {
    /// Appends words. If the text does not begin with a space, its first word continues the last one.
    pub fn words(&mut self, text: &str) {
        for (number, word) in text.split(|c: char| c.is_whitespace() || c.is_control()).enumerate() {
            if number > 0 {
                self.space();
            }
            if !word.is_empty() {
                let gap = self.gap.take().filter(|_| !self.text.is_empty());
                self.text.extend(gap);
                self.text.push_str(word);
            }
        }
    }

    /// Ends a word.
    pub fn space(&mut self) {
        self.gap.get_or_insert(' ');
    }

    /// Ends a line.
    pub fn line(&mut self) {
        self.gap = Some('\n');
    }

    /// The text up to here.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<Tidy> for String {
    fn from(tidy: Tidy) -> Self {
        tidy.text
    }
}

/// Tidies a whole text.
pub fn tidy(text: &str) -> String {
    let mut tidy = Tidy::default();
    for line in text.lines() {
        tidy.words(line);
        tidy.line();
    }
    tidy.into()
}
