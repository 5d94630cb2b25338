//! Administration: what each route does, and who may use it.

use docuvault::id::{SessionId, UserId};
use docuvault::role::Role;
use serde_json::{Value, json};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

const USERS: &str = "/api/admin/users";
const LOGIN: &str = "/api/auth/login";

/// Returns the path of an account, with this end.
pub fn user_path(id: UserId, end: &str) -> String {
    format!("{USERS}/{id}{end}")
}

/// Returns the entries of the audit log about an account with this action, as superuser.
pub async fn entries(vault: &TestVault, target: UserId, action: &str) -> Vec<Value> {
    let statement = "select coalesce(jsonb_agg(to_jsonb(e) order by e.at), '[]') from audit_log e
        where e.target_id = $1 and e.action = $2";
    let row = vault.database.superuser().await.query_one(statement, &[&target, &action]).await.unwrap();
    row.get::<_, Value>(0).as_array().unwrap().clone()
}

/// Sends a request to every route of the function, about this account.
async fn request_every_route(client: &Client, id: UserId) -> Vec<Response> {
    let session = SessionId::new();
    let reset = |what: &str| user_path(id, what);
    vec![
        client.get(USERS).await,
        client.get("/api/admin/ai-models").await,
        client.get("/api/admin/audit-log").await,
        client.post(USERS, json!({"email": "new@example.com"})).await,
        client.get(&user_path(id, "")).await,
        client.patch(&user_path(id, ""), json!({"role": "admin"})).await,
        client.send("POST", &reset("/reset-password"), None).await,
        client.send("POST", &reset("/reset-factors"), None).await,
        client.get(&user_path(id, "/sessions")).await,
        client.delete(&user_path(id, "/sessions")).await,
        client.delete(&user_path(id, &format!("/sessions/{session}"))).await,
        client.get(&user_path(id, "/quota")).await,
        client.put(&user_path(id, "/quota"), json!({"limit_bytes": 1})).await,
        client.delete(&user_path(id, "")).await,
    ]
}

#[tokio::test]
async fn only_administrators_in_good_standing_may_use_the_routes() {
    let vault = TestVault::new().await;
    let (user, victim) = (vault.create_user().await, vault.create_user().await);
    let owing = vault.create_account(Role::Admin, true).await;
    let (inactive, demoted) = (vault.create_admin().await, vault.create_admin().await);
    let (ended, limited) = (vault.create_admin().await, vault.create_admin().await);
    vault
        .tamper(&format!(
            "update users set active = false where id = '{}'; update users set role = 'user' where id = '{}';
             update sessions set ended_at = now() where user_id = '{}';
             update sessions set owes_factor = true where user_id = '{}'",
            inactive.id(),
            demoted.id(),
            ended.id(),
            limited.id()
        ))
        .await;
    let rows = vault.rows().await;
    for (who, client, status, code) in [
        ("nobody", &vault.anonymous(), 401, "unauthenticated"),
        ("a user", &user, 403, "wrong_role"),
        ("the account itself", &victim, 403, "wrong_role"),
        ("owing a password", &owing, 403, "password_change_owed"),
        ("owing a factor", &limited, 403, "factor_owed"),
        ("deactivated", &inactive, 401, "unauthenticated"),
        ("demoted", &demoted, 403, "wrong_role"),
        ("with an ended session", &ended, 401, "unauthenticated"),
    ] {
        for id in [victim.id(), client.try_id().unwrap_or_default(), UserId::new()] {
            for answer in request_every_route(client, id).await {
                assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{who}");
            }
        }
    }
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_not_found() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let removed = vault.create_user().await;
    admin.delete(&user_path(removed.id(), "")).await.expect(204);
    let rows = vault.rows().await;
    for id in [UserId::new(), removed.id()] {
        // The first four requests are not about one account.
        for answer in request_every_route(&admin, id).await.into_iter().skip(4) {
            assert_eq!(answer.body, json!({"detail": "not found", "code": "not_found"}));
            assert_eq!(answer.status, 404);
        }
        vault.tamper("delete from users where email = 'new@example.com'").await;
        vault.tamper("delete from audit_log where action = 'account.created'").await;
    }
    assert_eq!(vault.rows().await, rows);
    for path in ["/api/admin/users/7", "/api/admin/users/%00", "/api/admin/users/..%2f..%2fetc/quota"] {
        assert_problem(admin.get(path).await, 422, "invalid");
    }
}

