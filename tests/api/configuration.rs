//! Functions read their settings at init. A function with a missing or invalid variable fails, and names the
//! variable.

use tests::functions::{functions, recorded_event};
use tests::sandbox::{Sandbox, Variables, failed_start_output};
use tests::store::has_policy;
use tests::{TestVault, WEB_ORIGIN};

const AWS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];

/// Returns the variables that a function requires. A function without a policy uses neither the store nor the
/// queue: it needs the secret of access tokens and the database.
pub fn required_variables(function: &str) -> Vec<&'static str> {
    let own: &[&str] = match function {
        "migrate" => return vec!["DATABASE_MIGRATE_URL"],
        "auth" | "passkeys" => return vec!["JWT_SECRET", "DATABASE_URL", "WEB_ORIGINS", "FACTOR_KEYS"],
        "mail" => return vec!["DATABASE_URL", "SMTP_HOST", "MAIL_FROM", "WEB_URL"],
        other if !has_policy(other) => return vec!["JWT_SECRET", "DATABASE_URL"],
        "account" => &["JWT_SECRET", "DATABASE_URL", "WEB_ORIGINS", "FACTOR_KEYS", "S3_BUCKET"],
        "upload-url" | "delete" => &["JWT_SECRET", "DATABASE_URL", "S3_BUCKET"],
        "confirm" | "documents" => &["JWT_SECRET", "DATABASE_URL", "S3_BUCKET", "QUEUE_URL"],
        "health" | "cleanup" => &["DATABASE_URL", "S3_BUCKET", "QUEUE_URL"],
        "classify" => &["DATABASE_URL", "S3_BUCKET", "QUEUE_URL", "DEAD_LETTER_QUEUE_ARN"],
        other => panic!("{other} is new: what does it need?"),
    };
    [own, &AWS].concat()
}

/// Valid settings whose addresses lead to no service.
fn unreachable_settings(function: &str) -> Variables {
    let value = |name| match name {
        "DATABASE_URL" | "DATABASE_MIGRATE_URL" => {
            "postgres://nobody:hunter2@127.0.0.1:1/none?sslmode=disable"
        }
        "S3_BUCKET" => "docuvault",
        "QUEUE_URL" => "http://127.0.0.1:1/queue",
        "JWT_SECRET" | "FACTOR_KEYS" => "32 bytes are enough for a secret",
        "WEB_ORIGINS" => WEB_ORIGIN,
        "SMTP_HOST" => "127.0.0.1",
        "MAIL_FROM" => "vault@example.com",
        "WEB_URL" => "https://vault.example.com",
        _ => "something",
    };
    required_variables(function).into_iter().map(|name| (name, value(name).to_owned())).collect()
}

#[tokio::test]
async fn a_function_with_a_missing_variable_fails_at_init_and_names_it() {
    for function in functions() {
        let complete = unreachable_settings(&function);
        for missing in complete.keys() {
            let mut variables = complete.clone();
            variables.remove(missing);
            let output = failed_start_output(&function, &variables).await;
            assert!(output.contains(missing) && output.contains("is not set"), "{function}: {output}");
            variables.insert(missing, String::new());
            let output = failed_start_output(&function, &variables).await;
            assert!(output.contains(missing) && output.contains("is not set"), "{function}, empty: {output}");
        }
    }
}

