//! The built program of `classify`, whose providers are configured by environment variables.

use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, Variables, failed_start_output};
use tests::{SecretsManager, TestVault};

use crate::api_formats::{ALL, Api, KEY, topics_answer};
use crate::fake_provider::{FakeProvider, Reply};
use crate::fixture::TEXT;

/// Returns an event with one message.
pub fn event_with(body: &str) -> String {
    let mut event: Value = serde_json::from_str(&recorded_event("classify")).unwrap();
    let records = event["Records"].as_array_mut().unwrap();
    records.truncate(1);
    records[0]["body"] = body.into();
    event.to_string()
}

/// Returns the variables with which the program uses the fake provider, whichever API it speaks.
pub fn variables(vault: &TestVault, api: Api, url: &str) -> Variables {
    let mut variables = vault.variables();
    variables.extend(ALL.into_iter().flat_map(|api| api.variables(url)));
    variables.extend([
        ("DEFAULT_AI_PROVIDER", api.name().to_owned()),
        ("DEFAULT_AI_MODEL", api.model().to_owned()),
        ("SYSTEM_PROMPT", "File it well.".to_owned()),
        ("AI_CONTEXT_TOKENS", "16384".to_owned()),
    ]);
    variables
}

#[tokio::test]
async fn environment_variables_choose_and_configure_the_provider() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.answer(&topics_answer(&[]))).await;
        let vault = TestVault::new().await;
        let id = vault.create_user().await.store_confirmed("paper.txt", TEXT).await.document_id;
        let mut sandbox = Sandbox::start("classify", &variables(&vault, api, &provider.url)).await;
        let answer = sandbox.invoke(&event_with(&vault.put_notification(id).await)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{api:?}");
        let columns = vault.columns(id, &["status", "ai_provider", "ai_model"]).await;
        assert_eq!(columns, ["classified", api.name(), api.model()]);
        let request = provider.only_request();
        assert_eq!(request.line, api.request_line());
        assert_eq!(api.prompts(&request).0, "File it well.");
        assert_eq!(request.headers.values().any(|value| value.contains(KEY)), api != Api::Ollama);
        if api == Api::Ollama {
            assert_eq!(request.body["options"]["num_ctx"], 16_384);
        }
    }
}

/// Returns the variables with which the program uses the fake provider, and reads its key from a server.
fn variables_with_stored_key(
    vault: &TestVault,
    api: Api,
    url: &str,
    secrets: &SecretsManager,
) -> Option<Variables> {
    let mut variables = variables(vault, api, url);
    for other in ALL.into_iter().filter_map(Api::key_arn_variable) {
        variables.remove(other.trim_end_matches("_ARN"));
    }
    secrets.provide(&mut variables, api.key_arn_variable()?);
    // The program needs its own credentials at the store.
    variables.insert("AWS_ACCESS_KEY_ID", vault.queue.aws.credentials.access_key_id().to_owned());
    Some(variables)
}

#[tokio::test]
async fn a_key_in_secrets_manager_is_read_once_and_sent() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.answer(&topics_answer(&[]))).await;
        let (vault, secrets) = (TestVault::new().await, SecretsManager::start(KEY).await);
        let Some(variables) = variables_with_stored_key(&vault, api, &provider.url, &secrets) else {
            continue;
        };
        let alice = vault.create_user().await;
        let mut sandbox = Sandbox::start("classify", &variables).await;
        secrets.wait_for_reads(1).await;
        for _ in 0..2 {
            let id = alice.store_confirmed("paper.txt", TEXT).await.document_id;
            sandbox.invoke(&event_with(&vault.put_notification(id).await)).await.unwrap();
            assert_eq!(vault.columns(id, &["status"]).await, ["classified"], "{api:?}");
        }
        let (name, value) = api.key_header(KEY).unwrap();
        assert_eq!(provider.requests().len(), 2);
        assert!(provider.requests().iter().all(|request| request.headers[name] == value), "{api:?}");
        assert_eq!(secrets.reads(), 1, "{api:?}");
    }
}

