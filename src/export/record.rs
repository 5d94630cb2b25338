//! The records of an export. Their fields have the names of the columns in the database. A column that no
//! record has is not exported: `tests/api/export.rs` lists those, with the reasons.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::document::Download;
use crate::id::{DocumentId, MailId, PasskeyId, SessionId, TopicId, UserId};
use crate::role::Role;
use crate::timestamp::{read, read_or_null, write_utc, write_utc_or_null};

/// An account, with everything about it that is kept once.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedAccount {
    /// The account's id.
    pub id: UserId,
    /// The e-mail address.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub email: String,
    /// The account's role.
    pub role: Role,
    /// False if an administrator has deactivated the account.
    #[schema(examples(true))]
    pub active: bool,
    /// True if the password is a temporary one.
    #[schema(examples(false))]
    pub password_must_change: bool,
    /// The time from which on the temporary password is refused; null if the password does not expire.
    #[schema(required, examples("2026-02-03T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub password_expires_at: Option<OffsetDateTime>,
    /// The language of mails to the account.
    #[schema(examples("en"))]
    pub language: String,
    /// True if nobody has confirmed the e-mail address since the registration, although that is demanded.
    #[schema(examples(false))]
    pub unverified: bool,
    /// The e-mail address that the account gets once it is confirmed; null if no change is under way.
    #[schema(required, format = Email, max_length = 254, examples("ada@example.org"))]
    pub new_email: Option<String>,
    /// True if a login needs a second factor.
    #[schema(examples(false))]
    pub totp_enabled: bool,
    /// The number of backup codes that were not used.
    #[schema(minimum = 0, maximum = 10, examples(10))]
    pub backup_codes_left: i64,
    /// The time step of the code that was accepted last, in units of 30 seconds since 1970; null if there was
    /// none.
    #[schema(required, examples(59_000_000))]
    pub last_totp_step: Option<i64>,
    /// The provider that classifies the account's documents; null for the default.
    #[schema(required, examples("ollama"))]
    pub ai_provider: Option<String>,
    /// The model that classifies the account's documents; null for the default.
    #[schema(required, examples("llama3.2"))]
    pub ai_model: Option<String>,
    /// The time at which the account was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the newest login; null if there was none.
    #[schema(required, examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub last_login_at: Option<OffsetDateTime>,
    /// The quota; null if the account has none.
    #[schema(required)]
    pub quota: Option<ExportedQuota>,
}

/// The quota of an account.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedQuota {
    /// The sum of the sizes of the confirmed documents, in bytes.
    #[schema(minimum = 0, examples(56))]
    pub used_bytes: i64,
    /// The limit of that sum, in bytes.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
}

/// A document, or an upload that is not confirmed.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct ExportedDocument {
    /// The document's id.
    pub id: DocumentId,
    /// The file's name, exactly as it was uploaded.
    #[schema(max_length = 255, examples("invoice.pdf"))]
    pub filename: String,
    /// The media type that was declared for the upload.
    #[schema(max_length = 255, examples("application/pdf"))]
    pub content_type: String,
    /// The size in bytes. While the document is `pending`, it is the declared size, or null if none was
    /// declared.
    #[schema(required, minimum = 0, examples(56))]
    pub size_bytes: Option<i64>,
    /// The SHA-256 that was declared for the upload; null if none was declared.
    #[schema(
        required,
        pattern = "^[0-9a-f]{64}$",
        examples("5ffa8aff235214c92bfec5dcc54129187cfdf0fabe16b62011dce198b492c6b6")
    )]
    pub sha256: Option<String>,
    /// The name of the store that has the file.
    #[schema(examples("s3"))]
    pub storage_backend: String,
    /// The document's status.
    #[schema(examples("classified"))]
    pub status: String,
    /// The time at which the upload URL was requested.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time at which the upload URL expired, or will expire.
    #[schema(examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub url_expires_at: OffsetDateTime,
    /// The time at which the store has announced the upload; null if it has not.
    #[schema(required, examples("2026-01-31T09:30:03.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub event_at: Option<OffsetDateTime>,
    /// The time at which the upload was confirmed; null while the document is `pending`.
    #[schema(required, examples("2026-01-31T09:30:04.512340Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub confirmed_at: Option<OffsetDateTime>,
    /// The number of attempts to classify the document since it was last asked for.
    #[schema(examples(1))]
    pub attempts: i32,
    /// The code of the failure, if the classification failed.
    #[schema(required, examples("provider_timeout"))]
    pub failure_code: Option<String>,
    /// The description of the failure.
    #[schema(required, examples("the provider did not answer in time"))]
    pub failure_message: Option<String>,
    /// The provider that was asked when the classification failed.
    #[schema(required, examples("ollama"))]
    pub failure_provider: Option<String>,
    /// The model that was asked when the classification failed.
    #[schema(required, examples("llama3.2"))]
    pub failure_model: Option<String>,
    /// The number of images of the document that were sent to that provider; null if none was asked, or if it
    /// was not recorded.
    #[schema(required, minimum = 0, maximum = 3, examples(0))]
    pub failure_images_sent: Option<i32>,
    /// The provider that classified the document; null if none has.
    #[schema(required, examples("ollama"))]
    pub ai_provider: Option<String>,
    /// The model that classified the document; null if none has.
    #[schema(required, examples("llama3.2"))]
    pub ai_model: Option<String>,
    /// The version of the prompt; null if no model has classified the document.
    #[schema(required, examples("3"))]
    pub prompt_version: Option<String>,
    /// True if the model has read only a part of the text; null if none has classified the document.
    #[schema(required, examples(false))]
    pub truncated: Option<bool>,
    /// Why the document was classified without its text; null if it was classified by its text.
    #[schema(required, examples("image"))]
    pub without_text: Option<String>,
    /// The name of the document's format, if it is known but not read; null if it is read, or has no name.
    #[schema(required, examples("Access"))]
    pub unread_format: Option<String>,
    /// The number of pages that were found; null if none were counted.
    #[schema(required, minimum = 0, examples(10))]
    pub pages: Option<i32>,
    /// The number of pages on which no text was found; null if none were counted.
    #[schema(required, minimum = 0, examples(3))]
    pub pages_without_text: Option<i32>,
    /// The number of images of the document that were sent to the provider that classified it; null if none
    /// has.
    #[schema(required, minimum = 0, maximum = 3, examples(0))]
    pub images_sent: Option<i32>,
    /// The time of the newest successful classification; null if there was none.
    #[schema(required, examples("2026-01-31T09:30:09.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub classified_at: Option<OffsetDateTime>,
    /// The document's topics, also those that its owner has taken off.
    pub topics: Vec<ExportedLabel>,
    /// Where to fetch the file, as in a download; null while the document is `pending`, and for
    /// administrators, who have no access to documents.
    #[schema(required)]
    #[serde(skip_deserializing)]
    pub file: Option<Download>,
    /// The key of the object, for the URL. It is not exported.
    #[schema(ignore)]
    #[serde(skip_serializing)]
    pub(super) object_key: String,
}

