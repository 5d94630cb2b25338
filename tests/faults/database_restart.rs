//! A Postgres that is really restarted while a function keeps its pool.

use tests::cluster::{Cluster, Stop};
use tests::{Client, Parts, TestDatabase, TestVault, Upload, promises};

use crate::{a_text, served, settle};

async fn on_its_own_server() -> (Cluster, TestVault, Client, Parts) {
    let cluster = Cluster::start().await;
    let mut vault = TestVault::new().await;
    vault.database = TestDatabase::migrated_on(&cluster.url()).await;
    let parts = vault.parts();
    let alice = served(&vault, &vault.user().await, &parts);
    (cluster, vault, alice, parts)
}

async fn every_route_is_503(alice: &Client, upload: &Upload) {
    let id = upload.document_id;
    for answer in [
        alice.post("/api/documents/upload-url", a_text()).await,
        alice.confirm(id).await,
        alice.remove(id).await,
        alice.get("/api/documents").await,
        alice.get(&format!("/api/documents/{id}")).await,
        alice.get(&format!("/api/documents/{id}/download")).await,
        alice.get("/api/auth/me").await,
        alice.get("/api/auth/me/quota").await,
    ] {
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
}

async fn survived(how: Stop) {
    let (mut cluster, vault, alice, parts) = on_its_own_server().await;
    let (kept, stored) = (alice.keep("a.txt", b"hello").await, alice.store("b.txt", b"goodbye").await);
    cluster.stop(how);
    every_route_is_503(&alice, &stored).await;
    let storage = parts.storage.of("cleanup");
    let swept = cleanup::sweep(&parts.db, &storage, &parts.queue, docuvault::deadline::Deadline::none());
    swept.await.unwrap_err();
    cluster.resume().await;
    alice.confirm(stored.document_id).await.expect(200);
    alice.remove(kept.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 7);
    promises::hold(&vault).await.unwrap();
    settle(&vault).await;
}

#[tokio::test]
async fn a_restart_is_survived_by_functions_that_keep_running() {
    survived(Stop::Fast).await;
}

#[tokio::test]
async fn a_crash_is_survived_by_functions_that_keep_running() {
    survived(Stop::Immediate).await;
}

#[tokio::test]
async fn a_restart_between_two_requests_is_never_noticed() {
    let (mut cluster, vault, alice, _) = on_its_own_server().await;
    for how in [Stop::Fast, Stop::Immediate] {
        let upload = alice.keep("a.txt", b"hello").await;
        cluster.stop(how);
        cluster.resume().await;
        alice.remove(upload.document_id).await.expect(204);
        cluster.stop(how);
        cluster.resume().await;
        alice.begin(a_text()).await;
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn who_first_asks_while_the_database_is_down_is_served_later() {
    let (mut cluster, vault, alice, _) = on_its_own_server().await;
    cluster.stop(Stop::Fast);
    let elsewhere = vault.elsewhere(&alice);
    elsewhere.get("/api/documents").await.expect(503);
    cluster.resume().await;
    elsewhere.get("/api/documents").await.expect(200);
}
