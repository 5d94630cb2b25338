use serde_json::json;
use tests::TestVault;

const URL: &str = "/api/auth/me/quota";

#[tokio::test]
async fn a_new_user_has_a_quota_of_100_mebibytes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    assert_eq!(alice.get(URL).await.expect(200), json!({"used_bytes": 0, "limit_bytes": 104_857_600}));
}

#[tokio::test]
async fn used_bytes_counts_only_own_confirmed_documents() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    alice.store_confirmed("a.txt", b"hello").await;
    alice.store_pending("pending.txt", b"pending").await;
    bob.store_confirmed("b.txt", b"you").await;
    vault.set_limit(alice.id(), 4).await;
    assert_eq!(alice.get(URL).await.expect(200), json!({"used_bytes": 5, "limit_bytes": 4}));
    assert_eq!(bob.get(URL).await.expect(200), json!({"used_bytes": 3, "limit_bytes": 104_857_600}));
}

#[tokio::test]
async fn without_a_quota_row_the_quota_is_not_found() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.tamper("delete from quotas").await;
    assert_eq!(alice.get(URL).await.expect(404), json!({"detail": "not found", "code": "not_found"}));
}
