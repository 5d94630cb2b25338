//! Control tokens of chat templates, such as the end of a turn. Servers of models recognize them in any text
//! that they are sent.

/// Breaks up what a model's chat template could take for a control token.
pub fn neutralize(text: &str) -> String {
    text.replace('<', "< ").replace("[INST]", "[ INST]").replace("[/INST]", "[ /INST]")
}
