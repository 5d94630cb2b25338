//! Control tokens of chat templates, such as the one that ends a turn. A model server recognizes them in any
//! text that it receives, also within a document.

/// Inserts spaces into everything that a chat template could take for a control token.
pub fn neutralize(text: &str) -> String {
    text.replace('<', "< ").replace("[INST]", "[ INST]").replace("[/INST]", "[ /INST]")
}
