//! A password is the same in every Unicode encoding of its accents. Hashes of passwords that were not
//! normalized still work.

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Value, json};
use tests::TestVault;

const LOGIN: &str = "/api/auth/login";
const DECOMPOSED: &str = "Cafe\u{301}-Horse-7";
const COMPOSED: &str = "Café-Horse-7";

/// The Argon2id hash of [`DECOMPOSED`] without normalization, as older releases stored it.
const UNNORMALIZED_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$lKxtNQ69gfYmaVwZT054Ag$OM87ZM8CCK1BUpKGVdsLD127ia8f8A3mQAtVUzybOaE";

fn credentials(password: &str) -> Value {
    json!({"email": "ann@example.com", "password": password})
}

#[tokio::test]
async fn composed_and_decomposed_accents_are_the_same_password() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    anonymous.post("/api/auth/register", credentials(DECOMPOSED)).await.expect(201);
    for password in [COMPOSED, DECOMPOSED] {
        anonymous.post(LOGIN, credentials(password)).await.expect(200);
    }
    anonymous.post(LOGIN, credentials("Cafe-Horse-7")).await.expect(401);
}

#[tokio::test]
async fn a_login_with_an_unnormalized_hash_works_and_stores_a_new_hash() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    anonymous.post("/api/auth/register", credentials(COMPOSED)).await.expect(201);
    vault.tamper(&format!("update users set password_hash = '{UNNORMALIZED_HASH}'")).await;
    anonymous.post(LOGIN, credentials(COMPOSED)).await.expect(401);
    vault.tamper("update users set active = false").await;
    anonymous.post(LOGIN, credentials(DECOMPOSED)).await.expect(401);
    assert_eq!(
        vault.rows().await["users"][0]["password_hash"],
        UNNORMALIZED_HASH,
        "a refused login does not change the hash"
    );
    vault.tamper("update users set active = true").await;
    anonymous.post(LOGIN, credentials(DECOMPOSED)).await.expect(200);
    let hash = vault.rows().await["users"][0]["password_hash"].take();
    assert_ne!(hash, UNNORMALIZED_HASH);
    for password in [COMPOSED, DECOMPOSED] {
        anonymous.post(LOGIN, credentials(password)).await.expect(200);
    }
    assert_eq!(vault.rows().await["users"][0]["password_hash"], hash, "later logins do not change the hash");
}

/// Only one of them replaces the hash. The others find it replaced, and check the password again.
#[tokio::test]
async fn logins_at_once_with_an_unnormalized_hash_all_succeed() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    anonymous.post("/api/auth/register", credentials(COMPOSED)).await.expect(201);
    vault.tamper(&format!("update users set password_hash = '{UNNORMALIZED_HASH}'")).await;
    let logins = (0..4).map(|_| async {
        vault.in_own_sandbox(&anonymous).post(LOGIN, credentials(DECOMPOSED)).await.expect(200);
    });
    futures_util::future::join_all(logins).await;
    assert_eq!(vault.rows().await["sessions"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_login_replaces_a_hash_with_other_parameters() {
    let vault = TestVault::new().await;
    let anonymous = vault.anonymous();
    anonymous.post("/api/auth/register", credentials(COMPOSED)).await.expect(201);
    for (memory_kib, passes) in [(8_192, 2), (19_456, 1), (19_456, 3)] {
        let params = Params::new(memory_kib, passes, 1, None).unwrap();
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let old = hasher.hash_password(COMPOSED.as_bytes()).unwrap().to_string();
        vault.tamper(&format!("update users set password_hash = '{old}'")).await;
        anonymous.post(LOGIN, credentials("Cafe-Horse-7")).await.expect(401);
        assert_eq!(vault.rows().await["users"][0]["password_hash"], old);
        for _ in 0..2 {
            anonymous.post(LOGIN, credentials(COMPOSED)).await.expect(200);
            let new = vault.rows().await["users"][0]["password_hash"].take();
            assert!(new.as_str().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
        }
    }
}
