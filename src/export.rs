//! The export of everything that is kept about an account. It is read a page at a time, because an account
//! may have a million documents, and an answer of Lambda at most 6 MB. A page has records of several kinds.
//! The kinds follow one another in the order of [`KINDS`], and the records of a kind in the order in which
//! they were created.

mod record;

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::auth::User;
use crate::db::Database;
use crate::db::export::Row;
use crate::document::{DOWNLOAD_LIFETIME, Download};
use crate::file::{ContentType, Filename};
use crate::id::UserId;
use crate::page::{self, PageQuery, Position};
use crate::role::Role;
use crate::storage::{Location, Stores};
use crate::{Error, Result, audit_log, db};

pub use record::{
    ExportedAccount, ExportedDevice, ExportedDocument, ExportedLabel, ExportedMail, ExportedPasskey,
    ExportedQuota, ExportedSession, ExportedTopic,
};

/// The most bytes of records on a page. A page also has the account, and ends with a whole record.
const MAX_BYTES: usize = 512 * 1024;

/// The kinds of records, as the cursors name them. A release with other kinds does not understand the cursors
/// of this one if they get other names.
const KINDS: [&str; 7] = [
    "export: documents",
    "export: topics",
    "export: sessions",
    "export: devices",
    "export: audit log",
    "export: mails",
    "export: passkeys",
];

/// A page of the export. To have the whole export, put the lists of all pages together.
#[derive(Serialize, ToSchema)]
pub struct Export {
    /// The account. It is on every page.
    pub account: ExportedAccount,
    /// Documents, and uploads that are not confirmed.
    pub documents: Vec<ExportedDocument>,
    /// Topics of the account's own.
    pub topics: Vec<ExportedTopic>,
    /// Sessions.
    pub sessions: Vec<ExportedSession>,
    /// Browsers with which the account has logged in.
    pub devices: Vec<ExportedDevice>,
    /// Entries of the audit log in which the account has acted, or that are about it.
    pub audit_log: Vec<audit_log::Entry>,
    /// Mails to the account that wait to be sent.
    pub mails: Vec<ExportedMail>,
    /// Passkeys.
    pub passkeys: Vec<ExportedPasskey>,
    /// The `cursor` with which to request the next page; null if this is the last page.
    #[schema(required, max_length = 100, examples("AZwTY0nAcAC..."))]
    pub next_cursor: Option<String>,
}

/// The place in the export at which a page begins: behind the record at `after`, or with the first record of
/// the kind.
#[derive(Clone, Copy)]
pub struct Start {
    /// The place of the kind in [`KINDS`].
    pub kind: usize,
    /// The position of the last record of the page before, which is of this kind.
    pub after: Option<Position>,
    /// The most records on the page.
    pub limit: usize,
}

impl Start {
    /// Checks the parameters of a request for a page.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the limit or the cursor is not valid.
    fn parse(reader: UserId, query: &PageQuery) -> Result<Self> {
        let limit = query.limit()?;
        let Some(cursor) = query.cursor.as_deref() else { return Ok(Self { kind: 0, after: None, limit }) };
        let find = |(kind, name): (usize, &&str)| Some((kind, page::decode(name, reader, cursor)?));
        let (kind, after) = KINDS.iter().enumerate().find_map(find).ok_or_else(page::refuse_cursor)?;
        Ok(Self { kind, after: Some(after), limit })
    }
}

/// Reads a page of the export of the caller's account.
pub async fn read(db: &Database, stores: &Stores, user: User, query: PageQuery) -> Result<Export> {
    let start = Start::parse(user.id, &query)?;
    let (account, rows) = db::export::read(db, user, &start).await?;
    let mut export = Export::new(parse(&account)?);
    let role = export.account.role;
    let (more, mut bytes, mut last) = (rows.len() > start.limit, 0, None);
    for row in rows.into_iter().take(start.limit) {
        let size = export.add(&row, |document| sign(stores, role, document))?;
        bytes += size;
        last = Some((row.kind, row.position));
        if bytes > MAX_BYTES {
            // There may be nothing behind this record. Then the next page is empty.
            break;
        }
    }
    let last = last.filter(|_| more || bytes > MAX_BYTES);
    export.next_cursor =
        last.and_then(|(kind, position)| Some(page::encode(KINDS.get(kind)?, user.id, position)));
    Ok(export)
}

impl Export {
    fn new(account: ExportedAccount) -> Self {
        let (documents, topics, sessions, devices) = Default::default();
        let (audit_log, mails, passkeys, next_cursor) = Default::default();
        Self { account, documents, topics, sessions, devices, audit_log, mails, passkeys, next_cursor }
    }

    /// Adds a record to its list. Returns its size in bytes. `sign` signs the URL of a document.
    fn add(
        &mut self,
        row: &Row,
        sign: impl Fn(&ExportedDocument) -> Result<Option<Download>>,
    ) -> Result<usize> {
        let mut size = row.data.len();
        match row.kind {
            0 => {
                let document: ExportedDocument = parse(&row.data)?;
                let file = sign(&document)?;
                size += file.as_ref().map_or(0, |file| file.download_url.len());
                self.documents.push(ExportedDocument { file, ..document });
            }
            1 => self.topics.push(parse(&row.data)?),
            2 => self.sessions.push(parse(&row.data)?),
            3 => self.devices.push(parse(&row.data)?),
            4 => self.audit_log.push(parse(&row.data)?),
            5 => self.mails.push(parse(&row.data)?),
            _ => self.passkeys.push(parse(&row.data)?),
        }
        Ok(size)
    }
}

/// Signs the URL of a confirmed document. `None` for administrators, who have no access to documents, and if
/// this release does not know the store.
fn sign(stores: &Stores, role: Role, document: &ExportedDocument) -> Result<Option<Download>> {
    let (Ok(backend), Role::User, Some(_)) = (document.storage_backend.parse(), role, document.confirmed_at)
    else {
        return Ok(None);
    };
    let location = Location { backend, key: document.object_key.parse().map_err(Error::internal)? };
    let filename = Filename::from_database(document.filename.clone());
    let content_type = ContentType::try_from(document.content_type.clone()).map_err(Error::internal)?;
    let storage = stores.get(location.backend);
    let signed = storage.presign_get(&location.key, &filename, &content_type, DOWNLOAD_LIFETIME)?;
    Ok(Some(Download { download_url: signed.url, expires_at: signed.expires_at }))
}

/// Reads a record that the database has written in JSON. Fields that the record does not have are dropped.
fn parse<T: DeserializeOwned>(data: &str) -> Result<T> {
    serde_json::from_str(data).map_err(Error::internal)
}
