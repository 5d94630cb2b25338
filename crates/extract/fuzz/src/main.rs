//! Feeds documents that libFuzzer has changed to the readers of all formats. `./dev fuzz` builds and runs it.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod archives;
#[cfg(fuzzing)]
mod target;

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    eprintln!("This program is built without libFuzzer. Use ./dev fuzz.");
    std::process::ExitCode::FAILURE
}
