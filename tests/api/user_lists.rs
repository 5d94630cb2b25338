//! Administrators list accounts and the audit log: pages, filters and searches.

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::admin::user_path;
use crate::assert_problem;

const USERS: &str = "/api/admin/users";
const LOG: &str = "/api/admin/audit-log";

/// Inserts an account with this address.
async fn insert(vault: &TestVault, email: &str, role: &str, active: bool) -> UserId {
    let id = UserId::new();
    let statement = "with made as (
            insert into users (id, email, password_hash, role, active) values ($1, $2, 'x', $3, $4) returning id
        )
        insert into quotas (user_id) select id from made";
    vault.database.superuser().await.execute(statement, &[&id, &email, &role, &active]).await.unwrap();
    id
}

/// Returns this field of all items of a page.
fn field(page: &Value, name: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

/// Follows the cursors to the end. Returns this field of all items. Calls `between` after each page.
async fn read_all(client: &Client, path: &str, name: &str, between: impl AsyncFn(usize)) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for page_number in 0.. {
        let page = client.get(&format!("{path}{cursor}")).await.expect(200);
        found.extend(field(&page, name));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        between(page_number).await;
    }
    found
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_while_accounts_come_and_go() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let mut expected = Vec::new();
    for n in 0..12 {
        expected.insert(0, insert(&vault, &format!("stays-{n}@example.com"), "user", true).await.to_string());
    }
    let mut leaving = Vec::new();
    for n in 0..6 {
        leaving.push(insert(&vault, &format!("leaves-{n}@example.com"), "user", true).await);
    }
    for limit in [1, 2, 3, 5, 100] {
        let path = format!("{USERS}?q=STAYS&limit={limit}");
        assert_eq!(read_all(&admin, &path, "id", async |_| ()).await, expected, "{limit}");
    }
    let found = read_all(&admin, &format!("{USERS}?limit=3"), "email", async |page| {
        insert(&vault, &format!("comes-{page}@example.com"), "user", true).await;
        if let Some(id) = leaving.get(page) {
            admin.delete(&user_path(*id, "")).await.expect(204);
        }
    })
    .await;
    let mut unique = found.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), found.len(), "nothing is repeated: {found:?}");
    assert_eq!(found.iter().filter(|email| email.starts_with("stays-")).count(), 12, "nothing is skipped");
    assert!(
        !found.iter().any(|email| email.starts_with("comes-")),
        "what comes later belongs to the first page"
    );
}

