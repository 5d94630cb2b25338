//! A function reads its settings at init, and refuses to start with the name of the one that is missing or wrong.

use tests::TestVault;
use tests::runtime::{Sandbox, Variables, functions, last_words, recorded};

const AWS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];

/// What each function can't do without.
pub fn required(function: &str) -> Vec<&'static str> {
    let own: &[&str] = match function {
        "auth" | "quota" => return vec!["JWT_SECRET", "DATABASE_URL"],
        "migrate" => return vec!["DATABASE_MIGRATE_URL"],
        "topics" => return vec!["JWT_SECRET", "DATABASE_URL"],
        "upload-url" | "delete" => &["JWT_SECRET", "DATABASE_URL", "S3_BUCKET"],
        "confirm" | "documents" => &["JWT_SECRET", "DATABASE_URL", "S3_BUCKET", "QUEUE_URL"],
        "health" | "cleanup" => &["DATABASE_URL", "S3_BUCKET", "QUEUE_URL"],
        "classify" => &["DATABASE_URL", "S3_BUCKET", "QUEUE_URL", "DEAD_LETTER_QUEUE_ARN"],
        other => panic!("{other} is new: what does it need?"),
    };
    [own, &AWS].concat()
}

/// Well-formed settings that lead nowhere.
fn nowhere(function: &str) -> Variables {
    let value = |name| match name {
        "DATABASE_URL" | "DATABASE_MIGRATE_URL" => {
            "postgres://nobody:hunter2@127.0.0.1:1/none?sslmode=disable"
        }
        "S3_BUCKET" => "docuvault",
        "QUEUE_URL" => "http://127.0.0.1:1/queue",
        "JWT_SECRET" => "32 bytes are enough for a secret",
        _ => "something",
    };
    required(function).into_iter().map(|name| (name, value(name).to_owned())).collect()
}

#[tokio::test]
async fn a_missing_variable_stops_the_function_with_its_name() {
    for function in functions() {
        let complete = nowhere(&function);
        for missing in complete.keys() {
            let mut variables = complete.clone();
            variables.remove(missing);
            let said = last_words(&function, &variables).await;
            assert!(said.contains(missing) && said.contains("is not set"), "{function}: {said}");
            variables.insert(missing, String::new());
            let said = last_words(&function, &variables).await;
            assert!(said.contains(missing) && said.contains("is not set"), "{function}, empty: {said}");
        }
    }
}

#[tokio::test]
async fn a_wrong_variable_stops_the_function_with_its_name_and_not_its_value() {
    for (function, name, value, said) in [
        ("quota", "JWT_SECRET", "hunter2", "has 7 bytes; at least 32"),
        ("quota", "JWT_SECRET", "hunter2hunter2hunter2hunter2hun", "has 31 bytes; at least 32"),
        ("quota", "DATABASE_URL", "hunter2", "is not a Postgres connection string"),
        ("quota", "DATABASE_URL", "postgres://a:hunter2@h:port/d", "is not a Postgres connection string"),
        ("migrate", "DATABASE_MIGRATE_URL", "hunter2", "is not a Postgres connection string"),
        ("upload-url", "MAX_UPLOAD_BYTES", "5 GB", "cannot be read"),
        ("upload-url", "MAX_PENDING_UPLOADS", "-1", "cannot be read"),
        ("upload-url", "MAX_PENDING_UPLOADS", "0", "at least 1"),
        ("upload-url", "UPLOAD_URLS_PER_HOUR", "0", "at least 1"),
        ("documents", "CLASSIFICATIONS_PER_HOUR", "0", "at least 1"),
        ("confirm", "MAX_UPLOAD_BYTES", "1e9", "cannot be read"),
        ("classify", "CLASSIFY_MAX_ATTEMPTS", "many", "cannot be read"),
        ("classify", "CLASSIFY_MAX_BYTES", "50 MiB", "cannot be read"),
        ("health", "LOG_LEVEL", "loud", "cannot be read"),
    ] {
        let mut variables = nowhere(function);
        variables.insert(name, value.to_owned());
        let words = last_words(function, &variables).await;
        assert!(words.contains(name) && words.contains(said), "{function}: {words}");
        assert!(!words.contains("hunter2"), "{function}: {words}");
    }
}

#[tokio::test]
async fn what_is_required_is_enough_and_nothing_that_is_down_keeps_a_function_from_starting() {
    for function in functions() {
        let mut sandbox = Sandbox::start(&function, &nowhere(&function)).await;
        let outcome = sandbox.invoke(&recorded(&function)).await;
        match function.as_str() {
            "cleanup" | "migrate" => assert!(outcome.is_err(), "{function}: {outcome:?}"),
            "classify" => {
                let failures = outcome.unwrap()["batchItemFailures"].take();
                assert_eq!(failures.as_array().unwrap().len(), 2, "nothing is acknowledged");
            }
            "health" => assert_eq!(outcome.unwrap()["statusCode"], 503),
            _ => assert_eq!(outcome.unwrap()["statusCode"], 401, "{function}"),
        }
    }
}

#[tokio::test]
async fn settings_change_what_they_name() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut variables = vault.variables();
    variables.insert("MAX_UPLOAD_BYTES", "48212".into());
    variables.insert("S3_PUBLIC_ENDPOINT", "https://files.example.com".into());
    let event = recorded("upload-url").replace("<access token>", &vault.token(alice.id()));
    let event = serde_json::from_str(&event).unwrap();
    assert_eq!(Sandbox::start("upload-url", &variables).await.http(&event).await.0, 413);
    variables.insert("MAX_UPLOAD_BYTES", "48213".into());
    let (status, upload) = Sandbox::start("upload-url", &variables).await.http(&event).await;
    assert_eq!(status, 201, "{upload}");
    let url = format!("https://files.example.com/{}/", vault.bucket.name);
    assert!(upload["upload_url"].as_str().unwrap().starts_with(&url), "{upload}");
    variables.insert("MAX_PENDING_UPLOADS", "1".into());
    assert_eq!(Sandbox::start("upload-url", &variables).await.http(&event).await.0, 429);
}
