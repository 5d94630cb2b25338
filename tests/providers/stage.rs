//! A vault whose documents go to a played provider.

use std::time::Duration;

use docuvault::id::DocumentId;
use serde_json::Value;
use tests::{Client, TestVault};

use crate::played::{Played, Received, Reply};
use crate::wire::Api;

/// What an invoice says.
pub const TEXT: &[u8] = b"Invoice no. 7: 12 EUR for a telescope, payable by the end of the month.";

pub struct Stage {
    pub vault: TestVault,
    pub alice: Client,
    pub played: Played,
}

/// How a classification ended without a result.
#[derive(Debug, PartialEq)]
pub struct Verdict {
    pub code: String,
    /// Whether it was to be tried again.
    pub passing: bool,
    pub message: String,
}

impl Stage {
    /// With system topics Invoices and Contracts, and a topic of Alice's own, Stars.
    pub async fn new(api: Api, answer: impl Fn(&Received) -> Reply + Send + 'static) -> Self {
        Self::on(api, Played::start(answer).await).await
    }

    pub async fn on(api: Api, played: Played) -> Self {
        let mut vault = TestVault::new().await;
        vault.classification.provider = api.name().into();
        vault.classification.model = api.model().into();
        api.locate(&mut vault.classification.providers, &played.url);
        let alice = vault.user().await;
        vault
            .tamper(&format!(
                "insert into topics (id, user_id, name, description) values
                    (gen_random_uuid(), null, 'Invoices', 'what is to be paid'), (gen_random_uuid(), null, 'Contracts', ''),
                    (gen_random_uuid(), '{}', 'Stars', 'astronomy of one''s own')",
                alice.id()
            ))
            .await;
        Self { vault, alice, played }
    }

    /// Has one attempt made at a new document of Alice's; whether it is to be tried again.
    pub async fn attempt(&self, text: &[u8]) -> (DocumentId, bool) {
        let id = self.alice.keep("paper.txt", text).await.document_id;
        let failed = self.vault.classify(&[self.vault.put_event(id).await]).await;
        (id, !failed.is_empty())
    }

    /// A new document of Alice's, classified, as she sees it.
    pub async fn filed(&self, text: &[u8]) -> Value {
        let (id, again) = self.attempt(text).await;
        let document = self.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!((again, &document["status"]), (false, &Value::from("classified")), "{document}");
        document
    }

    /// How a new document of Alice's fails; if it is to be tried again, then at the last attempt.
    pub async fn verdict(&mut self) -> Verdict {
        let (id, passing) = self.attempt(TEXT).await;
        if passing {
            assert_eq!(self.vault.columns(id, &["status"]).await, ["uploaded"]);
            self.vault.age_minutes(120).await;
            self.vault.classification.max_attempts = 2;
            assert!(self.vault.classify(&[self.vault.put_event(id).await]).await.is_empty());
            self.vault.classification.max_attempts = 5;
        }
        let document = self.alice.get(&format!("/api/documents/{id}")).await.expect(200);
        assert_eq!(document["status"], "classification_failed", "{document}");
        assert_eq!(document["topics"], Value::Array(Vec::new()));
        let text = |key: &str| document["failure"][key].as_str().unwrap().to_owned();
        Verdict { code: text("code"), passing, message: text("message") }
    }

    /// The same where no answer may take longer than a moment; an attempt that has no end is told from one that has.
    pub async fn verdict_soon(&mut self) -> Verdict {
        self.vault.classification.providers.timeout = Duration::from_millis(300);
        tokio::time::timeout(Duration::from_secs(20), self.verdict()).await.expect("an end")
    }
}

/// The names of a document's topics.
pub fn topics(document: &Value) -> Vec<&str> {
    document["topics"].as_array().unwrap().iter().map(|topic| topic["name"].as_str().unwrap()).collect()
}
