//! What a child that its document has taken over would find of its parent.

use tests::runtime::{Sandbox, recorded};
use tests::{Environment, TestVault};
use tokio::process::Command;

/// What another process of the same account reads, if it may. The superuser's privilege to look into every process is none that
/// Lambda's account has.
async fn environment(of: &Sandbox) -> Option<String> {
    let file = format!("/proc/{}/environ", of.id());
    let mut command = if Environment::read().postgres_user.is_empty() {
        Command::new("cat")
    } else {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-sys_ptrace", "--", "cat"]);
        command
    };
    let output = command.arg(file).output().await.unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_environment_of_the_function_is_closed_to_other_processes() {
    let vault = TestVault::new().await;
    let variables = vault.variables();
    let secret = variables.get("AWS_SECRET_ACCESS_KEY").unwrap();
    // The first shows what would be found.
    for (function, open) in [("quota", true), ("classify", false)] {
        let mut sandbox = Sandbox::start(function, &variables).await;
        // One that answers has set itself up.
        let _any = sandbox.invoke(&recorded(function)).await;
        let found = environment(&sandbox).await;
        assert_eq!(found.is_some_and(|found| found.contains(secret)), open, "{function}");
    }
}
