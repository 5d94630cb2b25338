use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Client, TestVault};
use tokio::task::JoinSet;

const URL: &str = "/api/health";

fn said(database: &str, store: &str, queue: &str) -> Value {
    let well = [database, store, queue] == ["ok"; 3];
    let status = if well { "ok" } else { "unreachable" };
    json!({"status": status, "database": database, "store": store, "queue": queue})
}

#[tokio::test]
async fn all_is_well_without_a_token() {
    let vault = TestVault::new().await;
    assert_eq!(vault.nobody().get(URL).await.expect(200), said("ok", "ok", "ok"));
}

/// A vault whose three neighbours can each be made to fail.
struct Neighbours {
    vault: TestVault,
    postgres: Proxy,
    store: Proxy,
    queue: Proxy,
}

impl Neighbours {
    async fn new() -> Self {
        let vault = TestVault::new().await;
        let postgres = Proxy::before(&vault.database.address()).await;
        let store = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
        let queue = Proxy::before(vault.queue.endpoint.as_deref().unwrap()).await;
        Self { vault, postgres, store, queue }
    }

    /// Somebody who asks a sandbox that has never been asked.
    fn nobody(&self) -> Client {
        let mut queue = self.vault.queue.clone();
        queue.endpoint = Some(self.queue.endpoint());
        let storage = self.vault.bucket.config_by(&self.store.endpoint());
        let parts = self.vault.parts_by(&self.postgres.address(), storage, queue);
        self.vault.nobody().served_by(self.vault.routes(&parts))
    }

    fn answered(&self) -> [usize; 3] {
        [&self.postgres, &self.store, &self.queue].map(Proxy::answered)
    }
}

#[tokio::test]
async fn each_dependency_that_is_down_is_named_and_comes_back() {
    let with = Neighbours::new().await;
    assert_eq!(with.nobody().get(URL).await.expect(200), said("ok", "ok", "ok"));
    for (proxy, expected) in [
        (&with.postgres, said("unreachable", "ok", "ok")),
        (&with.store, said("ok", "unreachable", "ok")),
        (&with.queue, said("ok", "ok", "unreachable")),
    ] {
        proxy.set(Mode::Down);
        assert_eq!(with.nobody().get(URL).await.expect(503), expected);
        proxy.set(Mode::Pass);
        assert_eq!(with.nobody().get(URL).await.expect(200), said("ok", "ok", "ok"));
    }
    for proxy in [&with.postgres, &with.store, &with.queue] {
        proxy.set(Mode::Down);
    }
    assert_eq!(with.nobody().get(URL).await.expect(503), said("unreachable", "unreachable", "unreachable"));
}

#[tokio::test]
async fn an_answer_is_repeated_for_a_while_and_then_asked_for_anew() {
    let with = Neighbours::new().await;
    let nobody = with.nobody();
    assert_eq!(nobody.get(URL).await.expect(200), said("ok", "ok", "ok"));
    let asked = Instant::now();
    with.queue.set(Mode::Down);
    let before = with.answered();
    let again = nobody.get(URL).await;
    assert!(asked.elapsed() < health::FRESH, "too slow to tell");
    assert_eq!(again.expect(200), said("ok", "ok", "ok"));
    assert_eq!(with.answered(), before, "nobody was asked");
    tokio::time::sleep_until((asked + health::FRESH).into()).await;
    assert_eq!(nobody.get(URL).await.expect(503), said("ok", "ok", "unreachable"));
}

#[tokio::test]
async fn many_who_ask_at_once_make_one_probe() {
    let with = Neighbours::new().await;
    with.store.set(Mode::Slow(Duration::from_millis(500)));
    with.nobody().get(URL).await.expect(200);
    let alone = with.answered();
    let nobody = with.nobody();
    let asking: JoinSet<_> =
        (0..16).map(|_| nobody.clone()).map(async |nobody| nobody.get(URL).await.status).collect();
    assert_eq!(asking.join_all().await, [200; 16]);
    let (together, connections) = (with.answered(), with.store.connections());
    assert_eq!(connections, 2, "one for each sandbox");
    for (alone, together) in alone.iter().zip(together) {
        assert!(together < 3 * alone, "{together} bytes of answers after two probes, {alone} after one");
    }
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_a_store_that_is_unreachable() {
    let vault = TestVault::new().await;
    vault.bucket.client.delete_bucket().bucket(&vault.bucket.name).send().await.unwrap();
    assert_eq!(vault.nobody().get(URL).await.expect(503), said("ok", "unreachable", "ok"));
}

#[tokio::test]
async fn a_bucket_that_keeps_what_is_deleted_is_told_until_it_keeps_no_more() {
    let vault = TestVault::new().await;
    vault.bucket.set_versioning(true).await;
    let versioned = json!({"status": "versioned", "database": "ok", "store": "versioned", "queue": "ok"});
    assert_eq!(vault.nobody().get(URL).await.expect(503), versioned);
    vault.bucket.set_versioning(false).await;
    assert_eq!(vault.nobody().get(URL).await.expect(200), said("ok", "ok", "ok"));
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
        said("ok", "ok", "ok")
    );
}
