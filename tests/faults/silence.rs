//! Connections on which nothing ever comes back, and nobody says so.

use std::time::Duration;

use tests::proxy::Mode;
use tests::{Client, TestVault, promises};

use crate::gateway::Gateway;
use crate::{a_text, served, within};

/// What the roles allow a statement, and a little.
const PATIENCE: u64 = 14;

async fn behind_a_gateway() -> (Gateway, TestVault, Client) {
    let vault = TestVault::new().await;
    let gateway = Gateway::to(vault.database.address()).await;
    let parts = vault.parts_by(gateway.address(), vault.bucket.config(), vault.queue.clone());
    let alice = served(&vault, &vault.user().await, &parts);
    (gateway, vault, alice)
}

#[tokio::test]
async fn after_half_a_minute_of_idleness_a_connection_is_asked_for_a_sign_of_life() {
    let (gateway, vault, alice) = behind_a_gateway().await;
    let upload = alice.keep("a.txt", b"hello").await;
    gateway.forget();
    // The idleness is what is tested.
    tokio::time::sleep(Duration::from_secs(31)).await;
    within(5, alice.remove(upload.document_id)).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_503_within_a_bound_and_is_not_used_again() {
    let (gateway, vault, alice) = behind_a_gateway().await;
    let upload = alice.keep("a.txt", b"hello").await;
    gateway.forget();
    let answer = within(PATIENCE, alice.remove(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    within(5, alice.remove(upload.document_id)).await.expect(204);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_database_that_answers_too_slowly_is_503_within_a_bound_and_works_later() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.postgres_by_proxy().await;
    let alice = served(&vault, &vault.user().await, &parts);
    let upload = alice.store("a.txt", b"hello").await;
    proxy.set(Mode::Slow(Duration::from_secs(60)));
    let answer = within(PATIENCE, alice.confirm(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    // Now there is no connection, and none to be had in time.
    let answer = within(PATIENCE, alice.confirm(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    proxy.set(Mode::Pass);
    within(5, alice.confirm(upload.document_id)).await.expect(200);
    alice.begin(a_text()).await;
    promises::hold(&vault).await.unwrap();
}
