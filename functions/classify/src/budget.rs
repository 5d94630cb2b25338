//! How much a model can read. Tokens are counted too high rather than too low, since APIs differ in what they do with too many:
//! some refuse, and some cut the prompt and say nothing.

/// What is used of a model with a large window: prompts beyond it cost more than they tell.
const LARGE: usize = 65_536;

/// For models of one's own where nothing is configured. Ollama takes what it is told, others what they were started with.
const OLLAMA: usize = 8_192;
const UNKNOWN: usize = 4_096;

/// Windows by the beginning of a model's name; the first that fits counts. What is not listed counts as unknown.
const WINDOWS: [(&str, usize); 22] = [
    ("claude", LARGE),
    ("gpt-3.5", 16_384),
    ("gpt-4o", LARGE),
    ("gpt-4.", LARGE),
    ("gpt-4-turbo", LARGE),
    ("gpt-4", 8_192),
    ("gpt-5", LARGE),
    ("gpt-6", LARGE),
    ("chatgpt", LARGE),
    ("o1", LARGE),
    ("o3", LARGE),
    ("o4", LARGE),
    ("gemini", LARGE),
    ("nova", LARGE),
    ("gemma:", 8_192),
    ("gemma2", 8_192),
    ("llama2", 4_096),
    ("phi3", 4_096),
    ("phi:", 2_048),
    ("smollm:", 2_048),
    ("tinyllama", 2_048),
    ("titan", 4_096),
];

/// Who decides how many tokens a server takes.
#[derive(Clone, Copy)]
pub enum WindowSetBy {
    /// Each request says it.
    Request,
    /// The server was started with it.
    Server,
}

/// How many tokens prompt and answer may have together.
pub fn window(set_by: WindowSetBy, model: &str, configured: Option<u32>) -> usize {
    let configured = configured.map(|tokens| usize::try_from(tokens).unwrap_or(LARGE));
    // A model without a tag is the family's first.
    let tagged = format!("{model}:");
    let known = WINDOWS.iter().find(|(family, _)| is_of(&tagged, family)).map(|&(_, tokens)| tokens);
    match (set_by, known) {
        (WindowSetBy::Request, known) => configured.unwrap_or(OLLAMA).min(known.unwrap_or(usize::MAX)),
        (_, Some(known)) => known,
        (_, None) => configured.unwrap_or(UNKNOWN),
    }
}

/// How many of them are kept for the answer. Models that reason do it there.
pub fn answer(window: usize) -> usize {
    (window / 4).min(4_096)
}

/// How many are left for the prompt, less what the provider wraps around it.
pub fn prompt(window: usize) -> usize {
    window.saturating_sub(answer(window) + window / 16)
}

/// Whether the name is one of the family's, with or without a vendor before it.
pub fn is_of(model: &str, family: &str) -> bool {
    model.match_indices(family).any(|(at, _)| {
        model.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['/', '.']))
    })
}

/// At most how many tokens the text has. None of the usual tokenizers makes more tokens than bytes; of words in small letters,
/// they make less than one of two.
pub fn tokens(text: &str) -> usize {
    text.chars().map(halves).sum::<usize>().div_ceil(2)
}

fn halves(c: char) -> usize {
    if c.is_ascii_lowercase() || c == ' ' { 1 } else { 2 * c.len_utf8() }
}

/// The beginning, as far as it has at most this many tokens.
pub fn head(text: &str, tokens: usize) -> &str {
    let mut left = 2 * tokens;
    let over = text.char_indices().find(|&(_, c)| take(&mut left, c).is_none());
    over.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The end, likewise.
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
    use super::WindowSetBy::{Request, Server};
    use super::*;

    #[test]
    fn a_window_is_never_larger_than_the_model_s_own() {
        for (set_by, model, configured, expected) in [
            (Server, "claude-sonnet-4-5", None, LARGE),
            (Server, "eu.anthropic.claude-haiku-4-5-20251001-v1:0", Some(4_096), LARGE),
            (Server, "amazon.nova-lite-v1:0", None, LARGE),
            (Server, "gpt-4o-mini", None, LARGE),
            (Server, "gpt-4", Some(100_000), 8_192),
            (Server, "openai/gpt-3.5-turbo", None, 16_384),
            (Server, "o3-mini", None, LARGE),
            (Server, "qwen-turbo-o3", None, UNKNOWN),
            (Server, "somebodys-model", None, UNKNOWN),
            (Server, "somebodys-model", Some(16_000), 16_000),
            (Request, "llama3.2", None, OLLAMA),
            (Request, "llama3.2", Some(32_000), 32_000),
            (Request, "llama2:13b", Some(32_000), 4_096),
            (Request, "phi:latest", None, 2_048),
            (Request, "phi", None, 2_048),
            (Request, "phi4", None, OLLAMA),
        ] {
            assert_eq!(window(set_by, model, configured), expected, "{model}");
        }
    }

    #[test]
    fn prompt_and_answer_fit_the_window() {
        for tokens in [2_048, UNKNOWN, OLLAMA, LARGE] {
            assert!(prompt(tokens) + answer(tokens) < tokens);
            assert!(answer(tokens) >= 512 && prompt(tokens) > tokens / 2);
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
