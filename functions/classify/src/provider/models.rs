//! The known families of models, and what each one needs in a request. `docs/PROVIDERS.md` has the same
//! table.

use std::num::NonZeroUsize;

/// The largest window that the vault uses, even if a model has a larger one: longer prompts cost more and
/// hardly improve the answer.
const LARGE: usize = 65_536;

/// A family of models, and its needs in a request.
#[derive(Debug)]
pub struct Family {
    /// The beginning of its models' names. A vendor may come before that, and `*` stands for any text.
    pattern: &'static str,
    /// The most tokens of prompt and answer together.
    pub window: usize,
    /// The parameter that makes its answers vary little.
    pub sampling: Sampling,
    /// The way to get answers in the required form from Bedrock.
    pub form: Form,
}

/// The parameter of a request that makes answers vary little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// A temperature of 0.
    Temperature,
    /// No parameter, because the family refuses a temperature.
    Fixed,
    /// No temperature, because the family reasons before it answers. OpenAI's API takes a reasoning effort
    /// instead, and has another name for the limit of tokens.
    Reasoning,
}

/// A way to get answers in the required form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The request has the JSON schema of the answer.
    Schema,
    /// The request has a tool that the model must call. The input of the tool is the answer.
    Tool,
}

/// All known families. The first one whose pattern matches a model's name counts.
const FAMILIES: &[Family] = &[
    family("claude-3", LARGE, Sampling::Temperature, Form::Tool),
    family("claude-*-4-2025", LARGE, Sampling::Temperature, Form::Schema),
    family("claude-*-4-0", LARGE, Sampling::Temperature, Form::Schema),
    family("claude-*-4-1", LARGE, Sampling::Temperature, Form::Schema),
    family("claude-*-4-5", LARGE, Sampling::Temperature, Form::Schema),
    family("claude-*-4-6", LARGE, Sampling::Temperature, Form::Schema),
    family("claude", LARGE, Sampling::Fixed, Form::Schema),
    family("gpt-3.5", 16_384, Sampling::Temperature, Form::Schema),
    family("gpt-4o", LARGE, Sampling::Temperature, Form::Schema),
    family("gpt-4.", LARGE, Sampling::Temperature, Form::Schema),
    family("gpt-4-turbo", LARGE, Sampling::Temperature, Form::Schema),
    family("gpt-4", 8_192, Sampling::Temperature, Form::Schema),
    family("gpt-5", LARGE, Sampling::Reasoning, Form::Schema),
    family("gpt-6", LARGE, Sampling::Reasoning, Form::Schema),
    family("chatgpt", LARGE, Sampling::Temperature, Form::Schema),
    family("o1", LARGE, Sampling::Reasoning, Form::Schema),
    family("o3", LARGE, Sampling::Reasoning, Form::Schema),
    family("o4", LARGE, Sampling::Reasoning, Form::Schema),
    family("gemini", LARGE, Sampling::Temperature, Form::Schema),
    family("nova", LARGE, Sampling::Temperature, Form::Tool),
    family("gemma:", 8_192, Sampling::Temperature, Form::Schema),
    family("gemma2", 8_192, Sampling::Temperature, Form::Schema),
    family("llama2", 4_096, Sampling::Temperature, Form::Schema),
    family("phi3", 4_096, Sampling::Temperature, Form::Schema),
    family("phi:", 2_048, Sampling::Temperature, Form::Schema),
    family("smollm:", 2_048, Sampling::Temperature, Form::Schema),
    family("tinyllama", 2_048, Sampling::Temperature, Form::Schema),
    family("titan", 4_096, Sampling::Temperature, Form::Schema),
];

/// The models that read images: a pattern as that of a family, and the most tokens that an image takes. The
/// first one that matches counts, and 0 stands for an exception, which reads none.
const IMAGE_TOKENS: &[(&str, usize)] = &[
    ("claude", 1_600),
    ("gpt-4o-mini", 26_000),
    ("gpt-4o", 800),
    ("gpt-4.", 2_600),
    ("gpt-5", 2_600),
    ("gpt-6", 2_600),
    ("chatgpt", 800),
    ("o4", 1_800),
    ("gemini", 1_300),
    ("nova-*lite", 2_600),
    ("nova-*pro", 2_600),
    ("nova-premier", 2_600),
    ("pixtral", 4_200),
    ("mistral-small3", 1_500),
    ("llama3.2-vision", 1_700),
    ("llama4", 2_500),
    ("llava", 2_900),
    ("gemma3:270m", 0),
    ("gemma3:1b", 0),
    ("gemma3", 300),
    ("minicpm-v", 700),
    ("qwen2.5vl", 1_400),
    ("qwen3-vl", 1_100),
];

