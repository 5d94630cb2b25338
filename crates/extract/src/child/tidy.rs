//! Reduces white space to single spaces and line breaks, because more would use up the tokens of a model.

/// A text that is built from words, spaces and line breaks, and stays tidy.
#[derive(Default)]
pub struct TidyText {
    text: String,
    /// The white space that is written before the next word.
    gap: Option<char>,
}

impl TidyText {
    /// Appends words. If the text does not begin with white space, its first word continues the last one.
    pub fn push_words(&mut self, text: &str) {
        for (number, word) in text.split(|c: char| c.is_whitespace() || c.is_control()).enumerate() {
            if number > 0 {
                self.end_word();
            }
            if !word.is_empty() {
                let gap = self.gap.take().filter(|_| !self.text.is_empty());
                self.text.extend(gap);
                self.text.push_str(word);
            }
        }
    }

    /// Puts a space before the next word.
    pub fn end_word(&mut self) {
        self.gap.get_or_insert(' ');
    }

    /// Puts a line break before the next word.
    pub fn end_line(&mut self) {
        self.gap = Some('\n');
    }

    /// The text so far.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<TidyText> for String {
    fn from(tidy: TidyText) -> Self {
        tidy.text
    }
}

/// Tidies a complete text.
pub fn tidy(text: &str) -> String {
    let mut tidy = TidyText::default();
    for line in text.lines() {
        tidy.push_words(line);
        tidy.end_line();
    }
    tidy.into()
}
