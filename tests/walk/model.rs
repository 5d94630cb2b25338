//! What the world outside knows: what clients were told and have sent, and which messages are under way.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use tests::{Client, Upload};

use crate::operation::{Bytes, Operation};
use crate::stage::Stage;

/// An upload that was begun at minute m can reach the store until m plus this, however slow it is.
const LATEST_PUT: u32 = 24 * 60 + 10;

/// A document, from its URL on.
pub struct Document {
    /// Whose, by number.
    pub user: usize,
    /// What the client was told.
    pub upload: Upload,
    /// Where its object is.
    pub key: String,
    /// What the client means to store.
    pub meant: Vec<u8>,
    /// Whether the URL admits no other size.
    pub declares_size: bool,
    /// Whether the URL admits no other bytes.
    pub declares_sum: bool,
    /// When, in minutes.
    begun: u32,
}

/// A message under way to `classify`.
#[derive(Clone)]
pub struct Message {
    /// The document that it is about, by number.
    pub document: usize,
    /// Its text.
    pub body: String,
}

/// The world outside.
pub struct Model {
    /// One's documents can be classified, the other's provider does not exist.
    pub users: Vec<Client>,
    /// In the order of their URLs.
    pub documents: Vec<Document>,
    /// In the order of their sending.
    pub messages: Vec<Message>,
    /// What was stored under each key, first and last.
    pub stored: BTreeMap<String, Vec<u8>>,
    /// Minutes that have passed.
    pub clock: u32,
}

impl Model {
    /// Two users, and nothing else. Nobody classifies the second one's documents: they fail once their attempts are used up.
    pub async fn new(stage: &Stage) -> Self {
        let users = vec![stage.vault.user().await, stage.vault.user().await];
        let statement = "update users set ai_provider = 'nobody' where id = $1";
        stage.vault.database.superuser().await.execute(statement, &[&users[1].id()]).await.unwrap();
        for user in &users {
            stage.vault.limit(user.id(), 400).await;
        }
        Self { users, documents: Vec::new(), messages: Vec::new(), stored: BTreeMap::new(), clock: 0 }
    }

    /// Whether it delivers a message of a document that nobody classifies.
    pub fn waits_for_a_provider(&self, operation: Operation) -> bool {
        let Operation::Deliver { message, .. } = operation else { return false };
        self.messages.get(message).is_some_and(|message| self.documents[message.document].user == 1)
    }

    /// A URL was handed out.
    pub fn began(&mut self, user: usize, upload: Upload, declares: (bool, bool), meant: Vec<u8>) {
        let key = upload.key();
        let (declares_size, declares_sum) = declares;
        let begun = self.clock;
        self.documents.push(Document { user, upload, key, meant, declares_size, declares_sum, begun });
    }

    /// Whether a PUT by this document's URL may still arrive.
    pub fn url_is_live(&self, document: usize) -> bool {
        self.clock - self.documents[document].begun <= LATEST_PUT
    }

    /// The number of a document.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.documents.iter().position(|document| document.upload.document_id.to_string() == id)
    }
}

impl Document {
    /// The bytes of a PUT.
    pub fn bytes(&self, which: Bytes) -> Vec<u8> {
        let mut bytes = self.meant.clone();
        match which {
            Bytes::Meant => {}
            Bytes::Others => bytes.iter_mut().for_each(|byte| *byte ^= 1),
            Bytes::More => bytes.extend(b", and more"),
        }
        bytes
    }
}

/// Bytes that no other document has, where there is room for it.
pub fn bytes(document: usize, length: usize) -> Vec<u8> {
    format!("{document} ").into_bytes().into_iter().cycle().take(length).collect()
}

/// As a request declares it.
pub fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
