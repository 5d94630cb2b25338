//! The last active administrator stays, whatever runs at once, and administrators cannot lock themselves out.

use docuvault::Error;
use docuvault::auth::User;
use docuvault::db::factor::ProofParams;
use docuvault::db::{Database, removal};
use docuvault::password::DUMMY_HASH;
use docuvault::visit::Visit;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::admin::{entries, user_path};
use crate::assert_problem;

/// The number of times that each race is run.
const ROUNDS: usize = 20;

/// Removes an account without a second factor by its owner, who knows the password with this hash.
async fn remove(db: &Database, user: User, password_hash: &str) -> docuvault::Result<()> {
    removal::begin_own(db, user, password_hash, &ProofParams::default(), &Visit::default()).await
}

async fn count_active_administrators(vault: &TestVault) -> i64 {
    let statement = "select count(*) from users where role = 'admin' and active";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn administrators_cannot_demote_deactivate_or_remove_themselves() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    for others in 0..2 {
        let rows = vault.rows().await;
        let own = user_path(admin.id(), "");
        for change in [
            json!({"role": "user"}),
            json!({"active": false}),
            json!({"role": "admin"}),
            json!({"role": "user", "active": false, "ai_provider": null, "ai_model": null}),
        ] {
            assert_problem(admin.patch(&own, change).await, 409, "own_account");
        }
        assert_problem(admin.delete(&own).await, 409, "own_account");
        for reset in ["/reset-password", "/reset-factors"] {
            assert_problem(admin.send("POST", &user_path(admin.id(), reset), None).await, 409, "own_account");
        }
        assert_eq!(vault.rows().await, rows, "{others}");
        vault.create_admin().await;
    }
    let model = json!({"ai_provider": "builtin", "ai_model": "builtin"});
    admin.patch(&user_path(admin.id(), ""), model).await.expect(200);
    admin.get("/api/auth/me").await.expect(200);
}

/// Sends the request with this number.
async fn strike(client: Client, target: String, kind: usize) -> u16 {
    match kind % 3 {
        0 => client.patch(&target, json!({"role": "user"})).await.status,
        1 => client.patch(&target, json!({"active": false})).await.status,
        _ => client.delete(&target).await.status,
    }
}

#[tokio::test]
async fn of_two_administrators_who_strike_each_other_at_once_one_stays() {
    let vault = TestVault::new().await;
    for round in 0..ROUNDS {
        let (one, two) = (vault.create_admin().await, vault.create_admin().await);
        let paths = [user_path(two.id(), ""), user_path(one.id(), "")];
        let [first, second] = [&one, &two].map(|client| vault.in_own_sandbox(client));
        let [to_two, to_one] = paths;
        let answers = tokio::join!(
            tokio::spawn(strike(first, to_two, round)),
            tokio::spawn(strike(second, to_one, round + round / 3))
        );
        let statuses = [answers.0.unwrap(), answers.1.unwrap()];
        assert_eq!(statuses.iter().filter(|status| **status < 300).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 204, 401, 403].contains(status)), "{statuses:?}");
        assert_eq!(count_active_administrators(&vault).await, 1);
        vault.tamper("delete from users").await;
    }
}

#[tokio::test]
async fn an_administrator_who_is_demoted_while_the_own_request_waits_is_refused() {
    let vault = TestVault::new().await;
    let (one, two) = (vault.create_admin().await, vault.create_admin().await);
    let connection = vault.database.connect_as("docuvault_app").await;
    let demote = format!("begin; update users set role = 'user' where id = '{}'", two.id());
    connection.batch_execute(&demote).await.unwrap();
    let (waiting, target) = (vault.in_own_sandbox(&two), user_path(one.id(), ""));
    let answer = tokio::spawn(async move { waiting.patch(&target, json!({"active": false})).await });
    vault.wait_until_blocked("administration::change").await;
    connection.batch_execute("commit").await.unwrap();
    assert_problem(answer.await.unwrap(), 403, "wrong_role");
    assert_eq!(count_active_administrators(&vault).await, 1);
    assert!(entries(&vault, one.id(), "account.changed").await.is_empty());
}

