//! Images of documents without text, in the form of each API.

use std::fs::Permissions;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use docuvault::config::Images;
use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::hostile::pdf;
use tests::metrics::{NAMESPACE, sum_metrics};
use tests::sandbox::{Sandbox, Variables};
use tests::{TestVault, extractor};

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::{FakeProvider, ReceivedRequest, Reply};
use crate::fixture::{Fixture, TEXT, topics};
use crate::program::{event_with, variables};

const NO_IMAGE: &str = "no image of a document fits the window of its model";

/// A provider whose model reads images.
async fn fixture(api: Api, images: Images) -> Fixture {
    let mut fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[("Invoices", 1.0)]))).await;
    fixture.vault.classification.images = images;
    // On a busy machine, drawing takes long. Images that come too late are left out.
    fixture.vault.extractor.timeout = Duration::from_secs(600);
    if api == Api::OpenAi {
        fixture.vault.classification.model = "gpt-4o".into();
    }
    if api == Api::Ollama {
        fixture.vault.classification.model = "llama3.2-vision".into();
        fixture.vault.classification.providers.context_tokens = NonZeroU32::new(32_768);
    }
    fixture
}

/// The images of a request, without what stands around them.
fn images(api: Api, request: &ReceivedRequest) -> Vec<Value> {
    let list = |pointer: &str| request.body.pointer(pointer).and_then(Value::as_array).cloned();
    let parts = match api {
        Api::Ollama => return list("/messages/1/images").unwrap_or_default(),
        Api::OpenAi => list("/messages/1/content"),
        Api::Anthropic | Api::Bedrock => list("/messages/0/content"),
    };
    let parts = parts.unwrap_or_default();
    parts.into_iter().filter(|part| part.get("text").is_none()).collect()
}

/// An image as the API has to be sent it.
fn is_image(api: Api, image: &Value) -> bool {
    let (pointer, prefix) = match api {
        Api::Ollama => ("", ""),
        Api::OpenAi => ("/image_url/url", "data:image/jpeg;base64,"),
        Api::Anthropic => ("/source/data", ""),
        Api::Bedrock => ("/image/source/bytes", ""),
    };
    let around = match api {
        Api::Ollama => true,
        Api::OpenAi => image["type"] == "image_url",
        Api::Anthropic => {
            image["type"] == "image"
                && image["source"]["type"] == "base64"
                && image["source"]["media_type"] == "image/jpeg"
        }
        Api::Bedrock => image["image"]["format"] == "jpeg",
    };
    let data = image.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    // The beginning of a JPEG file in base64.
    around && data.strip_prefix(prefix).is_some_and(|data| data.starts_with("/9j/"))
}

#[tokio::test]
async fn each_api_gets_the_first_pages_of_a_scan_in_its_own_form() {
    let mut broken = Vec::new();
    for api in ALL {
        let fixture = fixture(api, Images::WhenNoText).await;
        fixture.classify(&pdf::with_scans(0, 5)).await;
        let request = fixture.provider.only_request();
        let sent = images(api, &request);
        assert!(request.body.to_string().contains("Images show it, or its first pages."), "{api:?}");
        let content = request.body["messages"][usize::from(api == Api::OpenAi)]["content"].as_array();
        let text_is_last = content.is_none_or(|parts| parts.last().unwrap().get("text").is_some());
        if sent.len() != 3 || !text_is_last || !sent.iter().all(|image| is_image(api, image)) {
            broken.push(api);
        }
    }
    assert_eq!(broken, []);
}

#[tokio::test]
async fn a_document_says_how_many_images_its_model_got() {
    let fixture = fixture(Api::OpenAi, Images::WhenNoText).await;
    let document = fixture.classify(&pdf::with_scans(0, 2)).await;
    let shown = &document["classification"];
    assert_eq!((&shown["images_sent"], &shown["without_text"]), (&json!(2), &json!("no_text")));
}

