use docuvault::auth::User;
use docuvault::config::UploadLimits;
use docuvault::db::upload::{Charge, FoundUpload};
use docuvault::db::{Database, upload};
use docuvault::id::DocumentId;
use docuvault::limits::URL_LIFETIME;
use docuvault::storage::{EntityTag, Extension, Location, ObjectKey, StoredObject};
use docuvault::{Error, Result};
use serde_json::{Value, from_value, json};
use time::OffsetDateTime;

use super::{ADA, BOB, ROOT};

/// Limits that no upload reaches.
const LIMITS: UploadLimits = UploadLimits { max_bytes: 1 << 30, max_pending: 100, urls_per_hour: 100 };

/// A document of Ada, and the place of its object.
pub struct Begun {
    /// The document's id.
    pub id: DocumentId,
    /// The place of its object.
    pub location: Location,
}

/// Ada's documents after the confirmations.
pub struct Uploads {
    /// Confirmed documents.
    pub confirmed: Vec<Begun>,
    /// Documents that are still pending.
    pub pending: Vec<Begun>,
}

/// Sends the statements for uploads.
pub async fn send(db: &Database) -> Uploads {
    let mut uploads = begin_all(db).await;
    let [rest @ .., big, other] = uploads.as_slice() else { panic!("seven uploads") };
    let charge = async |id, size_bytes| {
        let stored = StoredObject {
            size_bytes,
            sha256: None,
            etag: EntityTag::parse("\"0123abcd\""),
            content_type: None,
        };
        upload::charge(db, ADA.id, id, &stored, 1_000).await
    };
    for begun in &rest[..3] {
        assert!(matches!(upload::find(db, ADA, begun.id).await, Ok(FoundUpload::Pending { .. })));
        assert!(matches!(charge(begun.id, 100).await, Ok(Charge::Charged { .. })));
    }
    let confirmed = rest[0].id;
    assert!(matches!(charge(confirmed, 100).await, Ok(Charge::Repeated { .. })));
    assert!(matches!(upload::find(db, ADA, confirmed).await, Ok(FoundUpload::Confirmed { .. })));
    assert!(matches!(upload::find(db, ADA, DocumentId::new()).await, Err(Error::NotFound)));
    assert!(matches!(charge(big.id, 1_001).await, Ok(Charge::Refused(_))));
    assert!(matches!(charge(big.id, 1_001).await, Err(Error::NotFound)));
    upload::refuse(db, ADA.id, other.id).await.unwrap();
    assert!(matches!(upload::refuse(db, ADA.id, other.id).await, Err(Error::NotFound)));
    uploads.truncate(5);
    let pending = uploads.split_off(3);
    Uploads { confirmed: uploads, pending }
}

async fn begin_all(db: &Database) -> Vec<Begun> {
    let sha256 = "ab".repeat(32);
    let declared =
        json!({"filename": "Invoice 1.pdf", "content_type": "", "size_bytes": 100, "sha256": sha256});
    let mut begun = vec![begin(db, ADA, declared, LIMITS).await.unwrap()];
    // Two files may have the same name.
    for name in ["invoice 1.pdf", "invoice 1.pdf", "Boats.txt", "letter.txt", "big.bin", "other.bin"] {
        begun.push(begin(db, ADA, file(name), LIMITS).await.unwrap());
    }
    let too_big = json!({"filename": "a", "content_type": "a/b", "size_bytes": 200_000_000});
    assert!(matches!(begin(db, ADA, too_big, LIMITS).await, Err(Error::QuotaExceeded(_))));
    let one_url = UploadLimits { max_pending: 1, ..LIMITS };
    assert!(matches!(begin(db, ADA, file("a"), one_url).await, Err(Error::TooManyPending { .. })));
    let once = UploadLimits { urls_per_hour: 1, ..LIMITS };
    assert!(matches!(begin(db, ADA, file("a"), once).await, Err(Error::TooManyUploads { .. })));
    begin(db, BOB, file("abandoned.txt"), LIMITS).await.unwrap();
    assert!(matches!(begin(db, ROOT, file("a"), LIMITS).await, Err(Error::WrongRole(_))));
    begun
}

fn file(name: &str) -> Value {
    json!({"filename": name, "content_type": "text/plain"})
}

async fn begin(db: &Database, user: User, new: Value, limits: UploadLimits) -> Result<Begun> {
    let (id, expires_at) = (DocumentId::new(), OffsetDateTime::now_utc() + URL_LIFETIME);
    let key = ObjectKey::new(user.id, id, Extension::from_filename("a.txt"));
    let new = from_value(new).unwrap();
    let location = upload::begin(db, user, id, &key, &new, expires_at, limits).await?;
    Ok(Begun { id, location })
}
