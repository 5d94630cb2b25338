//! The text of a document that is made of paragraphs, some of which stand within others: notes, comments and
//! text boxes.

use super::MAX_MARKUP_BYTES;

/// The number of paragraphs within each other that are told apart.
const MAX_DEPTH: usize = 100;

/// Text that grows by what is shown of a document. A paragraph within another one does not interrupt it, but
/// follows it.
#[derive(Default)]
pub struct Flow {
    text: String,
    /// The paragraphs that are interrupted, outermost first.
    interrupted: Vec<String>,
    /// What follows the outermost paragraph.
    asides: String,
    open: bool,
    /// Where the outermost paragraph begins.
    start: usize,
    /// How many paragraphs are around the one that is hidden, if one is.
    hidden: Option<usize>,
    /// The number of paragraphs that are nested too deeply to be told apart.
    deeper: usize,
}

impl Flow {
    /// Appends text.
    pub fn push(&mut self, text: &str) {
        if self.hidden.is_none() {
            self.text.push_str(text);
        }
    }

    /// Begins a paragraph.
    pub fn open_paragraph(&mut self) {
        if self.interrupted.len() == MAX_DEPTH {
            self.deeper += 1;
        } else if self.open {
            self.interrupted.push(std::mem::take(&mut self.text));
        } else {
            self.start = self.text.len();
        }
        self.open = true;
    }

    /// Hides the whole paragraph that is open, with what follows within it.
    pub fn hide_paragraph(&mut self) {
        if self.open && self.hidden.is_none() {
            self.text.truncate(if self.interrupted.is_empty() { self.start } else { 0 });
            self.hidden = Some(self.interrupted.len());
        }
    }

    /// Ends a paragraph.
    pub fn close_paragraph(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            self.text.push('\n');
            return;
        }
        self.hidden = self.hidden.filter(|around| *around < self.interrupted.len());
        if let Some(outer) = self.interrupted.pop() {
            let inner = std::mem::replace(&mut self.text, outer);
            self.asides.push_str(&inner);
            self.asides.push('\n');
            return;
        }
        self.open = false;
        self.text.push('\n');
        self.text.push_str(&self.asides);
        self.asides.clear();
    }

    /// Ends a cell: its last paragraph and the next cell stand on one line.
    pub fn close_cell(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
        }
        self.text.push('\t');
    }

    /// Ends a line, unless it is empty.
    pub fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Removes the text behind a length.
    pub fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
    }

    /// Whether the text behind a length is at most one line.
    pub fn is_one_line(&self, length: usize) -> bool {
        self.text.get(length..).is_none_or(|text| !text.contains('\n'))
    }

    /// Whether there is as much text as is read of a text format. It is more than is returned, because the
    /// end of a long document is returned, too.
    pub fn is_full(&self) -> bool {
        self.text.len() > MAX_MARKUP_BYTES
    }

    /// The length of the text so far, with that of the paragraphs that are interrupted or follow.
    pub fn len(&self) -> usize {
        self.text.len() + self.asides.len() + self.interrupted.iter().map(String::len).sum::<usize>()
    }

    /// The text, with that of paragraphs that did not end.
    pub fn finish(mut self) -> String {
        self.deeper = 0;
        while !self.interrupted.is_empty() {
            self.close_paragraph();
        }
        self.text.push_str(&self.asides);
        self.text
    }
}
