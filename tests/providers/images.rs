//! Images of documents without text, in the form of each API.

use std::num::NonZeroU32;
use std::time::Duration;

use docuvault::config::Images;
use serde_json::{Value, json};
use tests::TestVault;
use tests::hostile::pdf;
use tests::sandbox::Sandbox;

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::{FakeProvider, ReceivedRequest};
use crate::fixture::{Fixture, TEXT};
use crate::program::{event_with, variables};

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