/// A topic of a document.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedLabel {
    /// The topic's id.
    pub topic_id: TopicId,
    /// The topic's name.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// True if the owner has put the topic on the document, or has taken it off.
    #[schema(examples(false))]
    pub manual: bool,
    /// True if the owner has taken the topic off the document.
    #[schema(examples(false))]
    pub dismissed: bool,
    /// The model's confidence that the topic fits, from 0 to 1; null if there is none.
    #[schema(required, minimum = 0, maximum = 1, examples(0.875))]
    pub confidence: Option<f32>,
}

/// A topic of the account's own.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedTopic {
    /// The topic's id.
    pub id: TopicId,
    /// The topic's name.
    #[schema(max_length = 64, examples("Invoices"))]
    pub name: String,
    /// The topic's description.
    #[schema(max_length = 1_000, examples("Bills that are still to be paid"))]
    pub description: String,
    /// The document for which a model has suggested the topic; null if its owner has created it.
    #[schema(required)]
    pub suggested_by: Option<DocumentId>,
    /// The time at which the topic was created.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
}

/// A session, also one that has ended and is not removed yet.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedSession {
    /// The session's id.
    pub id: SessionId,
    /// The time of the login.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the login, or of the newest refresh.
    #[schema(examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub last_used_at: OffsetDateTime,
    /// The network address that was used then; null if it is unknown.
    #[schema(required, max_length = 45, examples("203.0.113.9"))]
    pub address: Option<String>,
    /// The name that the browser or program gave itself then; null if it gave none.
    #[schema(
        required,
        max_length = 256,
        examples("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    )]
    pub user_agent: Option<String>,
    /// The end of the session if it is not used before.
    #[schema(examples("2026-03-02T09:45:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub expires_at: OffsetDateTime,
    /// The end of the session, however often it is used.
    #[schema(examples("2026-05-01T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub ends_at: OffsetDateTime,
    /// The time at which the session was ended before its time; null if it was not.
    #[schema(required, examples("2026-02-01T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub ended_at: Option<OffsetDateTime>,
    /// True if the session may do nothing until the account has a second factor.
    #[schema(examples(false))]
    pub owes_factor: bool,
    /// The passkey with which the session was started, or that was registered in it; null if there is none.
    #[schema(required)]
    pub passkey_id: Option<PasskeyId>,
}

/// A browser with which the account has logged in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedDevice {
    /// A name for the browser. It says nothing about the cookie by which the vault knows the browser.
    #[schema(examples("7f1f3c1e-6c0f-4f0e-9d0a-3b1c5d7e9f00"))]
    pub id: Uuid,
    /// The time of the first login.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the newest login.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub last_used_at: OffsetDateTime,
}

/// A mail that waits to be sent.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedMail {
    /// The mail's id.
    pub id: MailId,
    /// What the mail says.
    #[schema(examples("new_device"))]
    pub kind: String,
    /// The e-mail address of the recipient.
    #[schema(format = Email, max_length = 254, examples("ada@example.com"))]
    pub address: String,
    /// More for the text of the mail: the network address of the request that the mail is about.
    #[schema(example = json!({"address": "203.0.113.9"}))]
    pub details: Map<String, Value>,
    /// The time of the request that the mail is about.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the next attempt to send it.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub due_at: OffsetDateTime,
    /// The number of attempts to send it.
    #[schema(examples(1))]
    pub attempts: i32,
    /// The time at which the mail is dropped, sent or not.
    #[schema(examples("2026-02-01T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub expires_at: OffsetDateTime,
}

/// A passkey, without its key.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ExportedPasskey {
    /// The passkey's id.
    pub id: PasskeyId,
    /// The name that its owner has given it.
    #[schema(max_length = 64, examples("Phone"))]
    pub name: String,
    /// The number of signatures that the key had counted at its last use. 0 if it does not count.
    #[schema(minimum = 0, examples(0))]
    pub sign_count: i64,
    /// The time at which it was registered.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(deserialize_with = "read", serialize_with = "write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the last sign-in with it; null if there was none.
    #[schema(required, examples("2026-02-01T08:00:00.000000Z"))]
    #[serde(deserialize_with = "read_or_null", serialize_with = "write_utc_or_null")]
    pub last_used_at: Option<OffsetDateTime>,
}
