//! A vault whose documents go to a fake provider.

use std::time::Duration;

use docuvault::id::DocumentId;
use serde_json::Value;
use tests::{Client, TestVault};

use crate::api_formats::Api;
use crate::fake_provider::{FakeProvider, ReceivedRequest, Reply};

/// The text of a document.
pub const TEXT: &[u8] = b"Invoice no. 7: 12 EUR for a telescope, payable by the end of the month.";

pub struct Fixture {
    pub vault: TestVault,
    pub alice: Client,
    pub provider: FakeProvider,
}

/// A failed classification.
#[derive(Debug, PartialEq)]
pub struct Failure {
    pub code: String,
    /// Whether it was retried before it failed.
    pub retried: bool,
    pub message: String,
}

impl Fixture {
    /// Creates a vault with the system topics Invoices and Contracts, and with Alice, who has the own topic
    /// Stars.
    pub async fn new(api: Api, answer: impl Fn(&ReceivedRequest) -> Reply + Send + 'static) -> Self {
        Self::with_provider(api, FakeProvider::start(answer).await).await
    }

    pub async fn with_provider(api: Api, provider: FakeProvider) -> Self {
        let mut vault = TestVault::new().await;
        vault.classification.provider = api.name().into();
        vault.classification.model = api.model().into();
        api.configure(&mut vault.classification.providers, &provider.url);
        let alice = vault.create_user().await;
        vault
            .tamper(&format!(
                "insert into topics (id, user_id, name, description) values
                    (gen_random_uuid(), null, 'Invoices', 'what is to be paid'), (gen_random_uuid(), null, 'Contracts', ''),
                    (gen_random_uuid(), '{}', 'Stars', 'astronomy of one''s own')",
                alice.id()
            ))
            .await;
        Self { vault, alice, provider }
    }

    /// Makes one attempt to classify a new document. Returns its id, and whether it is to be tried again.
    pub async fn attempt_classification(&self, text: &[u8]) -> (DocumentId, bool) {
        let id = self.alice.store_confirmed("paper.txt", text).await.document_id;
        let failed = self.vault.classify(&[self.vault.put_notification(id).await]).await;
        (id, !failed.is_empty())
    }

    /// Classifies a new document, which must succeed. Returns the document as the API shows it.
    pub async fn classify(&self, text: &[u8]) -> Value {
        let (id, again) = self.attempt_classification(text).await;
        let document = self.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!((again, &document["status"]), (false, &Value::from("classified")), "{document}");
        document
    }

    /// Classifies a new document, which must fail. If the first attempt is to be tried again, makes a last
    /// one.
    pub async fn expect_failure(&mut self) -> Failure {
        let (id, retried) = self.attempt_classification(TEXT).await;
        if retried {
            assert_eq!(self.vault.columns(id, &["status"]).await, ["uploaded"]);
            self.vault.age_minutes(120).await;
            self.vault.classification.max_attempts = 2;
            assert!(self.vault.classify(&[self.vault.put_notification(id).await]).await.is_empty());
            self.vault.classification.max_attempts = 5;
        }
        let document = self.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!(document["status"], "classification_failed", "{document}");
        assert_eq!(document["topics"], Value::Array(Vec::new()));
        let text = |key: &str| document["failure"][key].as_str().unwrap().to_owned();
        Failure { code: text("code"), retried, message: text("message") }
    }

    /// Like `expect_failure`, with a timeout of 300 ms for an answer. Panics if this takes more than 20 s.
    pub async fn expect_failure_with_short_timeout(&mut self) -> Failure {
        self.vault.classification.providers.timeout = Duration::from_millis(300);
        tokio::time::timeout(Duration::from_secs(20), self.expect_failure())
            .await
            .expect("the classification does not end")
    }
}

/// Returns the names of a document's topics.
pub fn topics(document: &Value) -> Vec<&str> {
    document["topics"].as_array().unwrap().iter().map(|topic| topic["name"].as_str().unwrap()).collect()
}