#[tokio::test]
async fn a_search_takes_every_character_literally() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    for email in [
        "percent%sign@x.example",
        "under_score@x.example",
        r#""back\\slash"@x.example"#,
        "plain@x.example",
        "JÜRGEN@x.example",
        "o'brien@x.example",
    ] {
        insert(&vault, email, "user", true).await;
    }
    let search = async |q: &str| {
        let q: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
        field(&admin.get(&format!("{USERS}?q={q}")).await.expect(200), "email")
    };
    assert_eq!(search("%").await, ["percent%sign@x.example"]);
    assert_eq!(search("_").await, ["under_score@x.example"]);
    assert_eq!(search("\\").await, [r#""back\\slash"@x.example"#]);
    assert_eq!(search("'").await, ["o'brien@x.example"]);
    assert_eq!(search("PLAIN@X.").await, ["plain@x.example"]);
    assert_eq!(search("jÜrgen").await, ["JÜRGEN@x.example"]);
    assert_eq!(search("x.example").await.len(), 6);
    assert_eq!(search("").await.len(), 7);
    for nothing in ["%%", "p%n", "pl_in", "\\p", "*", ".*", "'; drop table users; --", "$1", "{}", "\u{202e}"]
    {
        assert_eq!(search(nothing).await, [""; 0], "{nothing}");
    }
    for wrong in ["q=%00", "q=a%00b", &format!("q={}", "a".repeat(255)), "search=x", "q=a&q=b"] {
        assert_problem(admin.get(&format!("{USERS}?{wrong}")).await, 422, "invalid");
    }
}

#[tokio::test]
async fn accounts_are_filtered_by_role_and_state() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let own = admin.get(&user_path(admin.id(), "")).await.expect(200)["email"].take();
    for (email, role, active) in [
        ("a@x.example", "user", true),
        ("b@x.example", "user", false),
        ("c@x.example", "admin", true),
        ("d@x.example", "admin", false),
    ] {
        insert(&vault, email, role, active).await;
    }
    let (a, b, c, d) = ("a@x.example", "b@x.example", "c@x.example", "d@x.example");
    let own = own.as_str().unwrap();
    for (query, expected) in [
        ("role=user", vec![b, a]),
        ("role=admin", vec![d, c, own]),
        ("active=true", vec![c, a, own]),
        ("active=false", vec![d, b]),
        ("role=admin&active=false", vec![d]),
        ("role=admin&active=true", vec![c, own]),
        ("role=user&active=true&q=x.example", vec![a]),
        ("role=admin&q=b@x", vec![]),
    ] {
        let page = admin.get(&format!("{USERS}?{query}")).await.expect(200);
        assert_eq!(field(&page, "email"), expected, "{query}");
    }
    for wrong in ["role=owner", "role=", "active=yes", "active=1", "limit=0", "limit=101", "cursor=x"] {
        assert_problem(admin.get(&format!("{USERS}?{wrong}")).await, 422, "invalid");
    }
    let other = vault.create_admin().await;
    let page = admin.get(&format!("{USERS}?limit=1")).await.expect(200);
    let cursor = format!("cursor={}", page["next_cursor"].as_str().unwrap());
    assert_problem(other.get(&format!("{USERS}?{cursor}")).await, 422, "invalid");
    assert_problem(admin.get(&format!("{LOG}?{cursor}")).await, 422, "invalid");
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_actor_target_action_and_time() {
    let vault = TestVault::new().await;
    let (admin, other, ada) =
        (vault.create_admin().await, vault.create_admin().await, vault.create_user().await);
    let set = async |client: &Client, bytes: i64| {
        client.put(&user_path(ada.id(), "/quota"), json!({"limit_bytes": bytes})).await.expect(200);
    };
    set(&admin, 1).await;
    set(&other, 2).await;
    vault.tamper("update audit_log set at = at - interval '2 days'").await;
    set(&admin, 3).await;
    admin.patch(&user_path(ada.id(), ""), json!({"active": false})).await.expect(200);
    let read = async |query: &str| {
        let page = admin.get(&format!("{LOG}?{query}")).await.expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let limits = |items: &[Value]| {
        items.iter().map(|item| item["details"]["limit_bytes"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(limits(&read("action=quota.changed").await), [3, 2, 1]);
    assert_eq!(limits(&read(&format!("action=quota.changed&actor_id={}", other.id())).await), [2]);
    assert_eq!(read(&format!("target_id={}", ada.id())).await.len(), 5);
    assert_eq!(read(&format!("target_id={}", other.id())).await.len(), 0);
    let yesterday = time::OffsetDateTime::now_utc() - time::Duration::DAY;
    let yesterday = yesterday.format(&time::format_description::well_known::Rfc3339).unwrap();
    assert_eq!(limits(&read(&format!("action=quota.changed&from={yesterday}")).await), [3]);
    assert_eq!(limits(&read(&format!("action=quota.changed&until={yesterday}")).await), [2, 1]);
    assert_eq!(read(&format!("from={yesterday}&until={yesterday}")).await.len(), 0);
    assert_eq!(read("action=nobody.knows").await.len(), 0);
    let entry = &read("action=account.changed").await[0];
    let fields = ["action", "actor_id", "address", "at", "details", "id", "request_id", "target_id"];
    assert_eq!(entry.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
    assert_eq!((&entry["actor_id"], &entry["target_id"]), (&json!(admin.id()), &json!(ada.id())));
    assert!(entry["request_id"].is_string(), "{entry}");
    let paged = read_all(&admin, &format!("{LOG}?limit=2&target_id={}", ada.id()), "id", async |_| {
        set(&other, 4).await;
    })
    .await;
    assert_eq!(paged.len(), 5, "entries that are added later belong to the first page");
    for wrong in [
        "actor_id=x",
        "target_id=7",
        "action=%00",
        "action=A",
        "from=yesterday",
        "until=%00",
        "from=2026-01-31T00:00:00+01:00",
        "limit=0",
        "cursor=x",
        "details=x",
    ] {
        assert_problem(admin.get(&format!("{LOG}?{wrong}")).await, 422, "invalid");
    }
}