#[tokio::test]
async fn no_image_is_sent_of_a_document_with_text_or_if_images_are_never_sent() {
    for api in ALL {
        for (setting, document) in [
            (Images::Never, pdf::with_scans(0, 5)),
            (Images::WhenNoText, pdf::with_scans(7, 3)),
            (Images::WhenNoText, TEXT.to_vec()),
        ] {
            let fixture = fixture(api, setting).await;
            let document = fixture.classify(&document).await;
            assert_eq!(images(api, &fixture.provider.only_request()), [] as [Value; 0], "{api:?}");
            assert_eq!(document["classification"]["images_sent"], 0);
        }
    }
}

#[tokio::test]
async fn a_model_that_is_not_known_to_read_images_gets_none() {
    for (api, model) in [(Api::Ollama, "llama3.2"), (Api::OpenAi, "gpt-4"), (Api::OpenAi, "of-ones-own")] {
        let mut fixture = fixture(api, Images::WhenNoText).await;
        fixture.vault.classification.model = model.into();
        let document = fixture.classify(&pdf::with_scans(0, 1)).await;
        assert_eq!(images(api, &fixture.provider.only_request()), [] as [Value; 0], "{model}");
        assert_eq!(document["classification"]["images_sent"], 0);
    }
}

#[tokio::test]
async fn only_so_many_images_are_sent_as_fit_the_window() {
    let mut fixture = fixture(Api::Ollama, Images::WhenNoText).await;
    fixture.vault.classification.providers.context_tokens = NonZeroU32::new(8_192);
    let document = fixture.classify(&pdf::with_scans(0, 5)).await;
    assert_eq!(images(Api::Ollama, &fixture.provider.only_request()).len(), 1);
    assert_eq!(document["classification"]["images_sent"], 1);
}

/// The ways in which an API refuses a request for good.
fn refusals(api: Api) -> Vec<Reply> {
    let reason = match api {
        Api::Ollama => None,
        Api::OpenAi => Some("content_filter"),
        Api::Anthropic => Some("refusal"),
        Api::Bedrock => Some("guardrail_intervened"),
    };
    let refusal = reason.map(|reason| api.incomplete_answer("I see a face.", reason));
    [api.error(400, ""), api.error(413, "")].into_iter().chain(refusal).collect()
}

#[tokio::test]
async fn a_provider_that_refuses_images_is_asked_once_more_without_them() {
    for api in ALL {
        for refusal in refusals(api) {
            let fixture = fixture(api, Images::WhenNoText).await;
            let refused = refusal.clone();
            fixture.provider.answer_with(move |request| match images(api, request).len() {
                0 => api.answer(&topics_answer(&[("Invoices", 1.0)])),
                _ => refused.clone(),
            });
            let document = fixture.classify(&pdf::with_scans(0, 2)).await;
            let requests = fixture.provider.requests();
            let sent: Vec<_> = requests.iter().map(|request| images(api, request).len()).collect();
            assert_eq!(sent, [2, 0], "{api:?}: {refusal:?}");
            assert!(requests[1].raw.contains("has no text: go by its filename"), "{api:?}");
            // The provider that refused the images had got them.
            assert_eq!(document["classification"]["images_sent"], 2);
            assert_eq!(topics(&document), ["Invoices"]);
        }
    }
}

#[tokio::test]
async fn a_document_that_is_refused_without_images_too_fails_and_says_how_many_were_sent() {
    for api in ALL {
        let fixture = fixture(api, Images::WhenNoText).await;
        let scan = pdf::with_scans(0, 2);
        let (id, _) = fixture.attempt_classification(&scan).await;
        let classified = fixture.vault.columns(id, &["images_sent", "failure_images_sent"]).await;
        assert_eq!(classified, [json!(2), Value::Null], "{api:?}");
        fixture.provider.answer_with(move |_| api.error(400, ""));
        let path = format!("/api/documents/{id}/classify");
        fixture.alice.send("POST", &path, None).await.expect(202);
        let notification = fixture.vault.put_notification(id).await;
        assert!(fixture.vault.classify(std::slice::from_ref(&notification)).await.is_empty());
        let document = fixture.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!(document["failure"]["code"], "provider_rejected", "{api:?}");
        assert_eq!((&document["failure"]["images_sent"], fixture.provider.requests().len()), (&json!(2), 3));
        fixture.alice.send("POST", &path, None).await.expect(202);
        assert_eq!(fixture.vault.columns(id, &["failure_images_sent"]).await, [Value::Null]);
    }
}

