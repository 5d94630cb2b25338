//! Tests of the page in a browser. They are in `web/e2e`.

use crate::stack::Stack;

pub fn check_in_browser(stack: &Stack) -> Result<(), String> {
    stack.up();
    let output = stack.dev(&["browser"]).output().map_err(|error| error.to_string())?;
    let printed = [output.stdout, output.stderr].concat();
    output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&printed).into_owned())
}