#[tokio::test]
async fn a_created_user_logs_in_with_the_temporary_password_and_must_change_it() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let made = admin.post(USERS, json!({"email": "Ada@example.com"})).await.expect(201);
    let (user, password) = (&made["user"], made["temporary_password"].as_str().unwrap());
    assert_eq!(
        *user,
        json!({
            "id": user["id"], "email": "Ada@example.com", "role": "user", "active": true,
            "password_must_change": true, "totp_enabled": false, "ai_provider": null, "ai_model": null,
            "used_bytes": 0, "limit_bytes": 104_857_600, "created_at": user["created_at"], "last_login_at": null,
        })
    );
    let login = json!({"email": "ada@EXAMPLE.com", "password": password});
    let session = vault.anonymous().post(LOGIN, login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let id: UserId = serde_json::from_value(user["id"].clone()).unwrap();
    let shown = admin.get(&user_path(id, "")).await.expect(200);
    assert_ne!(shown["last_login_at"], Value::Null);
    assert!(!vault.rows().await.to_string().contains(password));
    let entry = &entries(&vault, id, "account.created").await[0];
    assert_eq!((&entry["actor_id"], &entry["details"]), (&json!(admin.id()), &json!({"role": "user"})));
    assert_problem(admin.post(USERS, json!({"email": "ADA@example.com"})).await, 409, "email_taken");
    let other = json!({"email": "root@example.com", "role": "admin", "limit_bytes": 0});
    let other = admin.post(USERS, other).await.expect(201);
    assert_eq!((&other["user"]["role"], &other["user"]["limit_bytes"]), (&json!("admin"), &json!(0)));
}

#[tokio::test]
async fn a_role_a_state_and_a_model_can_be_changed() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let path = user_path(ada.id(), "");
    let change = async |change: Value| admin.patch(&path, change).await.expect(200);
    let before = admin.get(&path).await.expect(200);
    assert_eq!(change(json!({})).await, before);
    assert_eq!(change(json!({"role": "user", "active": true})).await, before);
    assert!(entries(&vault, ada.id(), "account.changed").await.is_empty(), "nothing has changed");
    ada.get("/api/auth/me").await.expect(200);

    let model = change(json!({"ai_provider": "ollama", "ai_model": "llama3.2"})).await;
    assert_eq!((&model["ai_provider"], &model["ai_model"]), (&json!("ollama"), &json!("llama3.2")));
    ada.get("/api/auth/me").await.expect(200);
    let kept = change(json!({"active": true})).await;
    assert_eq!(kept, model);
    let default = change(json!({"ai_provider": null, "ai_model": null})).await;
    assert_eq!(default, before);

    assert_eq!(change(json!({"active": false})).await["active"], false);
    assert_problem(ada.get("/api/auth/me").await, 401, "unauthenticated");
    change(json!({"active": true, "role": "admin"})).await;
    assert_problem(ada.get("/api/auth/me").await, 401, "unauthenticated");
    let ada = vault.sign_in(&ada).await;
    assert_eq!(ada.get("/api/auth/me").await.expect(200)["role"], "admin");
    change(json!({"role": "user"})).await;
    assert_problem(ada.get("/api/auth/me").await, 401, "unauthenticated");
    let logged: Vec<_> = entries(&vault, ada.id(), "account.changed").await;
    let details: Vec<_> = logged.iter().map(|entry| entry["details"].clone()).collect();
    assert_eq!(
        details,
        [
            json!({"ai_model": "ollama/llama3.2"}),
            json!({"ai_model": "default"}),
            json!({"active": false}),
            json!({"active": true, "role": "admin"}),
            json!({"role": "user"}),
        ]
    );
    let ended = entries(&vault, ada.id(), "session.ended").await;
    assert_eq!(ended.len(), 2);
    assert!(logged.iter().chain(&ended).all(|entry| entry["actor_id"] == json!(admin.id())));
}

