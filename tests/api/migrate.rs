use docuvault::storage::Storage;
use migrate::{Capabilities, Command, CommandOutput, handle};
use serde_json::{Value, json};
use tests::{StoreUsers, TestBucket, TestDatabase, TestVault};

async fn run_command(database: &TestDatabase, command: Value) -> Value {
    let command: Command = serde_json::from_value(command).unwrap();
    serde_json::to_value(handle(&database.migrate_capabilities(), command).await.unwrap()).unwrap()
}

/// Returns the numbers of all migrations, in ascending order: the beginnings of their files' names.
pub fn versions() -> Vec<usize> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut numbers: Vec<_> =
        names.filter(|name| name.ends_with(".up.sql")).map(|name| name[..4].parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn up_applies_outstanding_migrations_and_status_lists_them() {
    let database = TestDatabase::empty().await;
    assert_eq!(
        run_command(&database, json!({"migrate": "status"})).await,
        json!({"applied": [], "outstanding": versions()})
    );
    for _ in 0..2 {
        assert_eq!(
            run_command(&database, json!({"migrate": "up"})).await,
            json!({"applied": versions(), "outstanding": []})
        );
    }
    assert_eq!(
        run_command(&database, json!({"migrate": {"down": 1}})).await,
        json!({"applied": [1], "outstanding": versions()[1..]})
    );
}

/// Returns a new bucket, and capabilities of `migrate` that include it.
async fn capabilities_with_bucket(database: &TestDatabase) -> (TestBucket, Capabilities) {
    let bucket = TestBucket::create().await;
    let storage = Some(StoreUsers::new(bucket.config()).client_of("migrate"));
    (bucket, Capabilities { storage, ..database.migrate_capabilities() })
}

fn schema(command: &str) -> Command {
    serde_json::from_value(json!({"migrate": command})).unwrap()
}

#[tokio::test]
async fn up_refuses_a_versioned_bucket_and_applies_nothing() {
    let database = TestDatabase::empty().await;
    let (bucket, capabilities) = capabilities_with_bucket(&database).await;
    bucket.set_versioning(true).await;
    let refusal = handle(&capabilities, schema("up")).await.unwrap_err().to_string();
    assert!(refusal.starts_with("the bucket is versioned and would keep deleted objects"), "{refusal}");
    let status = handle(&capabilities, schema("status")).await.unwrap();
    assert_eq!(serde_json::to_value(status).unwrap()["applied"], json!([]));
}

#[tokio::test]
async fn up_warns_if_versioning_was_suspended_or_cannot_be_read() {
    let database = TestDatabase::empty().await;
    let (bucket, mut capabilities) = capabilities_with_bucket(&database).await;
    let warning = async |capabilities: &Capabilities| match handle(capabilities, schema("up")).await.unwrap()
    {
        CommandOutput::Schema { warning, outstanding, .. } if outstanding.is_empty() => warning,
        other => panic!("{other:?}"),
    };
    assert_eq!(warning(&capabilities).await, None);
    bucket.set_versioning(true).await;
    bucket.set_versioning(false).await;
    assert!(warning(&capabilities).await.unwrap().contains("is suspended: older versions may be left"));
    let unreachable =
        docuvault::config::StorageConfig { endpoint: Some("http://127.0.0.1:1".into()), ..bucket.config() };
    capabilities.storage = Some(Storage::new(unreachable));
    assert!(
        warning(&capabilities)
            .await
            .unwrap()
            .starts_with("the store did not say whether the bucket is versioned")
    );
}

#[tokio::test]
async fn create_admin_returns_a_temporary_password() {
    let vault = TestVault::new().await;
    let answer = run_command(&vault.database, json!({"create_admin": "Root@Example.com"})).await;
    let password = answer["temporary_password"].as_str().unwrap();
    assert_eq!(answer, json!({"temporary_password": password}));
    let login = json!({"email": "root@example.com", "password": password});
    let session = vault.anonymous().post("/api/auth/login", login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let rows = vault.rows().await;
    assert_eq!((&rows["users"][0]["role"], &rows["users"][1]), (&json!("admin"), &Value::Null));
    assert!(!rows.to_string().contains(password));
}

#[tokio::test]
async fn create_admin_refuses_an_invalid_e_mail_address() {
    let vault = TestVault::new().await;
    let capabilities = vault.database.migrate_capabilities();
    let refused = handle(&capabilities, Command::CreateAdmin("root".into())).await.unwrap_err();
    assert_eq!(refused.to_string(), "email must be an e-mail address");
    assert_eq!(vault.rows().await["users"], Value::Null);
}

#[test]
fn invalid_commands_are_refused() {
    for command in [
        json!({}),
        json!({"migrate": "sideways"}),
        json!({"migrate": {"down": "2"}}),
        json!({"create_admin": 7}),
        json!({"audit_log": "delete"}),
        json!({"create_admin": "a@example.com", "migrate": "up"}),
        json!({"drop": "everything"}),
        json!("up"),
        json!(null),
    ] {
        assert!(serde_json::from_value::<Command>(command.clone()).is_err(), "{command}");
    }
}
