//! XHTML, which is XML. An element without content may end with its first tag there: `<script src="a.js"/>`.
//! In HTML, all that follows would belong to the element. Text may be in CDATA, which HTML does not know.

use std::borrow::Cow;

/// Elements whose content has no tags in HTML.
const RAW: [&str; 9] =
    ["script", "style", "title", "textarea", "iframe", "noscript", "noframes", "noembed", "template"];

/// Those of them whose content is not text.
const CODE: [&str; 2] = ["script", "style"];

/// A page says within this many bytes whether it is XHTML.
const DECLARATION_BYTES: usize = 4096;

/// The beginning of text in which nothing is a tag, and its end.
const CDATA: (&str, &str) = ("<![CDATA[", "]]>");

/// Writes a page as HTML if it is XHTML.
pub fn to_html(page: &str) -> Cow<'_, str> {
    let (start, _) = page.split_at(page.floor_char_boundary(DECLARATION_BYTES));
    if !start.contains("//www.w3.org/1999/xhtml") && !start.trim_start().starts_with("<?xml") {
        return Cow::Borrowed(page);
    }
    let mut html = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(position) = rest.find('<') {
        let (before, tag) = rest.split_at(position);
        html.push_str(before);
        // What has no end is the last: all that follows belongs to it.
        let Some(behind) = write_tag(tag, &mut html) else {
            rest = tag;
            break;
        };
        rest = behind;
    }
    html.push_str(rest);
    Cow::Owned(html)
}

/// Writes what begins with `<`, and returns what follows it.
fn write_tag<'a>(text: &'a str, html: &mut String) -> Option<&'a str> {
    if let Some(data) = text.strip_prefix(CDATA.0) {
        let (words, behind) = data.split_once(CDATA.1)?;
        html.push_str(&words.replace('&', "&amp;").replace('<', "&lt;"));
        return Some(behind);
    }
    let Some(name) = raw_name(text) else {
        html.push('<');
        return text.get(1..);
    };
    let (tag, behind) = split_tag(text)?;
    html.push_str(tag);
    if tag.ends_with("/>") {
        html.extend(["</", name, ">"]);
        return Some(behind);
    }
    if !CODE.contains(&name) {
        return Some(behind);
    }
    // The words of a script are no tags.
    let (code, behind) = behind.split_at(behind.find(&format!("</{name}")).unwrap_or(behind.len()));
    html.push_str(code);
    Some(behind)
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
