use std::time::{Duration, Instant};

use openapi::health;
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Client, TestVault};
use tokio::task::JoinSet;

const URL: &str = "/api/health";

fn health_report(database: &str, store: &str, queue: &str) -> Value {
    let well = [database, store, queue] == ["ok"; 3];
    let status = if well { "ok" } else { "unreachable" };
    json!({"status": status, "database": database, "store": store, "queue": queue})
}

#[tokio::test]
async fn health_needs_no_token() {
    let vault = TestVault::new().await;
    assert_eq!(vault.anonymous().get(URL).await.expect(200), health_report("ok", "ok", "ok"));
}

/// A vault whose three services can each be made to fail.
struct FailingServices {
    vault: TestVault,
    postgres: Proxy,
    store: Proxy,
    queue: Proxy,
}

impl FailingServices {
    async fn new() -> Self {
        let vault = TestVault::new().await;
        let postgres = Proxy::start(&vault.database.address()).await;
        let store = Proxy::start(vault.bucket.config().endpoint.as_deref().unwrap()).await;
        let queue = Proxy::start(vault.queue.endpoint.as_deref().unwrap()).await;
        Self { vault, postgres, store, queue }
    }

    /// Returns a caller of a new sandbox, which has no cached answer.
    fn anonymous(&self) -> Client {
        let mut queue = self.vault.queue.clone();
        queue.endpoint = Some(self.queue.endpoint());
        let storage = self.vault.bucket.config_at(&self.store.endpoint());
        let services = self.vault.services_at(&self.postgres.address(), storage, queue);
        self.vault.anonymous().served_by(self.vault.routes(&services))
    }

    fn answered_bytes(&self) -> [usize; 3] {
        [&self.postgres, &self.store, &self.queue].map(Proxy::answered_bytes)
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_named_and_recovers() {
    let failing = FailingServices::new().await;
    assert_eq!(failing.anonymous().get(URL).await.expect(200), health_report("ok", "ok", "ok"));
    for (proxy, expected) in [
        (&failing.postgres, health_report("unreachable", "ok", "ok")),
        (&failing.store, health_report("ok", "unreachable", "ok")),
        (&failing.queue, health_report("ok", "ok", "unreachable")),
    ] {
        proxy.set_mode(Mode::Down);
        assert_eq!(failing.anonymous().get(URL).await.expect(503), expected);
        proxy.set_mode(Mode::Pass);
        assert_eq!(failing.anonymous().get(URL).await.expect(200), health_report("ok", "ok", "ok"));
    }
    for proxy in [&failing.postgres, &failing.store, &failing.queue] {
        proxy.set_mode(Mode::Down);
    }
    assert_eq!(
        failing.anonymous().get(URL).await.expect(503),
        health_report("unreachable", "unreachable", "unreachable")
    );
}

#[tokio::test]
async fn an_answer_is_cached_for_a_while_and_then_probed_again() {
    let failing = FailingServices::new().await;
    let anonymous = failing.anonymous();
    assert_eq!(anonymous.get(URL).await.expect(200), health_report("ok", "ok", "ok"));
    let asked = Instant::now();
    failing.queue.set_mode(Mode::Down);
    let before = failing.answered_bytes();
    let again = anonymous.get(URL).await;
    assert!(asked.elapsed() < health::ANSWER_LIFETIME, "this machine is too slow for the test");
    assert_eq!(again.expect(200), health_report("ok", "ok", "ok"));
    assert_eq!(failing.answered_bytes(), before, "no service was probed");
    tokio::time::sleep_until((asked + health::ANSWER_LIFETIME).into()).await;
    assert_eq!(anonymous.get(URL).await.expect(503), health_report("ok", "ok", "unreachable"));
}

#[tokio::test]
async fn concurrent_requests_share_one_probe() {
    let failing = FailingServices::new().await;
    failing.store.set_mode(Mode::Slow(Duration::from_millis(500)));
    failing.anonymous().get(URL).await.expect(200);
    let alone = failing.answered_bytes();
    let anonymous = failing.anonymous();
    let asking: JoinSet<_> =
        (0..16).map(|_| anonymous.clone()).map(async |anonymous| anonymous.get(URL).await.status).collect();
    assert_eq!(asking.join_all().await, [200; 16]);
    let (together, connections) = (failing.answered_bytes(), failing.store.connections());
    assert_eq!(connections, 2, "one connection for each sandbox");
    for (alone, together) in alone.iter().zip(together) {
        assert!(together < 3 * alone, "{together} bytes of answers after two probes, {alone} after one");
    }
}

#[tokio::test]
async fn a_missing_bucket_is_reported_as_an_unreachable_store() {
    let vault = TestVault::new().await;
    vault.bucket.client.delete_bucket().bucket(&vault.bucket.name).send().await.unwrap();
    assert_eq!(vault.anonymous().get(URL).await.expect(503), health_report("ok", "unreachable", "ok"));
}

#[tokio::test]
async fn a_versioned_bucket_is_reported_until_versioning_is_suspended() {
    let vault = TestVault::new().await;
    vault.bucket.set_versioning(true).await;
    let versioned = json!({"status": "versioned", "database": "ok", "store": "versioned", "queue": "ok"});
    assert_eq!(vault.anonymous().get(URL).await.expect(503), versioned);
    vault.bucket.set_versioning(false).await;
    assert_eq!(vault.anonymous().get(URL).await.expect(200), health_report("ok", "ok", "ok"));
}

#[tokio::test]
async fn a_store_without_versioning_is_healthy() {
    let vault = TestVault::new().await;
    let store = Proxy::start(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    store.set_mode(Mode::Status(501));
    let config = vault.bucket.config_at(&store.endpoint());
    let services = vault.services_at(&vault.database.address(), config, vault.queue.clone());
    assert_eq!(
        vault.anonymous().served_by(vault.routes(&services)).get(URL).await.expect(200),
        health_report("ok", "ok", "ok")
    );
}
