//! Distinguishes HTML, XML and plain text by the first tag.

use super::fragment;
use crate::child::eml::calendar;
use crate::child::plain;
use crate::protocol::Format;

/// The first tag is among so many bytes. Saved pages may begin with a long comment.
const START_BYTES: usize = 64 * 1024;

/// The elements of HTML. A part of a page begins with any of them.
const HTML: &str = "\
    a abbr address article aside b base basefont bdi bdo big blockquote body br button canvas caption \
    center cite code col colgroup dd del details dfn dialog dir div dl dt em embed fieldset figcaption \
    figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img \
    input ins kbd label legend li link main mark meta nav nobr noscript object ol p pre q s samp script \
    section select small span strike strong style sub sup table tbody td textarea th title tr u ul";

/// Distinguishes HTML, XML and plain text.
pub fn format(bytes: &[u8]) -> Format {
    let start = plain::decode(bytes.get(..START_BYTES).unwrap_or(bytes), None);
    let start = start.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let is_xml = start.starts_with("<?xml");
    let root = skip_prolog(&start);
    match root.strip_prefix('<').and_then(tag_name) {
        _ if root.starts_with("<!doctype html") => Format::Html,
        _ if root.starts_with("<!doctype") => Format::Xml,
        Some("html") => Format::Html,
        Some(name) if !is_xml && is_element(name) => Format::Html,
        _ if is_xml => Format::Xml,
        // Names and placeholders of plain text are also in angle brackets, but are never closed.
        Some(_) if ["</", "/>", "<!"].iter().any(|sign| root.contains(sign)) => Format::Xml,
        // A calendar may describe its events by a page.
        _ if calendar::is_calendar(root) => Format::Text,
        _ if begins_page_later(root) || fragment::is_fragment(root) => Format::Html,
        _ => Format::Text,
    }
}

/// Whether this is the name of an element of HTML.
pub fn is_element(name: &str) -> bool {
    HTML.split(' ').any(|element| element == name)
}

/// What follows comments and processing instructions, but the first line of a PHP program is its own.
fn skip_prolog(text: &str) -> &str {
    let mut rest = text;
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") && !rest.starts_with("<?php") {
            ">"
        } else {
            return rest;
        };
        rest = rest.split_once(end).map_or("", |(_, behind)| behind.trim_start());
    }
}

/// The name of the tag that begins with this text, which follows its `<`.
pub fn tag_name(tag: &str) -> Option<&str> {
    let end = tag.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'))?;
    let (name, behind) = tag.split_at_checked(end)?;
    let is_name = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.'));
    (is_name && (!behind.starts_with('/') || behind.starts_with("/>"))).then_some(name)
}

/// Whether a page begins behind some words: its first tag is that of a page, and another follows at once.
fn begins_page_later(text: &str) -> bool {
    let Some((_, tag)) = text.split_once('<') else { return false };
    let is_page = ["html", "!doctype html", "head", "body"].iter().any(|name| tag.starts_with(name));
    is_page && tag.split_once('>').is_some_and(|(_, behind)| behind.trim_start().starts_with('<'))
}
