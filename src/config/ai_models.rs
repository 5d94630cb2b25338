//! The models that administrators may assign to accounts.

use std::sync::Arc;

use super::{ConfigError, Result, read_optional};

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiModel {
    /// The provider's name, such as `openai`.
    pub provider: String,
    /// The model's name, as the provider knows it.
    pub model: String,
}

/// `AI_MODELS`: the models that administrators may assign, as pairs `<provider>/<model>` with commas between,
/// such as `builtin/builtin,openai/gpt-5-mini`. Default: `builtin/builtin`. Each must be configured in
/// `classify`: only the operator knows which models its keys and addresses can use.
#[derive(Clone)]
pub struct AiModels(Arc<[AiModel]>);

impl AiModels {
    /// The default of `AI_MODELS`.
    pub const DEFAULT: &str = "builtin/builtin";

    /// Reads the variable named in the comment of the type.
    pub fn from_env() -> Result<Self> {
        let variable = "AI_MODELS";
        let text = read_optional(variable)?;
        Self::parse(text.as_deref().unwrap_or(Self::DEFAULT)).ok_or_else(|| ConfigError {
            variable,
            problem:
                "is not a list of models: set it to pairs <provider>/<model> with commas between, such as \
                      builtin/builtin,openai/gpt-5-mini"
                    .into(),
        })
    }

    /// Parses a list of pairs. `None` if it is malformed. The name of a model may contain slashes.
    pub fn parse(text: &str) -> Option<Self> {
        let parse = |pair: &str| {
            let (provider, model) = pair.trim().split_once('/')?;
            let is_complete = !provider.is_empty() && !model.is_empty();
            is_complete.then(|| AiModel { provider: provider.into(), model: model.into() })
        };
        text.split(',').map(parse).collect::<Option<_>>().map(Self)
    }

    /// Returns the models in the order of the variable.
    pub fn all(&self) -> &[AiModel] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::AiModels;

    #[test]
    fn pairs_are_read_in_their_order() {
        let models = AiModels::parse("builtin/builtin, ollama/hf.co/org/model:Q4").unwrap();
        let read: Vec<_> = models.all().iter().map(|one| (&*one.provider, &*one.model)).collect();
        assert_eq!(read, [("builtin", "builtin"), ("ollama", "hf.co/org/model:Q4")]);
    }

    #[test]
    fn an_incomplete_pair_is_refused() {
        for wrong in ["", "builtin", "/model", "ollama/", "builtin/builtin,", "a/b,,c/d"] {
            assert!(AiModels::parse(wrong).is_none(), "{wrong}");
        }
    }
}