#[tokio::test]
async fn a_function_with_an_invalid_variable_names_it_but_not_its_value() {
    for (function, name, value, problem) in [
        ("quota", "JWT_SECRET", "hunter2", "has 7 bytes: set it to at least 32"),
        ("quota", "JWT_SECRET", "hunter2hunter2hunter2hunter2hun", "has 31 bytes: set it to at least 32"),
        ("account", "FACTOR_KEYS", "hunter2", "has a key of 7 bytes: set it to keys of at least 32"),
        ("auth", "FACTOR_KEYS", "32 bytes are enough for a secret,hunter2", "has a key of 7 bytes"),
        ("auth", "TOTP_SKEW_STEPS", "2", "set it to 0 or 1"),
        ("account", "TOTP_SKEW_STEPS", "-1", "cannot be read"),
        ("passkeys", "PASSKEY_DOMAIN", "example.org", "is not the domain of an origin in WEB_ORIGINS"),
        ("passkeys", "PASSKEY_DOMAIN", "ample.com", "is not the domain of an origin in WEB_ORIGINS"),
        ("passkeys", "WEB_ORIGINS", "http://127.0.0.1:5173", "have http://localhost:<port> in WEB_ORIGINS"),
        ("auth", "REQUIRE_FACTOR", "hunter2", "is not none, admins or all"),
        ("quota", "DATABASE_URL", "hunter2", "is not a Postgres connection string"),
        ("quota", "DATABASE_URL", "postgres://a:hunter2@h:port/d", "is not a Postgres connection string"),
        ("migrate", "DATABASE_MIGRATE_URL", "hunter2", "is not a Postgres connection string"),
        ("migrate", "AUDIT_LOG_DAYS", "a year", "cannot be read"),
        ("migrate", "AUDIT_LOG_DAYS", "89", "set it to at least 90"),
        ("upload-url", "S3_ENDPOINT", "minio:9000", "is not a URL"),
        ("delete", "S3_ENDPOINT", "/hunter2", "is not a URL"),
        ("documents", "S3_PUBLIC_ENDPOINT", "files.example.com", "is not a URL"),
        ("confirm", "SQS_ENDPOINT", "hunter2:9324", "is not a URL"),
        ("upload-url", "MAX_UPLOAD_BYTES", "5 GB", "cannot be read"),
        ("upload-url", "MAX_PENDING_UPLOADS", "-1", "cannot be read"),
        ("upload-url", "MAX_PENDING_UPLOADS", "0", "set it to at least 1"),
        ("upload-url", "UPLOAD_URLS_PER_HOUR", "0", "set it to at least 1"),
        ("documents", "CLASSIFICATIONS_PER_HOUR", "0", "set it to at least 1"),
        ("confirm", "MAX_UPLOAD_BYTES", "1e9", "cannot be read"),
        ("admin", "AI_MODELS", "hunter2", "is not a list of models: set it to pairs"),
        ("admin", "AI_MODELS", "builtin/builtin,,", "is not a list of models: set it to pairs"),
        ("classify", "CLASSIFY_MAX_ATTEMPTS", "many", "cannot be read"),
        ("classify", "CLASSIFY_MAX_BYTES", "50 MiB", "cannot be read"),
        ("classify", "CLASSIFY_IMAGES", "always", "is neither never nor when_no_text"),
        ("health", "LOG_LEVEL", "loud", "cannot be read"),
        ("auth", "WEB_ORIGINS", "https://hunter2/", "is not a list of origins"),
        ("account", "WEB_ORIGINS", "https://a.example,*", "is not a list of origins"),
        ("auth", "TRUSTED_PROXIES", "-1", "cannot be read"),
        ("account", "TRUSTED_PROXIES", "one", "cannot be read"),
        ("quota", "METRICS_NAMESPACE", "AWS/hunter2", "is not a namespace of CloudWatch"),
        ("quota", "METRICS_NAMESPACE", ":hunter2", "is not a namespace of CloudWatch"),
        ("quota", "METRICS_NAMESPACE", "hunter2\"", "is not a namespace of CloudWatch"),
        ("quota", "METRICS_NAMESPACE", "hunter2\u{e4}", "is not a namespace of CloudWatch"),
        ("quota", "METRICS_NAMESPACE", &"a".repeat(256), "set it to letters, digits"),
        (
            "quota",
            "JWT_SECRET_ARN",
            "hunter2",
            "JWT_SECRET and JWT_SECRET_ARN are both set: unset one of them",
        ),
        ("classify", "OPENAI_API_KEY_ARN", "hunter2", "is not the ARN of a secret: set it to arn:aws:"),
        ("classify", "ANTHROPIC_API_KEY_ARN", "arn:aws:ssm:eu-west-1:1:secret:hunter2", "is not the ARN"),
        ("migrate", "DATABASE_APP_PASSWORD_ARN", "hunter2", "is not the ARN of a secret"),
        ("auth", "REGISTRATION", "hunter2", "is neither open nor closed"),
        ("auth", "PASSWORD_POLICY", "hunter2", "is neither classes nor length"),
        ("auth", "HIBP_URL", "hunter2", "is not a URL"),
        ("auth", "ADDRESS_LIMIT_FACTOR", "0", "set it to at least 1"),
        ("mail", "MAIL_FOLDER", "/tmp/hunter2", "MAIL_FOLDER and SMTP_HOST are both set"),
        ("mail", "SMTP_TLS", "hunter2", "is none of starttls, implicit and off"),
        ("mail", "SMTP_PORT", "hunter2", "cannot be read"),
        ("mail", "SMTP_USER", "hunter2", "SMTP_PASSWORD is not set, but SMTP_USER is"),
        ("mail", "SMTP_PASSWORD", "hunter2", "SMTP_USER is not set, but SMTP_PASSWORD or"),
        ("mail", "SMTP_PASSWORD_ARN", "hunter2", "is not the ARN of a secret"),
        ("mail", "MAIL_FROM", "Vault <hunter2@example.com>", "is not an e-mail address"),
        ("mail", "WEB_URL", "vault.example.com/hunter2", "is not a URL"),
        ("auth", "REQUIRE_VERIFIED_EMAIL", "1", "cannot be read"),
        ("quota", "DATABASE_AUTH", "kerberos", "is neither password nor iam"),
        (
            "migrate",
            "DATABASE_AUTH",
            "iam",
            "DATABASE_MIGRATE_URL disables TLS, which DATABASE_AUTH=iam requires",
        ),
    ] {
        let mut variables = unreachable_settings(function);
        variables.insert(name, value.to_owned());
        let output = failed_start_output(function, &variables).await;
        assert!(output.contains(name) && output.contains(problem), "{function}: {output}");
        assert!(!output.contains("hunter2"), "{function}: {output}");
    }
}