#[tokio::test]
async fn the_last_administrator_cannot_remove_the_own_account() {
    let vault = TestVault::new().await;
    let (one, two) = (vault.create_admin().await, vault.create_admin().await);
    let db = vault.services().db;
    let wrong = remove(&db, one.user(), "x").await;
    assert!(matches!(wrong, Err(Error::InvalidCredentials)));
    let by_owner = async |client: &Client| remove(&db, client.user(), DUMMY_HASH).await;
    by_owner(&one).await.unwrap();
    assert!(matches!(by_owner(&one).await, Err(Error::Unauthenticated)));
    let rows = vault.rows().await;
    assert!(matches!(by_owner(&two).await, Err(Error::LastAdministrator)));
    assert_eq!(vault.rows().await, rows);
    by_owner(&vault.create_user().await).await.unwrap();
    vault
        .tamper(&format!("update users set active = true, removed_at = null where id = '{}'", one.id()))
        .await;
    by_owner(&two).await.unwrap();
}

#[tokio::test]
async fn of_three_administrators_who_remove_themselves_at_once_one_stays() {
    let vault = TestVault::new().await;
    for _ in 0..ROUNDS {
        let mut removals = Vec::new();
        for _ in 0..3 {
            let (user, db) = (vault.create_admin().await.user(), vault.services().db.warm().await);
            removals.push((user, db));
        }
        let removals = removals
            .into_iter()
            .map(|(user, db)| tokio::spawn(async move { remove(&db, user, DUMMY_HASH).await }));
        let mut refused = 0;
        for removal in removals.collect::<Vec<_>>() {
            match removal.await.unwrap() {
                Ok(()) => {}
                Err(Error::LastAdministrator) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((refused, count_active_administrators(&vault).await), (1, 1));
        vault.tamper("delete from users").await;
    }
}

#[tokio::test]
async fn of_two_administrators_of_whom_one_leaves_and_one_demotes_the_other_one_stays() {
    let vault = TestVault::new().await;
    for _ in 0..ROUNDS {
        let (one, two) = (vault.create_admin().await, vault.create_admin().await);
        let (db, user) = (vault.services().db.warm().await, one.user());
        let leaves = tokio::spawn(async move { remove(&db, user, DUMMY_HASH).await });
        let demotes = tokio::spawn(strike(vault.in_own_sandbox(&one), user_path(two.id(), ""), 0));
        let (left, demoted) = (leaves.await.unwrap(), demotes.await.unwrap());
        assert!(left.is_ok() != (demoted == 200), "{left:?} {demoted}");
        assert_eq!(count_active_administrators(&vault).await, 1);
        vault.tamper("delete from users").await;
    }
}

#[tokio::test]
async fn the_operator_revives_an_account() {
    let vault = TestVault::new().await;
    let ada = vault.create_two_factor_member().await.member.client;
    let document = ada.store_confirmed("a.txt", b"hello").await.document_id;
    let email = ada.get("/api/auth/me").await.expect(200)["email"].as_str().unwrap().to_uppercase();
    vault
        .tamper(&format!(
            "update users set active = false;
             insert into password_resets (token_hash, user_id, expires_at)
             values ('x', '{}', now() + interval '1 hour')",
            ada.id()
        ))
        .await;
    let capabilities = vault.database.migrate_capabilities();
    let answer = migrate::handle(&capabilities, migrate::Command::CreateAdmin(email.clone())).await.unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let login = json!({"email": email, "password": answer["temporary_password"]});
    let session = vault.anonymous().post("/api/auth/login", login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    assert_problem(ada.get("/api/auth/me").await, 401, "unauthenticated");
    let rows = vault.rows().await;
    let user = &rows["users"][0];
    assert_eq!(
        (&user["id"], &user["role"], &user["active"]),
        (&json!(ada.id()), &json!("admin"), &json!(true))
    );
    assert_eq!((&user["totp_enabled"], &user["totp_secret"]), (&json!(false), &Value::Null));
    assert_eq!((&rows["password_resets"], &rows["backup_codes"]), (&Value::Null, &Value::Null));
    assert_eq!(rows["documents"][0]["id"], json!(document), "the documents stay, and nobody can read them");
    // The other session has ended when TOTP was enabled.
    for (action, count) in [("account.revived", 1), ("account.created", 0), ("session.ended", 2)] {
        assert_eq!(entries(&vault, ada.id(), action).await.len(), count, "{action}");
    }
}
