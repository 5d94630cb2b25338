//! What a program uses from its start to its end, as the kernel reports it.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use extract::{ARGUMENT, ENVIRONMENT};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::Bench;

/// The weight of a program that has ended.
pub struct Weight {
    /// Peak resident memory, in MiB.
    pub peak_mib: f64,
    /// CPU time (user and system), in milliseconds.
    pub cpu_ms: f64,
    /// Whether the program succeeded.
    pub succeeded: bool,
}

/// The command that weighs a program. The program and its arguments must be added.
pub fn scale(bench: &Bench) -> Command {
    let mut command = Command::new(&bench.python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("weigh.py"));
    command
}

/// Weighs the child that reads this document.
pub async fn weigh_child(bench: &Bench, document: &[u8]) -> Result<Weight> {
    let mut command = scale(bench);
    command.arg(bench.programs.join("classify")).arg(ARGUMENT).env_clear().envs(ENVIRONMENT);
    weigh(command, document).await
}

/// Runs the command of [`scale`] with this input.
pub async fn weigh(mut command: Command, input: &[u8]) -> Result<Weight> {
    let mut running = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = running.stdin.take().context("the program has no input")?;
    let feeding = async move {
        // A child that knows enough closes its input early.
        let _seen_enough = stdin.write_all(input).await;
    };
    let ((), output) = tokio::join!(feeding, running.wait_with_output());
    let output = output?;
    let numbers: Option<(f64, f64)> = str::from_utf8(&output.stdout)?
        .trim()
        .split_once(' ')
        .and_then(|(kib, cpu)| kib.parse().ok().zip(cpu.parse().ok()));
    let (kib, cpu_ms) = numbers.context("bench/weigh.py did not print two numbers")?;
    Ok(Weight { peak_mib: kib / 1024.0, cpu_ms, succeeded: output.status.success() })
}
