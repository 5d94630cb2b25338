//! How a model's window is divided, and how tokens are counted: too high rather than too low, since APIs
//! differ in what they do with too many. Some refuse, and some cut the prompt and do not tell.

/// The tokens of a window that are kept for the answer. Models that reason do it there.
pub fn for_answer(window: usize) -> usize {
    (window / 4).min(4_096)
}

/// The tokens of a window that are left for the prompt. A sixteenth is for what the provider wraps around it.
pub fn for_prompt(window: usize) -> usize {
    window.saturating_sub(for_answer(window) + window / 16)
}

/// An upper bound of the tokens of a text. The usual tokenizers make at most one token of a byte, and at most
/// one of two small letters.
pub fn tokens(text: &str) -> usize {
    text.chars().map(halves).sum::<usize>().div_ceil(2)
}

fn halves(c: char) -> usize {
    if c.is_ascii_lowercase() || c == ' ' { 1 } else { 2 * c.len_utf8() }
}

/// The longest beginning of a text with at most this many tokens.
pub fn head(text: &str, tokens: usize) -> &str {
    let mut left = 2 * tokens;
    let over = text.char_indices().find(|&(_, c)| take(&mut left, c).is_none());
    over.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The longest end of a text with at most this many tokens.
pub fn tail(text: &str, tokens: usize) -> &str {
    let mut left = 2 * tokens;
    let over = text.char_indices().rev().find(|&(_, c)| take(&mut left, c).is_none());
    over.and_then(|(at, c)| text.get(at + c.len_utf8()..)).unwrap_or(text)
}

fn take(left: &mut usize, c: char) -> Option<()> {
    *left = left.checked_sub(halves(c))?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_and_answer_fit_the_window() {
        for tokens in [2_048, 4_096, 8_192, 65_536] {
            assert!(for_prompt(tokens) + for_answer(tokens) < tokens);
            assert!(for_answer(tokens) >= 512 && for_prompt(tokens) > tokens / 2);
        }
    }

    #[test]
    fn other_scripts_and_figures_count_for_more_than_english_words() {
        assert_eq!(tokens("the quick brown fox"), 10);
        assert_eq!(tokens("1234567890"), 10);
        assert_eq!(tokens("QWERTY"), 6);
        assert_eq!(tokens("über"), 4);
        assert_eq!(tokens("文書"), 6);
        assert_eq!(tokens("🧾"), 4);
    }

    #[test]
    fn ends_are_cut_between_characters_and_within_the_budget() {
        let text = "日本語 text 日本語";
        for budget in 0..=tokens(text) {
            let (start, end) = (head(text, budget), tail(text, budget));
            assert!(text.starts_with(start) && text.ends_with(end));
            assert!(tokens(start) <= budget && tokens(end) <= budget, "{budget}");
        }
        assert_eq!((head(text, 100), tail(text, 100)), (text, text));
        assert_eq!((head(text, 4), tail(text, 4)), ("日", "語"));
    }
}
