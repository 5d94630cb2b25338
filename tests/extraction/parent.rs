//! What a child that its document has taken over would find of its parent.

use tests::TestVault;
use tests::runtime::{Sandbox, recorded, unprivileged};

/// What another process of the same account reads, if it may.
async fn environment(of: &Sandbox) -> Option<String> {
    let output = unprivileged("cat").arg(format!("/proc/{}/environ", of.id())).output().await.unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_environment_of_the_function_is_closed_to_other_processes() {
    let vault = TestVault::new().await;
    let variables = vault.variables();
    let secret = variables.get("JWT_SECRET").unwrap();
    // The first shows what would be found.
    for (function, open) in [("quota", true), ("classify", false)] {
        let mut sandbox = Sandbox::start_unprivileged(function, &variables).await;
        // One that answers has set itself up.
        let _any = sandbox.invoke(&recorded(function)).await;
        let found = environment(&sandbox).await;
        assert_eq!(found.is_some_and(|found| found.contains(secret)), open, "{function}");
    }
}
