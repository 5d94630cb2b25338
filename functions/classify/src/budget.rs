//! Divides a model's context window between prompt and answer, and estimates how many tokens a text has.
//! Estimates are too high rather than too low: if a prompt is too long, some APIs refuse it, and others cut
//! it without saying so.

/// The tokens of a window that are reserved for the answer, including the model's reasoning.
pub fn for_answer(window: usize) -> usize {
    (window / 4).min(4_096)
}

/// The tokens of a window that are left for the prompt. A sixteenth of the window is reserved for the control
/// tokens that the provider adds.
pub fn for_prompt(window: usize) -> usize {
    window.saturating_sub(for_answer(window) + window / 16)
}

/// An upper bound for the number of tokens in a text. Common tokenizers make at most one token for each byte,
/// and at most one token for two lower-case letters.
pub fn estimate_tokens(text: &str) -> usize {
    text.chars().map(half_tokens).sum::<usize>().div_ceil(2)
}

/// The estimate for one character, in half tokens.
fn half_tokens(c: char) -> usize {
    if c.is_ascii_lowercase() || c == ' ' { 1 } else { 2 * c.len_utf8() }
}

/// The longest beginning of a text that has at most this many tokens.
pub fn head(text: &str, tokens: usize) -> &str {
    let mut left = 2 * tokens;
    let over = text.char_indices().find(|&(_, c)| spend(&mut left, c).is_none());
    over.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The longest end of a text that has at most this many tokens.
pub fn tail(text: &str, tokens: usize) -> &str {
    let mut left = 2 * tokens;
    let over = text.char_indices().rev().find(|&(_, c)| spend(&mut left, c).is_none());
    over.and_then(|(at, c)| text.get(at + c.len_utf8()..)).unwrap_or(text)
}

/// Takes a character out of a budget of half tokens. Returns `None` if the budget is too small for it.
fn spend(left: &mut usize, c: char) -> Option<()> {
    *left = left.checked_sub(half_tokens(c))?;
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
    fn other_scripts_and_digits_count_for_more_than_english_words() {
        assert_eq!(estimate_tokens("the quick brown fox"), 10);
        assert_eq!(estimate_tokens("1234567890"), 10);
        assert_eq!(estimate_tokens("QWERTY"), 6);
        assert_eq!(estimate_tokens("über"), 4);
        assert_eq!(estimate_tokens("文書"), 6);
        assert_eq!(estimate_tokens("🧾"), 4);
    }

    #[test]
    fn texts_are_cut_between_characters_and_within_the_budget() {
        let text = "日本語 text 日本語";
        for budget in 0..=estimate_tokens(text) {
            let (start, end) = (head(text, budget), tail(text, budget));
            assert!(text.starts_with(start) && text.ends_with(end));
            assert!(estimate_tokens(start) <= budget && estimate_tokens(end) <= budget, "{budget}");
        }
        assert_eq!((head(text, 100), tail(text, 100)), (text, text));
        assert_eq!((head(text, 4), tail(text, 4)), ("日", "語"));
    }
}