#[tokio::test]
async fn a_failure_that_is_no_refusal_says_how_many_images_were_sent_and_asks_no_second_question() {
    let mut fixture = fixture(Api::Bedrock, Images::WhenNoText).await;
    fixture.provider.answer_with(|_| Api::Bedrock.error(503, ""));
    fixture.vault.classification.max_attempts = 1;
    let (id, _) = fixture.attempt_classification(&pdf::with_scans(0, 5)).await;
    fixture.provider.only_request();
    let columns = fixture.vault.columns(id, &["failure_code", "failure_images_sent"]).await;
    assert_eq!(columns, [json!("provider_unavailable"), json!(3)]);
    let (id, _) = fixture.attempt_classification(TEXT).await;
    assert_eq!(fixture.vault.columns(id, &["failure_images_sent"]).await, [json!(0)]);
}

#[tokio::test]
async fn names_of_topics_that_leave_no_room_for_images_do_not_make_the_document_fail() {
    let mut fixture = fixture(Api::Ollama, Images::WhenNoText).await;
    fixture.vault.classification.providers.context_tokens = NonZeroU32::new(8_192);
    let topics = "insert into topics (id, name)
        select gen_random_uuid(), 'TOPIC-' || lpad(n::text, 3, '0') || repeat('-', 31) from generate_series(1, 100) n";
    fixture.vault.tamper(topics).await;
    let document = fixture.classify(&pdf::with_scans(0, 1)).await;
    assert_eq!(images(Api::Ollama, &fixture.provider.only_request()), [] as [Value; 0]);
    assert_eq!(document["classification"]["images_sent"], 0);
}

#[tokio::test]
async fn both_questions_about_a_document_share_the_time_for_one() {
    const API: Api = Api::OpenAi;
    let mut fixture = fixture(API, Images::WhenNoText).await;
    fixture.vault.classification.providers.timeout = Duration::from_secs(6);
    let first_asked = Arc::new(OnceLock::new());
    let asked = Arc::clone(&first_asked);
    fixture.provider.answer_with(move |request| {
        asked.get_or_init(Instant::now);
        match images(API, request).len() {
            0 => Reply::NoAnswer,
            _ => Reply::Late(Duration::from_secs(4), API.error(400, "").into()),
        }
    });
    let (id, again) = fixture.attempt_classification(&pdf::with_scans(0, 1)).await;
    let waited = first_asked.get().unwrap().elapsed();
    assert_eq!((again, fixture.provider.requests().len()), (true, 2));
    assert!(waited < Duration::from_secs(9), "{waited:?}");
    assert_eq!(fixture.vault.columns(id, &["status"]).await, ["uploaded"]);
}

/// A folder with a program that notes its arguments, and then runs `classify` with them.
struct NotingReader(PathBuf);

impl NotingReader {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("reader-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        let (note, program) = (folder.join("arguments"), extractor().program);
        let (note, program) = (note.display(), program.display());
        let script = format!("#!/bin/sh\necho \"$@\" >> '{note}'\nexec '{program}' \"$@\"\n");
        std::fs::write(folder.join("reader"), script).unwrap();
        std::fs::set_permissions(folder.join("reader"), Permissions::from_mode(0o700)).unwrap();
        Self(folder)
    }
}

