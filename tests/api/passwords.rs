//! A password is the same however its accents are encoded, and one that was hashed as it was typed still opens its account.

use serde_json::{Value, json};
use tests::TestVault;

const LOGIN: &str = "/api/auth/login";
const DECOMPOSED: &str = "Cafe\u{301}-Horse-7";
const COMPOSED: &str = "Café-Horse-7";

/// Argon2id of [`DECOMPOSED`], as it was hashed before passwords were composed.
const TYPED: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$lKxtNQ69gfYmaVwZT054Ag$OM87ZM8CCK1BUpKGVdsLD127ia8f8A3mQAtVUzybOaE";

fn ann(password: &str) -> Value {
    json!({"email": "ann@example.com", "password": password})
}

#[tokio::test]
async fn a_password_is_the_same_on_every_keyboard() {
    let vault = TestVault::new().await;
    let nobody = vault.nobody();
    nobody.post("/api/auth/register", ann(DECOMPOSED)).await.expect(201);
    for password in [COMPOSED, DECOMPOSED] {
        nobody.post(LOGIN, ann(password)).await.expect(200);
    }
    nobody.post(LOGIN, ann("Cafe-Horse-7")).await.expect(401);
}

#[tokio::test]
async fn what_was_hashed_as_it_was_typed_opens_its_account_and_is_hashed_again() {
    let vault = TestVault::new().await;
    let nobody = vault.nobody();
    nobody.post("/api/auth/register", ann(COMPOSED)).await.expect(201);
    vault.tamper(&format!("update users set password_hash = '{TYPED}'")).await;
    nobody.post(LOGIN, ann(COMPOSED)).await.expect(401);
    vault.tamper("update users set active = false").await;
    nobody.post(LOGIN, ann(DECOMPOSED)).await.expect(401);
    assert_eq!(vault.rows().await["users"][0]["password_hash"], TYPED, "nobody has signed in");
    vault.tamper("update users set active = true").await;
    nobody.post(LOGIN, ann(DECOMPOSED)).await.expect(200);
    let hash = vault.rows().await["users"][0]["password_hash"].take();
    assert_ne!(hash, TYPED);
    for password in [COMPOSED, DECOMPOSED] {
        nobody.post(LOGIN, ann(password)).await.expect(200);
    }
    assert_eq!(vault.rows().await["users"][0]["password_hash"], hash, "once is enough");
}