#[tokio::test]
async fn a_model_that_is_not_configured_cannot_be_assigned() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let models = admin.get("/api/admin/ai-models").await.expect(200);
    let items = json!([
        {"provider": "builtin", "model": "builtin"}, {"provider": "ollama", "model": "llama3.2"}
    ]);
    assert_eq!(models, json!({"items": items, "next_cursor": null}));
    let rows = vault.rows().await;
    for wrong in [
        json!({"ai_provider": "openai", "ai_model": "gpt-5"}),
        json!({"ai_provider": "ollama", "ai_model": "LLAMA3.2"}),
        json!({"ai_provider": "ollama"}),
        json!({"ai_model": "llama3.2"}),
        json!({"ai_provider": "unknown", "ai_model": "llama3.2"}),
        json!({"ai_provider": null, "ai_model": "llama3.2", "active": false}),
    ] {
        assert_problem(admin.patch(&user_path(ada.id(), ""), wrong).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn a_password_reset_ends_all_sessions_and_gives_a_temporary_password() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let elsewhere = vault.sign_in(&ada).await;
    vault
        .tamper(&format!(
            "insert into password_resets (token_hash, user_id, expires_at) values ('x', '{}', now() + interval '1 hour')",
            ada.id()
        ))
        .await;
    let answer = admin.send("POST", &user_path(ada.id(), "/reset-password"), None).await.expect(200);
    let password = answer["temporary_password"].as_str().unwrap();
    assert_eq!(answer, json!({"temporary_password": password}));
    for client in [&ada, &elsewhere] {
        assert_problem(client.get("/api/auth/me").await, 401, "unauthenticated");
    }
    let email = admin.get(&user_path(ada.id(), "")).await.expect(200)["email"].take();
    let session =
        vault.anonymous().post(LOGIN, json!({"email": email, "password": password})).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let rows = vault.rows().await;
    assert_eq!(rows["password_resets"], Value::Null, "the link of an earlier mail is useless");
    assert!(!rows.to_string().contains(password));
    assert_eq!(entries(&vault, ada.id(), "password.assigned").await.len(), 1);
}

#[tokio::test]
async fn a_reset_of_the_factors_removes_them_and_ends_all_sessions() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_two_factor_member().await.member);
    assert_eq!(admin.get(&user_path(ada.id(), "")).await.expect(200)["totp_enabled"], true);
    for _ in 0..2 {
        admin.send("POST", &user_path(ada.id(), "/reset-factors"), None).await.expect(204);
    }
    assert_eq!(admin.get(&user_path(ada.id(), "")).await.expect(200)["totp_enabled"], false);
    assert_problem(ada.client.get("/api/auth/me").await, 401, "unauthenticated");
    let mut rows = vault.rows().await;
    let users = rows["users"].take();
    let row = users.as_array().unwrap().iter().find(|row| row["id"] == json!(ada.id())).unwrap();
    for column in ["totp_secret", "totp_key", "last_totp_step"] {
        assert_eq!(row[column], Value::Null, "{column}");
    }
    assert_eq!(rows["backup_codes"], Value::Null);
    assert_eq!(entries(&vault, ada.id(), "factors.reset").await.len(), 2);
    assert!(ada.log_in().await.expect(200)["access_token"].is_string(), "the password alone is enough");
}