const fn family(pattern: &'static str, window: usize, sampling: Sampling, form: Form) -> Family {
    Family { pattern, window, sampling, form }
}

/// The family of a model, or `None` if it is not known.
pub fn family_of(model: &str) -> Option<&'static Family> {
    // The names of Ollama's models may lack their tag.
    let tagged = format!("{model}:");
    FAMILIES.iter().find(|family| matches_pattern(&tagged, family.pattern))
}

/// The most tokens that an image takes, or `None` if the model is not known to read images.
pub fn image_tokens(model: &str) -> Option<NonZeroUsize> {
    let (_, tokens) = IMAGE_TOKENS.iter().find(|(pattern, _)| matches_pattern(model, pattern))?;
    NonZeroUsize::new(*tokens)
}

/// The patterns of all models that read images.
#[cfg(test)]
pub fn image_readers() -> impl Iterator<Item = &'static str> {
    IMAGE_TOKENS.iter().filter(|(_, tokens)| *tokens > 0).map(|(pattern, _)| *pattern)
}

fn matches_pattern(model: &str, pattern: &str) -> bool {
    let (start, rest) = pattern.split_once('*').unwrap_or((pattern, ""));
    model.match_indices(start).any(|(at, _)| {
        let (vendor, name) = model.split_at(at);
        (vendor.is_empty() || vendor.ends_with(['/', '.'])) && name.contains(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../../docs/PROVIDERS.md");

    #[test]
    fn a_family_is_found_with_a_vendor_before_it_and_a_version_after_it() {
        for (model, pattern) in [
            ("claude-sonnet-4-5", Some("claude-*-4-5")),
            ("claude-sonnet-4-20250514", Some("claude-*-4-2025")),
            ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", Some("claude-*-4-5")),
            ("anthropic.claude-3-haiku-20240307-v1:0", Some("claude-3")),
            ("claude-opus-4-8", Some("claude")),
            ("amazon.nova-lite-v1:0", Some("nova")),
            ("gpt-4o-mini", Some("gpt-4o")),
            ("gpt-4", Some("gpt-4")),
            ("openai/gpt-3.5-turbo", Some("gpt-3.5")),
            ("o3-mini", Some("o3")),
            ("qwen-turbo-o3", None),
            ("llama2:13b", Some("llama2")),
            ("llama3.2", None),
            ("phi:latest", Some("phi:")),
            ("phi", Some("phi:")),
            ("phi4", None),
            ("gemma3", None),
        ] {
            assert_eq!(family_of(model).map(|family| family.pattern), pattern, "{model}");
        }
    }

    #[test]
    fn no_pattern_is_shadowed_by_an_earlier_one() {
        for family in FAMILIES {
            let model = family.pattern.replace('*', "x");
            assert_eq!(family_of(&model).unwrap().pattern, family.pattern);
        }
    }

    #[test]
    fn models_that_read_images_are_known_with_their_tokens() {
        for (model, tokens) in [
            ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1_600),
            ("gpt-4o-mini", 26_000),
            ("gpt-4o-2024-11-20", 800),
            ("us.amazon.nova-lite-v1:0", 2_600),
            ("us.amazon.nova-2-lite-v1:0", 2_600),
            ("nova-2-pro-preview", 2_600),
            ("amazon.nova-micro-v1:0", 0),
            ("gpt-4", 0),
            ("gpt-4-turbo", 0),
            ("gpt-4.1-mini", 2_600),
            ("llama3.2", 0),
            ("llama3.2-vision:11b", 1_700),
            ("gemma3", 300),
            ("gemma3:1b", 0),
            ("somebodys-model", 0),
        ] {
            assert_eq!(image_tokens(model), NonZeroUsize::new(tokens), "{model}");
        }
    }

    #[test]
    fn the_documentation_has_the_same_tokens_of_images() {
        let row = |(pattern, tokens): &(&str, usize)| match tokens {
            0 => format!("| `{pattern}` | reads none |\n"),
            _ => format!("| `{pattern}` | {tokens} |\n"),
        };
        let table: String = IMAGE_TOKENS.iter().map(row).collect();
        assert!(DOCUMENTED.contains(&format!("|---|---|\n{table}\n")), "expected:\n{table}");
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let rows = FAMILIES.iter().map(|Family { pattern, window, sampling, form }| {
            let sampling = match sampling {
                Sampling::Temperature => "0",
                Sampling::Fixed => "none",
                Sampling::Reasoning => "none: it reasons",
            };
            let form = if *form == Form::Tool { "tool" } else { "schema" };
            format!("| `{pattern}` | {window} | {sampling} | {form} |\n")
        });
        let table: String = rows.collect();
        assert!(DOCUMENTED.contains(&format!("|---|---|---|---|\n{table}\n")), "expected:\n{table}");
    }
}
