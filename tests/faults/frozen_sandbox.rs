//! Built programs are frozen, as Lambda does between invocations, and their connections are closed meanwhile.

use serde_json::Value;
use tests::functions::recorded_event;
use tests::postgres_server::{PostgresServer, Stop};
use tests::proxy::{Mode, Proxy};
use tests::sandbox::Sandbox;
use tests::{Client, Environment, TestDatabase, TestVault, Upload, promises};

use crate::{assert_within, close_connections};

/// The document id in the recorded events.
const DOCUMENT: &str = "019cad10-3c00-7000-8000-000000000002";

/// Returns a recorded event, changed to be from this caller and about this document.
fn event_for(vault: &TestVault, caller: &Client, name: &str, upload: &Upload) -> Value {
    let text = recorded_event(name)
        .replace("<access token>", &vault.issue_token(caller.user()))
        .replace(DOCUMENT, &upload.document_id.to_string());
    serde_json::from_str(&text).unwrap()
}

async fn send_signal(process: u32, name: &str) {
    let arguments = [format!("-{name}"), process.to_string()];
    assert!(tokio::process::Command::new("kill").args(arguments).status().await.unwrap().success());
}

/// Freezes the program, awaits `meanwhile`, and continues the program with an event waiting for it.
async fn invoke_after_freeze(
    sandbox: &mut Sandbox,
    meanwhile: impl Future<Output = ()>,
    event: &Value,
) -> (u64, Value) {
    let process = sandbox.id();
    send_signal(process, "STOP").await;
    meanwhile.await;
    let (answer, ()) =
        assert_within(20, async { tokio::join!(sandbox.invoke_http(event), send_signal(process, "CONT")) })
            .await;
    answer
}

#[tokio::test]
async fn a_database_connection_closed_during_a_freeze_causes_no_error() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (function, status) in [("upload-url", 201), ("confirm", 200), ("quota", 200), ("delete", 204)] {
        let mut sandbox = Sandbox::start(function, &vault.variables()).await;
        for _ in 0..5 {
            let (first, second) =
                (alice.store_pending("a.txt", b"hello").await, alice.store_pending("b.txt", b"hi").await);
            let (code, body) = sandbox.invoke_http(&event_for(&vault, &alice, function, &first)).await;
            assert_eq!(code, status, "{function}: {body}");
            let event = event_for(&vault, &alice, function, &second);
            let (code, body) = invoke_after_freeze(&mut sandbox, close_connections(&vault), &event).await;
            assert_eq!(code, status, "{function} after the freeze: {body}");
        }
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_database_restart_during_a_freeze_causes_no_error() {
    let mut postgres_server = PostgresServer::start().await;
    let mut vault = TestVault::new().await;
    vault.database = TestDatabase::migrated_on(&postgres_server.url()).await;
    let alice = vault.create_user().await;
    let mut sandbox = Sandbox::start("delete", &vault.variables()).await;
    for how in [Stop::Fast, Stop::Immediate] {
        let (first, second) =
            (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"hi").await);
        assert_eq!(sandbox.invoke_http(&event_for(&vault, &alice, "delete", &first)).await.0, 204);
        let restart = async {
            postgres_server.stop(how);
            postgres_server.start_again().await;
        };
        let (code, body) =
            invoke_after_freeze(&mut sandbox, restart, &event_for(&vault, &alice, "delete", &second)).await;
        assert_eq!(code, 204, "{body}");
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn store_connections_closed_during_a_freeze_cause_no_error() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let proxy = Proxy::start(&Environment::read().s3_endpoint).await;
    let mut variables = vault.variables();
    variables.insert("S3_ENDPOINT", proxy.endpoint());
    for (function, status) in [("confirm", 200), ("delete", 204)] {
        let mut sandbox = Sandbox::start(function, &variables).await;
        for _ in 0..3 {
            let (first, second) =
                (alice.store_pending("a.txt", b"hello").await, alice.store_pending("b.txt", b"hi").await);
            let (code, body) = sandbox.invoke_http(&event_for(&vault, &alice, function, &first)).await;
            assert_eq!(code, status, "{function}: {body}");
            let close = async {
                proxy.set_mode(Mode::Down);
                tokio::task::yield_now().await;
                proxy.set_mode(Mode::Pass);
            };
            let (code, body) =
                invoke_after_freeze(&mut sandbox, close, &event_for(&vault, &alice, function, &second)).await;
            assert_eq!(code, status, "{function} after the freeze: {body}");
        }
    }
    assert_eq!(vault.count_tombstones().await, 6);
    promises::check(&vault).await.unwrap();
}