#[tokio::test]
async fn sessions_of_an_account_are_listed_and_ended() {
    let vault = TestVault::new().await;
    let (admin, ada, bob) =
        (vault.create_admin().await, vault.create_user().await, vault.create_user().await);
    let second = vault.sign_in(&ada).await;
    let third = vault.sign_in(&ada).await;
    let path = user_path(ada.id(), "/sessions");
    let listed = async || {
        let page = admin.get(&path).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    let [one, two, three] = [&ada, &second, &third].map(|client| json!(client.user().session));
    assert_eq!(listed().await, [three.clone(), two.clone(), one.clone()]);
    let page = admin.get(&format!("{path}?limit=2")).await.expect(200);
    assert!(page["items"].as_array().unwrap().iter().all(|session| session["current"] == false), "{page}");
    let next = page["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("{path}?limit=2&cursor={next}")).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&one, &Value::Null));

    let of_session = |id: &Value| format!("{path}/{}", id.as_str().unwrap());
    let foreign = user_path(bob.id(), &format!("/sessions/{}", two.as_str().unwrap()));
    assert_problem(admin.delete(&foreign).await, 404, "not_found");
    admin.delete(&of_session(&two)).await.expect(204);
    assert_problem(admin.delete(&of_session(&two)).await, 404, "not_found");
    assert_eq!(listed().await, [three, one]);
    assert_problem(second.get("/api/auth/me").await, 401, "unauthenticated");
    ada.get("/api/auth/me").await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.expect(204);
    assert!(listed().await.is_empty());
    assert_problem(third.get("/api/auth/me").await, 401, "unauthenticated");
    bob.get("/api/auth/me").await.expect(200);
    assert_eq!(entries(&vault, ada.id(), "session.ended").await.len(), 3);
}

#[tokio::test]
async fn a_limit_below_the_used_bytes_is_set_with_a_warning() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let stored = ada.store_confirmed("a.txt", b"hello").await;
    let path = user_path(ada.id(), "/quota");
    let quota =
        |limit: i64, warning: bool| json!({"used_bytes": 5, "limit_bytes": limit, "warning": warning});
    assert_eq!(admin.get(&path).await.expect(200), quota(104_857_600, false));
    for (limit, warning) in [(5, false), (4, true), (0, true), (9_007_199_254_740_991, false), (4, true)] {
        let answer = admin.put(&path, json!({"limit_bytes": limit})).await.expect(200);
        assert_eq!(answer, quota(limit, warning));
        assert_eq!(admin.get(&path).await.expect(200), quota(limit, warning));
    }
    admin.put(&path, json!({"limit_bytes": 4})).await.expect(200);
    assert_eq!(
        entries(&vault, ada.id(), "quota.changed").await.len(),
        5,
        "the last request has changed nothing"
    );
    let new = json!({"filename": "b.txt", "content_type": "text/plain", "size_bytes": 1});
    let refused = ada.post("/api/documents/upload-url", new).await.expect(413);
    assert_eq!(refused["detail"], json!({"used_bytes": 5, "limit_bytes": 4, "rejected_bytes": 1}));
    ada.get(&format!("/api/documents/{}", stored.document_id)).await.expect(200);
    let rows = vault.rows().await;
    for wrong in [
        json!({"limit_bytes": -1}),
        json!({"limit_bytes": 9_007_199_254_740_992_i64}),
        json!({"limit_bytes": 1.5}),
        json!({"limit_bytes": "5"}),
        json!({"limit_bytes": null}),
        json!({"limit_bytes": 5, "used_bytes": 0}),
        json!({}),
    ] {
        assert_problem(admin.put(&path, wrong).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn malformed_accounts_are_refused() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    let rows = vault.rows().await;
    let long = format!("{}@example.com", "a".repeat(250));
    for email in [
        "",
        "ada",
        "ada@",
        "ada@example.com\r\nBcc: eve@example.com",
        "a\0b@example.com",
        &long,
        "Ada <ada@example.com>",
        "ada@example.com,eve@example.com",
    ] {
        assert_problem(admin.post(USERS, json!({"email": email})).await, 422, "invalid");
    }
    for wrong in [
        json!({}),
        json!({"email": null}),
        json!({"email": "b@example.com", "role": "owner"}),
        json!({"email": "b@example.com", "limit_bytes": -1}),
        json!({"email": "b@example.com", "password": "Correct-Horse-7"}),
        json!({"email": "b@example.com", "password_must_change": false}),
    ] {
        assert_problem(admin.post(USERS, wrong).await, 422, "invalid");
    }
    for wrong in [
        json!({"role": "owner"}),
        json!({"active": "yes"}),
        json!({"active": 0}),
        json!({"email": "b@example.com"}),
        json!({"password_hash": "x"}),
        json!({"totp_enabled": false}),
        json!({"standing": "admin"}),
    ] {
        assert_problem(admin.patch(&user_path(ada.id(), ""), wrong).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, rows);
}

#[tokio::test]
async fn no_answer_has_a_secret() {
    let vault = TestVault::new().await;
    let (admin, ada) = (vault.create_admin().await, vault.create_user().await);
    vault
        .tamper(
            "update users set password_hash = 'canary-password', totp_secret = 'canary-totp', totp_enabled = true",
        )
        .await;
    ada.store_confirmed("canary-file.txt", b"hello").await;
    let fields = [
        "active",
        "ai_model",
        "ai_provider",
        "created_at",
        "email",
        "id",
        "last_login_at",
        "limit_bytes",
        "password_must_change",
        "role",
        "totp_enabled",
        "used_bytes",
    ];
    let shown = admin.get(&user_path(ada.id(), "")).await.expect(200);
    assert_eq!(shown.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
    let listed = admin.get(USERS).await.expect(200);
    assert_eq!(listed["items"][0], shown);
    for answer in request_every_route(&admin, ada.id()).await {
        let text = answer.body.to_string();
        for secret in ["canary", "password_hash", "totp_secret", "object_key"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
