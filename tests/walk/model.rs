//! A model of the clients and the queue: what the clients know and have sent, and the messages that have not
//! arrived.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use tests::{Client, Upload};

use crate::fixture::Fixture;
use crate::operation::{Bytes, Operation};

/// The time after the beginning of an upload until which a slow PUT can still reach the store, in minutes.
const LATEST_PUT: u32 = 24 * 60 + 10;

/// A document whose upload URL a client got.
pub struct Document {
    /// The number of the owner.
    pub user: usize,
    /// The response to the request for an upload URL.
    pub upload: Upload,
    /// The object key.
    pub key: String,
    /// The bytes that the client declares and wants to store.
    pub declared_bytes: Vec<u8>,
    /// Whether the URL accepts only the declared size.
    pub declares_size: bool,
    /// Whether the URL accepts only the declared bytes.
    pub declares_sha256: bool,
    /// The time when the upload was begun, in minutes of the model's clock.
    begun: u32,
}

/// A message to `classify` that has not arrived.
#[derive(Clone)]
pub struct Message {
    /// The number of the document that it is about.
    pub document: usize,
    /// The message's body.
    pub body: String,
}

/// The clients and the messages.
pub struct Model {
    /// Two users. The provider of the second one does not exist.
    pub users: Vec<Client>,
    /// Documents in the order in which their uploads were begun.
    pub documents: Vec<Document>,
    /// Messages in the order in which they were sent.
    pub messages: Vec<Message>,
    /// The bytes that were stored under each key.
    pub stored: BTreeMap<String, Vec<u8>>,
    /// The minutes that have passed in the walk.
    pub clock: u32,
}

impl Model {
    /// Creates two users. The second one's provider does not exist: that user's documents fail when their
    /// attempts are used up.
    pub async fn new(fixture: &Fixture) -> Self {
        let users = vec![fixture.vault.create_user().await, fixture.vault.create_user().await];
        let statement = "update users set ai_provider = 'nobody' where id = $1";
        fixture.vault.database.superuser().await.execute(statement, &[&users[1].id()]).await.unwrap();
        for user in &users {
            fixture.vault.set_limit(user.id(), 400).await;
        }
        Self { users, documents: Vec::new(), messages: Vec::new(), stored: BTreeMap::new(), clock: 0 }
    }

    /// Returns whether the operation delivers a message about a document whose provider does not exist.
    pub fn has_unknown_provider(&self, operation: Operation) -> bool {
        let Operation::Deliver { message, .. } = operation else { return false };
        self.messages.get(message).is_some_and(|message| self.documents[message.document].user == 1)
    }

    /// Records an upload URL that a client got.
    pub fn record_upload(
        &mut self,
        user: usize,
        upload: Upload,
        declares: (bool, bool),
        declared_bytes: Vec<u8>,
    ) {
        let key = upload.key();
        let (declares_size, declares_sha256) = declares;
        let begun = self.clock;
        self.documents.push(Document {
            user,
            upload,
            key,
            declared_bytes,
            declares_size,
            declares_sha256,
            begun,
        });
    }

    /// Returns whether a PUT by this document's URL can still reach the store.
    pub fn has_live_url(&self, document: usize) -> bool {
        self.clock - self.documents[document].begun <= LATEST_PUT
    }

    /// Returns the number of the document with this id.
    pub fn document_number(&self, id: &str) -> Option<usize> {
        self.documents.iter().position(|document| document.upload.document_id.to_string() == id)
    }
}

impl Document {
    /// Returns the bytes that a PUT sends.
    pub fn bytes(&self, which: Bytes) -> Vec<u8> {
        let mut bytes = self.declared_bytes.clone();
        match which {
            Bytes::Declared => {}
            Bytes::Others => bytes.iter_mut().for_each(|byte| *byte ^= 1),
            Bytes::More => bytes.extend(b", and more"),
        }
        bytes
    }
}

/// Bytes of this length that differ between documents, if the length allows it.
pub fn distinct_bytes(document: usize, length: usize) -> Vec<u8> {
    format!("{document} ").into_bytes().into_iter().cycle().take(length).collect()
}

/// Returns the SHA-256 in the form in which a request declares it.
pub fn declared_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
