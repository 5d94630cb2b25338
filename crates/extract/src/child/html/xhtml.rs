//! XHTML, where an element without content may end with its first tag: `<script src="a.js"/>`. In HTML, all
//! that follows would belong to the element.

use std::borrow::Cow;

/// Elements whose content has no tags in HTML.
const RAW: [&str; 9] =
    ["script", "style", "title", "textarea", "iframe", "noscript", "noframes", "noembed", "template"];

/// A page says within this many bytes whether it is XHTML.
const DECLARATION_BYTES: usize = 4096;

/// Writes the end of elements that end with their first tag, if the page is XHTML.
pub fn close_raw_elements(page: &str) -> Cow<'_, str> {
    let (start, _) = page.split_at(page.floor_char_boundary(DECLARATION_BYTES));
    if !start.contains("//www.w3.org/1999/xhtml") && !start.trim_start().starts_with("<?xml") {
        return Cow::Borrowed(page);
    }
    let mut closed = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(position) = rest.find('<') {
        let (before, tag) = rest.split_at(position);
        closed.push_str(before);
        rest = tag;
        let Some(name) = raw_name(tag) else {
            closed.push('<');
            rest = tag.get(1..).unwrap_or_default();
            continue;
        };
        // A tag without end is the last: all that follows belongs to it.
        let Some((tag, behind)) = split_tag(tag) else { break };
        closed.push_str(tag);
        if tag.ends_with("/>") {
            closed.extend(["</", name, ">"]);
        }
        rest = behind;
    }
    closed.push_str(rest);
    Cow::Owned(closed)
}

/// The name of a tag that begins an element of [`RAW`].
fn raw_name(tag: &str) -> Option<&'static str> {
    let name = tag.get(1..)?.split(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
    RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name))
}

/// The longest tag that is looked at.
const MAX_TAG_BYTES: usize = 4096;

/// Splits behind the tag with which a text begins. What is in quotes ends nothing.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let end = text.get(..text.floor_char_boundary(MAX_TAG_BYTES))?.find(|letter: char| {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            None => return letter == '>',
        }
        false
    })?;
    text.split_at_checked(end + 1)
}
