//! Built programs that are stopped, as Lambda does between invocations, and find the world changed when they go on.

use serde_json::Value;
use tests::cluster::{Cluster, Stop};
use tests::proxy::{Mode, Proxy};
use tests::runtime::{Sandbox, recorded};
use tests::{Client, Environment, TestDatabase, TestVault, Upload, promises};

use crate::{cut_connections, within};

/// The ids that stand in the recorded events.
const DOCUMENT: &str = "019cad10-3c00-7000-8000-000000000002";

/// A recorded event of this caller, about this document.
fn event(vault: &TestVault, caller: &Client, name: &str, upload: &Upload) -> Value {
    let text = recorded(name)
        .replace("<access token>", &vault.token(caller.id()))
        .replace(DOCUMENT, &upload.document_id.to_string());
    serde_json::from_str(&text).unwrap()
}

async fn signal(process: u32, name: &str) {
    let arguments = [format!("-{name}"), process.to_string()];
    assert!(tokio::process::Command::new("kill").args(arguments).status().await.unwrap().success());
}

/// Freezes, lets something happen, and has the event waiting when the program goes on.
async fn thaw(sandbox: &mut Sandbox, meanwhile: impl Future<Output = ()>, event: &Value) -> (u64, Value) {
    let process = sandbox.id();
    signal(process, "STOP").await;
    meanwhile.await;
    let (answer, ()) = within(20, async { tokio::join!(sandbox.http(event), signal(process, "CONT")) }).await;
    answer
}

#[tokio::test]
async fn a_connection_that_was_cut_during_a_freeze_is_never_noticed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (function, status) in [("upload-url", 201), ("confirm", 200), ("quota", 200), ("delete", 204)] {
        let mut sandbox = Sandbox::start(function, &vault.variables()).await;
        for _ in 0..5 {
            let (first, second) = (alice.store("a.txt", b"hello").await, alice.store("b.txt", b"hi").await);
            let (code, body) = sandbox.http(&event(&vault, &alice, function, &first)).await;
            assert_eq!(code, status, "{function}: {body}");
            let event = event(&vault, &alice, function, &second);
            let (code, body) = thaw(&mut sandbox, cut_connections(&vault), &event).await;
            assert_eq!(code, status, "{function} after the freeze: {body}");
        }
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_restarted_during_a_freeze_is_never_noticed() {
    let mut cluster = Cluster::start().await;
    let mut vault = TestVault::new().await;
    vault.database = TestDatabase::migrated_on(&cluster.url()).await;
    let alice = vault.user().await;
    let mut sandbox = Sandbox::start("delete", &vault.variables()).await;
    for how in [Stop::Fast, Stop::Immediate] {
        let (first, second) = (alice.keep("a.txt", b"hello").await, alice.keep("b.txt", b"hi").await);
        assert_eq!(sandbox.http(&event(&vault, &alice, "delete", &first)).await.0, 204);
        let restart = async {
            cluster.stop(how);
            cluster.resume().await;
        };
        let (code, body) = thaw(&mut sandbox, restart, &event(&vault, &alice, "delete", &second)).await;
        assert_eq!(code, 204, "{body}");
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_store_that_closed_its_connections_during_a_freeze_is_never_noticed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let proxy = Proxy::before(&Environment::read().s3_endpoint).await;
    let mut variables = vault.variables();
    variables.insert("S3_ENDPOINT", proxy.endpoint());
    for (function, status) in [("confirm", 200), ("delete", 204)] {
        let mut sandbox = Sandbox::start(function, &variables).await;
        for _ in 0..3 {
            let (first, second) = (alice.store("a.txt", b"hello").await, alice.store("b.txt", b"hi").await);
            let (code, body) = sandbox.http(&event(&vault, &alice, function, &first)).await;
            assert_eq!(code, status, "{function}: {body}");
            let close = async {
                proxy.set(Mode::Down);
                tokio::task::yield_now().await;
                proxy.set(Mode::Pass);
            };
            let (code, body) = thaw(&mut sandbox, close, &event(&vault, &alice, function, &second)).await;
            assert_eq!(code, status, "{function} after the freeze: {body}");
        }
    }
    assert_eq!(vault.tombstones().await, 6);
    promises::hold(&vault).await.unwrap();
}
