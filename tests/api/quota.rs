use serde_json::json;
use tests::TestVault;

const URL: &str = "/api/auth/me/quota";

#[tokio::test]
async fn a_new_user_has_a_hundred_megabytes() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    assert_eq!(alice.get(URL).await.expect(200), json!({"used_bytes": 0, "limit_bytes": 104_857_600}));
}

#[tokio::test]
async fn what_is_used_is_what_is_confirmed() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    alice.keep("a.txt", b"hello").await;
    alice.store("pending.txt", b"pending").await;
    bob.keep("b.txt", b"you").await;
    vault.limit(alice.id(), 4).await;
    assert_eq!(alice.get(URL).await.expect(200), json!({"used_bytes": 5, "limit_bytes": 4}));
    assert_eq!(bob.get(URL).await.expect(200), json!({"used_bytes": 3, "limit_bytes": 104_857_600}));
}

#[tokio::test]
async fn without_a_quota_row_there_is_nothing_to_tell() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.tamper("delete from quotas").await;
    assert_eq!(alice.get(URL).await.expect(404), json!({"detail": "not found", "code": "not_found"}));
}
