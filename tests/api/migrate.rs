use migrate::{Answer, Command, handle};
use serde_json::{Value, json};
use tests::{TestDatabase, TestVault};

async fn ask(database: &TestDatabase, command: Value) -> Value {
    let command: Command = serde_json::from_value(command).unwrap();
    serde_json::to_value(handle(&database.migrations(), command).await.unwrap()).unwrap()
}

#[tokio::test]
async fn up_applies_what_is_outstanding_and_status_tells() {
    let database = TestDatabase::empty().await;
    assert_eq!(
        ask(&database, json!({"migrate": "status"})).await,
        json!({"applied": [], "outstanding": [1, 2, 3, 4, 6]})
    );
    for _ in 0..2 {
        assert_eq!(
            ask(&database, json!({"migrate": "up"})).await,
            json!({"applied": [1, 2, 3, 4, 6], "outstanding": []})
        );
    }
    assert_eq!(
        ask(&database, json!({"migrate": {"down": 1}})).await,
        json!({"applied": [1], "outstanding": [2, 3, 4, 6]})
    );
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