#[tokio::test]
async fn a_document_whose_key_cannot_be_read_is_tried_again() {
    let api = Api::Anthropic;
    let provider = FakeProvider::start(move |_| api.answer(&topics_answer(&[]))).await;
    let (vault, secrets) = (TestVault::new().await, SecretsManager::start(KEY).await);
    secrets.refuse(Some("AccessDeniedException"));
    let variables = variables_with_stored_key(&vault, api, &provider.url, &secrets).unwrap();
    let id = vault.create_user().await.store_confirmed("paper.txt", TEXT).await.document_id;
    let event = event_with(&vault.put_notification(id).await);
    let mut sandbox = Sandbox::start("classify", &variables).await;
    let answer = sandbox.invoke(&event).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    let log = sandbox.wait_for_log("an attempt to classify a document failed").await;
    let why = "the provider is not configured (the key of anthropic cannot be read)";
    assert!(log.contains(why) && log.contains("ANTHROPIC_API_KEY_ARN"), "{log}");
    assert_eq!(provider.requests().len(), 0);
    secrets.refuse(None);
    vault.age_minutes(3).await;
    assert_eq!(sandbox.invoke(&event).await.unwrap()["batchItemFailures"], json!([]));
    assert_eq!(vault.columns(id, &["status"]).await, ["classified"]);
}

#[tokio::test]
async fn requests_to_a_provider_and_its_answers_are_not_logged() {
    for api in ALL {
        let provider = FakeProvider::start(move |_| api.error(401, "")).await;
        let vault = TestVault::new().await;
        let id = vault.create_user().await.store_confirmed("a telescope's.txt", TEXT).await.document_id;
        let mut variables = variables(&vault, api, &provider.url);
        variables.insert("LOG_LEVEL", "trace".into());
        let mut sandbox = Sandbox::start("classify", &variables).await;
        sandbox.invoke(&event_with(&vault.put_notification(id).await)).await.unwrap();
        let log = sandbox.wait_for_log("attempt to classify").await;
        assert!(log.contains("provider_unauthorized") && log.contains(api.name()), "{log}");
        for secret in [KEY, "telescope", "an invoice", "File it well", &provider.url] {
            assert!(!log.contains(secret), "{api:?}: {secret}: {log}");
        }
    }
}

#[tokio::test]
async fn an_invalid_setting_stops_the_program_and_names_the_variable_but_not_the_value() {
    let vault = TestVault::new().await;
    for (name, value) in [
        ("OLLAMA_BASE_URL", "hunter2.example.com:11434"),
        ("OPENAI_BASE_URL", "ftp://hunter2@example.com"),
        ("ANTHROPIC_BASE_URL", "https://example.com?key=hunter2"),
        ("BEDROCK_ENDPOINT", "http:// hunter2"),
        ("AI_TIMEOUT_SECONDS", "0"),
        ("AI_TIMEOUT_SECONDS", "56"),
        ("AI_CONTEXT_TOKENS", "many"),
    ] {
        let mut variables = vault.variables();
        variables.insert(name, value.into());
        let output = failed_start_output("classify", &variables).await;
        assert!(output.contains(name) && !output.contains("hunter2"), "{output}");
    }
}

#[tokio::test]
async fn a_document_whose_function_was_killed_is_classified_after_its_lease() {
    let api = Api::OpenAi;
    let provider = FakeProvider::start(|_| Reply::NoAnswer).await;
    let vault = TestVault::new().await;
    let id = vault.create_user().await.store_confirmed("paper.txt", TEXT).await.document_id;
    let body = event_with(&vault.put_notification(id).await);
    let variables = variables(&vault, api, &provider.url);
    let mut sandbox = Sandbox::start("classify", &variables).await;
    let pid = sandbox.id().to_string();
    let killed = async {
        while provider.requests().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // Blocks until the signal is sent, so that `invoke` does not see the program end first.
        assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    };
    tokio::select! {
        answer = sandbox.invoke(&body) => panic!("answered: {answer:?}"),
        () = killed => {}
    }
    drop(sandbox);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("uploaded"), json!(1)]);
    provider.answer_with(move |_| api.answer(&topics_answer(&[])));
    vault.age_minutes(3).await;
    let mut sandbox = Sandbox::start("classify", &variables).await;
    assert_eq!(sandbox.invoke(&body).await.unwrap()["batchItemFailures"], json!([]));
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(2)]);
}
