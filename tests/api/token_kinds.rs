//! A token passes for its own kind only. The tests are generated: they send a token of each kind to each
//! place that takes one.

mod account;

use std::collections::BTreeSet;

use account::{Account, Kind, Use};
use serde_json::Value;
use tests::TestVault;

const REFERENCE: &str = include_str!("../../infra/openapi.json");

/// Each use, its route, and the kind of token that it takes.
const USES: [(Use, &str, Kind); 11] = [
    (Use::Authorize, "GET /api/auth/me", Kind::Access),
    (Use::Refresh, "POST /api/auth/refresh", Kind::Refresh),
    (Use::LogOut, "POST /api/auth/logout", Kind::Refresh),
    (Use::KnowAtLogin, "POST /api/auth/login", Kind::Device),
    (Use::KnowAtSecondStep, "POST /api/auth/login/factor", Kind::Device),
    (Use::KnowAtSignIn, "POST /api/auth/passkeys", Kind::Device),
    (Use::CompleteLogin, "POST /api/auth/login/factor", Kind::LoginChallenge),
    (Use::ResetPassword, "POST /api/auth/password-reset/confirm", Kind::ResetLink),
    (Use::VerifyAddress, "POST /api/auth/verify", Kind::VerificationLink),
    (Use::SignIn, "POST /api/auth/passkeys", Kind::SignIn),
    (Use::RegisterPasskey, "POST /api/auth/me/passkeys", Kind::NewPasskey),
];

/// Returns all rows but those of the audit log, to which refusals add entries.
async fn rows(vault: &TestVault) -> Value {
    let mut rows = vault.rows().await;
    rows["audit_log"].take();
    rows
}

#[tokio::test]
async fn a_token_of_each_kind_passes_for_no_other_kind() {
    for (action, _, kind) in USES {
        let vault = TestVault::new().await;
        let mut account = Account::create(&vault).await;
        let others = account.tokens.clone();
        for (other, token) in others.iter().filter(|(other, _)| **other != kind) {
            vault.forget_attempts().await;
            let before = rows(&vault).await;
            assert!(!account.try_use(action, token).await, "{other:?} passes for {kind:?}: {action:?}");
            // A login succeeds with every device.
            assert!(
                kind == Kind::Device || rows(&vault).await == before,
                "{other:?} changes rows: {action:?}"
            );
        }
        vault.forget_attempts().await;
        assert!(account.try_use(action, &others[&kind]).await, "{kind:?} does not pass: {action:?}");
    }
}

/// The routes that take a token in their bodies are those whose example has a field for it.
#[test]
fn the_table_has_every_route_with_a_token_in_its_body() {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let mut routes = BTreeSet::new();
    for (path, operations) in reference["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            if ["token", "challenge", "challenge_id"].iter().any(|field| !example[field].is_null()) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let in_bodies =
        [Kind::LoginChallenge, Kind::ResetLink, Kind::VerificationLink, Kind::SignIn, Kind::NewPasskey];
    let listed = USES.iter().filter(|(_, _, kind)| in_bodies.contains(kind));
    assert_eq!(listed.map(|(_, route, _)| (*route).to_owned()).collect::<BTreeSet<_>>(), routes);
}
