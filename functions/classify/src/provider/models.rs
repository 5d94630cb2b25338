//! The known families of models. `docs/PROVIDERS.md` has the same table.

/// The tokens that are used of a larger window: longer prompts cost more than they tell.
const LARGE: usize = 65_536;

/// What a family of models needs in a request.
#[derive(Debug)]
pub struct Family {
    /// How names of its models begin, with or without a vendor before it. `*` stands for any text.
    pattern: &'static str,
    /// The most tokens of prompt and answer together.
    pub window: usize,
    /// How much its answers may vary.
    pub sampling: Sampling,
    /// How Bedrock forces its answers into their form.
    pub form: Form,
}

/// The parameter that decides how much answers vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// A temperature.
    Temperature,
    /// None: the family refuses a temperature.
    Fixed,
    /// None, since the family reasons before it answers. OpenAI's API takes an effort instead, and calls the
    /// limit of tokens otherwise.
    Reasoning,
}

/// How an answer is forced into its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON schema of the answer.
    Schema,
    /// A tool that the model must call, whose input is the answer.
    Tool,
}

/// The first family that fits a model's name counts.
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

const fn family(pattern: &'static str, window: usize, sampling: Sampling, form: Form) -> Family {
    Family { pattern, window, sampling, form }
}

/// The family of a model; none if it is not known.
pub fn family_of(model: &str) -> Option<&'static Family> {
    // Ollama's models may leave out their tag.
    let tagged = format!("{model}:");
    FAMILIES.iter().find(|family| fits(&tagged, family.pattern))
}

fn fits(model: &str, pattern: &str) -> bool {
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
    fn a_family_is_found_with_a_vendor_before_it_and_a_version_behind_it() {
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
    fn no_row_hides_behind_an_earlier_one() {
        for family in FAMILIES {
            let model = family.pattern.replace('*', "x");
            assert_eq!(family_of(&model).unwrap().pattern, family.pattern);
        }
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
