//! Parts of pages that begin with words, as editors of notes and shops export them.

use super::tags::{is_element, tag_name};

/// Elements that stand between lines. A text without any of them is no part of a page.
const LINES: [&str; 9] = ["br", "p", "div", "ul", "ol", "table", "hr", "body", "html"];

/// Signs with which a line begins in Markdown, whose texts may have tags of HTML.
const MARKDOWN: [&str; 6] = ["#", "```", "|", "- ", "* ", "> "];

/// Whether a text in small letters is a part of a page: all its tags are those of HTML, at least two end
/// something, and one stands between lines. A text about tags has spaces around them.
pub fn is_fragment(text: &str) -> bool {
    let mut tags = text.split('<');
    let mut before = tags.next().unwrap_or_default();
    if text.starts_with(['{', '[']) || is_markdown(text) {
        return false;
    }
    let (mut ends, mut has_lines) = (0, false);
    for tag in tags {
        let (is_end, open) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let Some(name) = tag_name(open).filter(|name| is_element(name)) else { return false };
        let (_, behind) = open.split_once('>').unwrap_or_default();
        if LINES.contains(&name) {
            has_lines = true;
            if before.ends_with(' ') && behind.starts_with(' ') {
                return false;
            }
        }
        ends += usize::from(is_end || name == "br");
        before = behind;
    }
    has_lines && ends >= 2
}

fn is_markdown(text: &str) -> bool {
    text.contains("](") || text.lines().any(|line| MARKDOWN.iter().any(|sign| line.starts_with(sign)))
}
