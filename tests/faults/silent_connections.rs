//! Connections that stay open, and on which no answer arrives.

use std::time::Duration;

use tests::proxy::Mode;
use tests::{Client, TestVault, promises};

use crate::nat_gateway::NatGateway;
use crate::{assert_within, in_sandbox_with, text_file_request};

/// The time limit of a request, in seconds: more than the role's timeout for a statement.
const MAX_SECONDS: u64 = 14;

async fn vault_behind_nat() -> (NatGateway, TestVault, Client) {
    let vault = TestVault::new().await;
    let gateway = NatGateway::start(vault.database.address()).await;
    let services = vault.services_at(gateway.address(), vault.bucket.config(), vault.queue.clone());
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    (gateway, vault, alice)
}

#[tokio::test]
async fn a_connection_that_was_idle_for_30_seconds_is_checked_before_use() {
    let (gateway, vault, alice) = vault_behind_nat().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    gateway.drop_connections();
    // The test needs the connection to be idle for more than 30 s.
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_within(5, alice.delete_document(upload.document_id)).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_request_on_a_silent_connection_is_503_in_time_and_the_connection_is_not_used_again() {
    let (gateway, vault, alice) = vault_behind_nat().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    gateway.drop_connections();
    let answer = assert_within(MAX_SECONDS, alice.delete_document(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    assert_within(5, alice.delete_document(upload.document_id)).await.expect(204);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_request_to_a_slow_database_is_503_in_time_and_works_later() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_postgres().await;
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    let upload = alice.store_pending("a.txt", b"hello").await;
    proxy.set_mode(Mode::Slow(Duration::from_secs(60)));
    let answer = assert_within(MAX_SECONDS, alice.confirm(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    // Now there is no open connection, and opening one takes too long.
    let answer = assert_within(MAX_SECONDS, alice.confirm(upload.document_id)).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    proxy.set_mode(Mode::Pass);
    assert_within(5, alice.confirm(upload.document_id)).await.expect(200);
    alice.begin_upload(text_file_request()).await;
    promises::check(&vault).await.unwrap();
}