#[tokio::test]
async fn functions_start_with_the_required_variables_while_every_service_is_down() {
    for function in functions() {
        let mut sandbox = Sandbox::start(&function, &unreachable_settings(&function)).await;
        let outcome = sandbox.invoke(&recorded_event(&function)).await;
        match function.as_str() {
            "cleanup" | "mail" | "migrate" => assert!(outcome.is_err(), "{function}: {outcome:?}"),
            "classify" => {
                let failures = outcome.unwrap()["batchItemFailures"].take();
                assert_eq!(failures.as_array().unwrap().len(), 2, "no message is acknowledged");
            }
            "health" => assert_eq!(outcome.unwrap()["statusCode"], 503),
            _ => assert_eq!(outcome.unwrap()["statusCode"], 401, "{function}"),
        }
        let log = sandbox.wait_for_log("requestId").await;
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["function"], *function, "{line}");
        }
    }
}

#[tokio::test]
async fn each_setting_changes_the_behaviour_that_it_names() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut variables = vault.variables();
    variables.insert("MAX_UPLOAD_BYTES", "48212".into());
    variables.insert("S3_PUBLIC_ENDPOINT", "https://files.example.com".into());
    let event = recorded_event("upload-url").replace("<access token>", &vault.issue_token(alice.user()));
    let event = serde_json::from_str(&event).unwrap();
    assert_eq!(Sandbox::start("upload-url", &variables).await.invoke_http(&event).await.0, 413);
    variables.insert("MAX_UPLOAD_BYTES", "48213".into());
    let (status, upload) = Sandbox::start("upload-url", &variables).await.invoke_http(&event).await;
    assert_eq!(status, 201, "{upload}");
    let url = format!("https://files.example.com/{}/", vault.bucket.name);
    assert!(upload["upload_url"].as_str().unwrap().starts_with(&url), "{upload}");
    variables.insert("MAX_PENDING_UPLOADS", "1".into());
    assert_eq!(Sandbox::start("upload-url", &variables).await.invoke_http(&event).await.0, 429);
}
