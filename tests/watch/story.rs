//! Runs the scripts in the README and in `docs/ADMIN.md`, and compares their output with the one that the
//! pages show.

use std::process::Command;

use crate::stack::Stack;

const README: &str = include_str!("../../README.md");
const ADMIN: &str = include_str!("../../docs/ADMIN.md");

pub fn run_readme(stack: &Stack) -> Result<(), String> {
    let mut script = bash(find_code_block(README, "sh")?);
    script.env("API", &stack.settings()["API_URL"]);
    compare(&mut script, find_code_block(README, "text")?)
}

/// Runs the first day of an administrator. Its script asks `./dev` for the settings of the stack.
pub fn run_first_day(stack: &Stack) -> Result<(), String> {
    stack.up();
    let mut script = bash(find_code_block(ADMIN, "sh")?);
    script.envs(stack.dev(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
    compare(&mut script, find_code_block(ADMIN, "text")?)
}

fn bash(script: &str) -> Command {
    let mut command = Command::new("bash");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(root);
    command
}

/// Runs a script, and compares its output.
fn compare(script: &mut Command, expected: &str) -> Result<(), String> {
    let output = script.output().map_err(|error| error.to_string())?;
    let (output_text, error_text) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() || output_text != expected {
        return Err(format!("{}\noutput:\n{output_text}\nerrors:\n{error_text}", output.status));
    }
    Ok(())
}

/// Returns the first code block of this language on a page.
fn find_code_block(page: &'static str, language: &str) -> Result<&'static str, String> {
    let fence = format!("\n```{language}\n");
    let block = page.split_once(fence.as_str()).and_then(|(_, rest)| rest.split_once("```"));
    block.map(|(block, _)| block).ok_or_else(|| format!("a page has no block of {language}"))
}
