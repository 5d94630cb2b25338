//! Styles that hide text, or show it within what is hidden.

/// How many styles in a row may be based on the next one.
const MAX_BASES: usize = 16;

/// What a style says: whether its text is hidden, and on which style it is based.
#[derive(Default)]
pub struct Style {
    pub hides: Option<bool>,
    pub base: Option<String>,
}

/// Whether the text of a style is hidden, if the style says that, or one on which it is based. `find` returns
/// the style of a name.
pub fn hides<'a>(name: &str, find: impl Fn(&str) -> Option<&'a Style>) -> Option<bool> {
    let bases = std::iter::successors(find(name), |style| find(style.base.as_ref()?));
    bases.take(MAX_BASES).find_map(|style| style.hides)
}
