//! The built program of `classify`, whose providers are configured by environment variables.

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::sandbox::{Sandbox, Variables, failed_start_output};

use crate::api_formats::{ALL, Api, KEY, topics_answer};
use crate::fake_provider::{FakeProvider, Reply};
use crate::fixture::TEXT;

/// Returns an event with one message.
fn event_with(body: &str) -> String {
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
        let log = sandbox.wait_for_log("not classified").await;
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
