//! A hostile document that takes control of its child process cannot read the environment of the parent.

use tests::TestVault;
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, unprivileged};

/// Reads the environment of a function's process from another process of the same system user. Returns `None`
/// if that is forbidden.
async fn read_environment(of: &Sandbox) -> Option<String> {
    let output = unprivileged("cat").arg(format!("/proc/{}/environ", of.id())).output().await.unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn other_processes_cannot_read_the_environment_of_classify() {
    let vault = TestVault::new().await;
    let variables = vault.variables();
    let secret = variables.get("JWT_SECRET").unwrap();
    // The first function shows that the test would find the secret.
    for (function, open) in [("quota", true), ("classify", false)] {
        let mut sandbox = Sandbox::start_unprivileged(function, &variables).await;
        // A function that answers has completed its init.
        let _any = sandbox.invoke(&recorded_event(function)).await;
        let found = read_environment(&sandbox).await;
        assert_eq!(found.is_some_and(|found| found.contains(secret)), open, "{function}");
    }
}