impl Drop for NotingReader {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn images_are_made_only_if_the_model_of_the_document_reads_them() {
    for (provider, model, draws) in [
        ("builtin", "gpt-4o", false),
        ("openai", "gpt-4", false),
        ("openai", "of-ones-own", false),
        ("openai", "gpt-4o", true),
    ] {
        let mut fixture = fixture(Api::OpenAi, Images::WhenNoText).await;
        fixture.vault.classification.provider = provider.into();
        fixture.vault.classification.model = model.into();
        let reader = NotingReader::new();
        fixture.vault.extractor.program = reader.0.join("reader");
        fixture.classify(&pdf::with_scans(0, 1)).await;
        let started = std::fs::read_to_string(reader.0.join("arguments")).unwrap();
        let expected = if draws { "extract draw" } else { "extract" };
        assert!(started.lines().all(|line| line == expected), "{provider}/{model}: {started}");
    }
}

/// Has the program of `classify` classify these documents. Returns its log.
async fn classify_by_program(vault: &TestVault, variables: &Variables, documents: &[Vec<u8>]) -> String {
    let (alice, mut sandbox) = (vault.create_user().await, Sandbox::start("classify", variables).await);
    for document in documents {
        let id = alice.store_confirmed("paper", document).await.document_id;
        sandbox.invoke(&event_with(&vault.put_notification(id).await)).await.unwrap();
    }
    // The last line of this event comes after all lines of the others.
    sandbox.invoke(&recorded_event("classify-test-event")).await.unwrap();
    sandbox.wait_for_log("a message was ignored").await
}

#[tokio::test]
async fn both_questions_about_a_document_count() {
    const API: Api = Api::Anthropic;
    let provider = FakeProvider::start(|request| match images(API, request).len() {
        0 => API.answer(&topics_answer(&[])),
        _ => API.incomplete_answer("I see a face.", "refusal"),
    })
    .await;
    let vault = TestVault::new().await;
    let mut variables = variables(&vault, API, &provider.url);
    variables.insert("CLASSIFY_IMAGES", "when_no_text".into());
    variables.insert("METRICS_NAMESPACE", NAMESPACE.into());
    let log = classify_by_program(&vault, &variables, &[pdf::with_scans(0, 1)]).await;
    let sums = sum_metrics(&log);
    let counted = ["provider_errors", "input_tokens", "output_tokens"].map(|name| sums[name]);
    assert_eq!((counted, log.contains(NO_IMAGE)), ([1, 52, 16], false), "{log}");
}

#[tokio::test]
async fn images_that_do_not_fit_the_window_are_logged_once_for_each_document() {
    const API: Api = Api::Ollama;
    let provider = FakeProvider::start(|_| API.answer(&topics_answer(&[]))).await;
    let vault = TestVault::new().await;
    let mut variables = variables(&vault, API, &provider.url);
    for (name, value) in [
        ("CLASSIFY_IMAGES", "when_no_text"),
        ("DEFAULT_AI_MODEL", "llava:13b"),
        ("AI_CONTEXT_TOKENS", "8192"),
    ] {
        variables.insert(name, value.into());
    }
    let documents = [pdf::with_scans(0, 1), TEXT.to_vec()];
    let log = classify_by_program(&vault, &variables, &documents).await;
    assert_eq!(log.matches(NO_IMAGE).count(), 1, "{log}");
}

#[tokio::test]
async fn a_function_sends_images_only_if_its_setting_says_so() {
    const API: Api = Api::Anthropic;
    for (setting, sent) in [(None, 0), (Some("never"), 0), (Some("when_no_text"), 1)] {
        let provider = FakeProvider::start(|_| API.answer(&topics_answer(&[]))).await;
        let vault = TestVault::new().await;
        let scan = vault.create_user().await.store_confirmed("scan.pdf", &pdf::with_scans(0, 1)).await;
        let mut variables = variables(&vault, API, &provider.url);
        variables.extend(setting.map(|word| ("CLASSIFY_IMAGES", word.to_owned())));
        let mut sandbox = Sandbox::start("classify", &variables).await;
        let message = vault.put_notification(scan.document_id).await;
        let answer = sandbox.invoke(&event_with(&message)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        assert_eq!(images(API, &provider.only_request()).len(), sent, "{setting:?}");
    }
}
