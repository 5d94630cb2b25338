//! Groups: where they begin and end, and what becomes of their text.

use super::words::Destination;
use super::{MAX_DEPTH, Reader};

impl Reader<'_> {
    pub(super) fn open_group(&mut self) {
        self.flush_bytes();
        self.skip = 0;
        self.optional = false;
        if self.groups.len() < MAX_DEPTH {
            self.groups.push(self.group);
            self.group.is_aside = false;
        } else {
            self.deeper += 1;
        }
    }

    pub(super) fn close_group(&mut self) {
        self.flush_bytes();
        self.skip = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.end_aside();
            self.group = self.groups.pop().unwrap_or(self.group);
        }
    }

    pub(super) fn begin_destination(&mut self, word: &[u8], destination: Destination) {
        self.group.in_fonts |= word == b"fonttbl";
        self.group.in_tag |= word == b"htmltag";
        match destination {
            Destination::Hidden => self.group.hidden = true,
            Destination::Shown if word == b"htmltag" => self.group.hidden |= !self.is_html,
            Destination::Shown if word == b"ud" => self.group.hidden = self.is_hidden_around_alternatives(),
            Destination::Aside if !self.group.hidden => self.begin_aside(),
            _ => {}
        }
    }

    /// Whether the group around `\upr`, which hides its text in favour of that of `\ud`, is hidden.
    fn is_hidden_around_alternatives(&self) -> bool {
        self.groups.iter().rev().nth(1).is_some_and(|group| group.hidden)
    }

    fn begin_aside(&mut self) {
        self.flush();
        if self.deeper == 0 && !self.group.is_aside {
            self.group.is_aside = true;
            self.interrupted.push(std::mem::take(&mut self.content));
        }
    }

    fn end_aside(&mut self) {
        if self.group.is_aside {
            self.flush();
            let before = self.interrupted.pop().unwrap_or_default();
            let aside = std::mem::replace(&mut self.content, before);
            self.asides.push_str(&aside);
            self.asides.push('\n');
        }
    }
}
