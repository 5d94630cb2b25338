use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::{Mode, Proxy};

const URL: &str = "/api/health";

fn health(database: &str, store: &str, queue: &str) -> Value {
    let well = [database, store, queue] == ["ok"; 3];
    let status = if well { "ok" } else { "unreachable" };
    json!({"status": status, "database": database, "store": store, "queue": queue})
}

#[tokio::test]
async fn all_is_well_without_a_token() {
    let vault = TestVault::new().await;
    assert_eq!(vault.nobody().get(URL).await.expect(200), health("ok", "ok", "ok"));
}

#[tokio::test]
async fn each_dependency_that_is_down_is_named_and_comes_back() {
    let vault = TestVault::new().await;
    let postgres = Proxy::before(&vault.database.address()).await;
    let store = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let sqs = Proxy::before(vault.queue.endpoint.as_deref().unwrap()).await;
    let mut queue = vault.queue.clone();
    queue.endpoint = Some(sqs.endpoint());
    let parts = vault.parts_by(&postgres.address(), vault.bucket.config_by(&store.endpoint()), queue);
    let nobody = vault.nobody().served_by(vault.routes(&parts));
    assert_eq!(nobody.get(URL).await.expect(200), health("ok", "ok", "ok"));
    for (proxy, expected) in [
        (&postgres, health("unreachable", "ok", "ok")),
        (&store, health("ok", "unreachable", "ok")),
        (&sqs, health("ok", "ok", "unreachable")),
    ] {
        proxy.set(Mode::Down);
        assert_eq!(nobody.get(URL).await.expect(503), expected);
        proxy.set(Mode::Pass);
        assert_eq!(nobody.get(URL).await.expect(200), health("ok", "ok", "ok"));
    }
    for proxy in [&postgres, &store, &sqs] {
        proxy.set(Mode::Down);
    }
    assert_eq!(nobody.get(URL).await.expect(503), health("unreachable", "unreachable", "unreachable"));
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_a_store_that_is_unreachable() {
    let vault = TestVault::new().await;
    vault.bucket.client.delete_bucket().bucket(&vault.bucket.name).send().await.unwrap();
    assert_eq!(vault.nobody().get(URL).await.expect(503), health("ok", "unreachable", "ok"));
}

#[tokio::test]
async fn a_bucket_that_keeps_what_is_deleted_is_told_until_it_keeps_no_more() {
    let vault = TestVault::new().await;
    vault.bucket.set_versioning(true).await;
    let versioned = json!({"status": "versioned", "database": "ok", "store": "versioned", "queue": "ok"});
    assert_eq!(vault.nobody().get(URL).await.expect(503), versioned);
    vault.bucket.set_versioning(false).await;
    assert_eq!(vault.nobody().get(URL).await.expect(200), health("ok", "ok", "ok"));
}

#[tokio::test]
async fn a_store_that_knows_no_versions_is_well() {
    let vault = TestVault::new().await;
    let store = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    store.set(Mode::Status(501));
    let config = vault.bucket.config_by(&store.endpoint());
    let parts = vault.parts_by(&vault.database.address(), config, vault.queue.clone());
    assert_eq!(
        vault.nobody().served_by(vault.routes(&parts)).get(URL).await.expect(200),
        health("ok", "ok", "ok")
    );
}
