//! Runs the script in the README, and compares its output with the one that the README shows.

use std::process::Command;

use crate::stack::Stack;

const README: &str = include_str!("../../README.md");

pub fn run_readme(stack: &Stack) -> Result<(), String> {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", find_code_block("sh")?])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("API", &stack.settings()["API_URL"])
        .output()
        .map_err(|error| error.to_string())?;
    let (output_text, error_text) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() || output_text != find_code_block("text")? {
        return Err(format!("{}\noutput:\n{output_text}\nerrors:\n{error_text}", output.status));
    }
    Ok(())
}

/// Returns the first code block of this language in the README.
fn find_code_block(language: &str) -> Result<&'static str, String> {
    let fence = format!("\n```{language}\n");
    let block = README.split_once(fence.as_str()).and_then(|(_, rest)| rest.split_once("```"));
    block.map(|(block, _)| block).ok_or_else(|| format!("README.md has no block of {language}"))
}
