//! The built program, which knows its providers from its environment.

use serde_json::{Value, json};
use tests::TestVault;
use tests::runtime::{Sandbox, Variables, last_words, recorded};

use crate::played::{Played, Reply};
use crate::stage::TEXT;
use crate::wire::{ALL, Api, KEY, filed};

/// A batch of one message.
fn event(body: &str) -> String {
    let mut event: Value = serde_json::from_str(&recorded("classify")).unwrap();
    let records = event["Records"].as_array_mut().unwrap();
    records.truncate(1);
    records[0]["body"] = body.into();
    event.to_string()
}

/// What the program needs to find the played provider.
pub fn variables(vault: &TestVault, api: Api, url: &str) -> Variables {
    let mut variables = vault.variables();
    variables.extend([
        ("DEFAULT_AI_PROVIDER", api.name().to_owned()),
        ("DEFAULT_AI_MODEL", api.model().to_owned()),
        ("OLLAMA_BASE_URL", format!("{url}/")),
        ("OPENAI_BASE_URL", format!("{url}/v1")),
        ("OPENAI_API_KEY", KEY.to_owned()),
        ("ANTHROPIC_BASE_URL", url.to_owned()),
        ("ANTHROPIC_API_KEY", KEY.to_owned()),
        ("BEDROCK_ENDPOINT", url.to_owned()),
        ("AWS_BEARER_TOKEN_BEDROCK", KEY.to_owned()),
        ("SYSTEM_PROMPT", "File it well.".to_owned()),
        ("AI_CONTEXT_TOKENS", "16384".to_owned()),
    ]);
    variables
}

#[tokio::test]
async fn a_provider_is_chosen_and_found_by_the_environment_alone() {
    for api in ALL {
        let played = Played::start(move |_| api.says(&filed(&[]))).await;
        let vault = TestVault::new().await;
        let id = vault.user().await.keep("paper.txt", TEXT).await.document_id;
        let mut sandbox = Sandbox::start("classify", &variables(&vault, api, &played.url)).await;
        let answer = sandbox.invoke(&event(&vault.put_event(id).await)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "{api:?}");
        let columns = vault.columns(id, &["status", "ai_provider", "ai_model"]).await;
        assert_eq!(columns, ["classified", api.name(), api.model()]);
        let request = played.only();
        assert_eq!(request.line, api.line());
        assert_eq!(api.prompts(&request).0, "File it well.");
        assert_eq!(request.headers.values().any(|value| value.contains(KEY)), api != Api::Ollama);
        if api == Api::Ollama {
            assert_eq!(request.body["options"]["num_ctx"], 16_384);
        }
    }
}

#[tokio::test]
async fn nothing_of_what_is_said_to_a_provider_or_by_it_is_logged() {
    for api in ALL {
        let played = Played::start(move |_| api.fails(401, "")).await;
        let vault = TestVault::new().await;
        let id = vault.user().await.keep("a telescope's.txt", TEXT).await.document_id;
        let mut variables = variables(&vault, api, &played.url);
        variables.insert("LOG_LEVEL", "trace".into());
        let mut sandbox = Sandbox::start("classify", &variables).await;
        sandbox.invoke(&event(&vault.put_event(id).await)).await.unwrap();
        let log = sandbox.log("not classified").await;
        assert!(log.contains("provider_unauthorized") && log.contains(api.name()), "{log}");
        for secret in [KEY, "telescope", "an invoice", "File it well", &played.url] {
            assert!(!log.contains(secret), "{api:?}: {secret}: {log}");
        }
    }
}

#[tokio::test]
async fn a_setting_that_is_none_stops_the_program_with_its_variable_and_not_its_value() {
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
        let said = last_words("classify", &variables).await;
        assert!(said.contains(name) && !said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn a_document_whose_function_was_killed_is_taken_up_by_another_after_its_lease() {
    let api = Api::OpenAi;
    let played = Played::start(|_| Reply::Silence).await;
    let vault = TestVault::new().await;
    let id = vault.user().await.keep("paper.txt", TEXT).await.document_id;
    let body = event(&vault.put_event(id).await);
    let variables = variables(&vault, api, &played.url);
    let mut sandbox = Sandbox::start("classify", &variables).await;
    let pid = sandbox.id().to_string();
    let killed = async {
        while played.received().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // At once: the end of the program must not be noticed before that of what ends it.
        assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    };
    tokio::select! {
        answer = sandbox.invoke(&body) => panic!("answered: {answer:?}"),
        () = killed => {}
    }
    drop(sandbox);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("uploaded"), json!(1)]);
    played.set(move |_| api.says(&filed(&[])));
    vault.age_minutes(3).await;
    let mut sandbox = Sandbox::start("classify", &variables).await;
    assert_eq!(sandbox.invoke(&body).await.unwrap()["batchItemFailures"], json!([]));
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(2)]);
}
