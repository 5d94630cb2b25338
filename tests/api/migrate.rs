use docuvault::storage::Storage;
use migrate::{Answer, Capabilities, Command, handle};
use serde_json::{Value, json};
use tests::{Identities, TestBucket, TestDatabase, TestVault};

async fn ask(database: &TestDatabase, command: Value) -> Value {
    let command: Command = serde_json::from_value(command).unwrap();
    serde_json::to_value(handle(&database.migrations(), command).await.unwrap()).unwrap()
}

#[tokio::test]
async fn up_applies_what_is_outstanding_and_status_tells() {
    let database = TestDatabase::empty().await;
    assert_eq!(
        ask(&database, json!({"migrate": "status"})).await,
        json!({"applied": [], "outstanding": [1, 2, 3, 4, 5, 6, 7, 8]})
    );
    for _ in 0..2 {
        assert_eq!(
            ask(&database, json!({"migrate": "up"})).await,
            json!({"applied": [1, 2, 3, 4, 5, 6, 7, 8], "outstanding": []})
        );
    }
    assert_eq!(
        ask(&database, json!({"migrate": {"down": 1}})).await,
        json!({"applied": [1], "outstanding": [2, 3, 4, 5, 6, 7, 8]})
    );
}

/// With a bucket, as `migrate` asks it.
async fn with_bucket(database: &TestDatabase) -> (TestBucket, Capabilities) {
    let bucket = TestBucket::create().await;
    let storage = Some(Identities::new(bucket.config()).of("migrate"));
    (bucket, Capabilities { storage, ..database.migrations() })
}

fn schema(command: &str) -> Command {
    serde_json::from_value(json!({"migrate": command})).unwrap()
}

#[tokio::test]
async fn up_refuses_a_bucket_that_keeps_what_is_deleted_and_applies_nothing() {
    let database = TestDatabase::empty().await;
    let (bucket, with) = with_bucket(&database).await;
    bucket.set_versioning(true).await;
    let refusal = handle(&with, schema("up")).await.unwrap_err().to_string();
    assert!(refusal.starts_with("the bucket is versioned and would keep what is deleted"), "{refusal}");
    let told = handle(&with, schema("status")).await.unwrap();
    assert_eq!(serde_json::to_value(told).unwrap()["applied"], json!([]));
}

#[tokio::test]
async fn up_warns_of_a_bucket_that_kept_what_was_deleted_or_does_not_tell() {
    let database = TestDatabase::empty().await;
    let (bucket, mut with) = with_bucket(&database).await;
    let warning = async |with: &Capabilities| match handle(with, schema("up")).await.unwrap() {
        Answer::Schema { warning, outstanding, .. } if outstanding.is_empty() => warning,
        other => panic!("{other:?}"),
    };
    assert_eq!(warning(&with).await, None);
    bucket.set_versioning(true).await;
    bucket.set_versioning(false).await;
    assert!(warning(&with).await.unwrap().contains("is suspended: older versions may be left"));
    let nowhere =
        docuvault::config::Storage { endpoint: Some("http://127.0.0.1:1".into()), ..bucket.config() };
    with.storage = Some(Storage::new(nowhere));
    assert!(warning(&with).await.unwrap().starts_with("the bucket does not tell whether it is versioned"));
}

#[tokio::test]
async fn the_first_administrator_has_a_temporary_password_and_no_documents() {
    let vault = TestVault::new().await;
    let answer = ask(&vault.database, json!({"create_admin": "Root@Example.com"})).await;
    let password = answer["temporary_password"].as_str().unwrap();
    assert_eq!(answer, json!({"temporary_password": password}));
    let login = json!({"email": "root@example.com", "password": password});
    let session = vault.nobody().post("/api/auth/login", login).await.expect(200);
    assert_eq!(session["password_must_change"], true);
    let rows = vault.rows().await;
    assert_eq!((&rows["users"][0]["role"], &rows["users"][1]), (&json!("admin"), &Value::Null));
    assert!(!rows.to_string().contains(password));
}

#[tokio::test]
async fn an_address_that_is_taken_or_none_makes_no_administrator() {
    let vault = TestVault::new().await;
    let with = vault.database.migrations();
    let create = async |email: &str| handle(&with, Command::CreateAdmin(email.into())).await;
    assert!(matches!(create("root@example.com").await, Ok(Answer::Admin { .. })));
    let before = vault.rows().await;
    for (email, problem) in
        [("ROOT@example.com", "this e-mail address is taken"), ("root", "email is not an e-mail address")]
    {
        assert_eq!(create(email).await.unwrap_err().to_string(), problem);
    }
    assert_eq!(vault.rows().await, before);
}

#[test]
fn commands_that_are_not_understood_are_refused() {
    for command in [
        json!({}),
        json!({"migrate": "sideways"}),
        json!({"migrate": {"down": "2"}}),
        json!({"create_admin": 7}),
        json!({"create_admin": "a@example.com", "migrate": "up"}),
        json!({"drop": "everything"}),
        json!("up"),
        json!(null),
    ] {
        assert!(serde_json::from_value::<Command>(command.clone()).is_err(), "{command}");
    }
}
