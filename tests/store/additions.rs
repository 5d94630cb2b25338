//! What the holder of an upload URL can add to the request, beside the headers that are signed. Each addition is refused, or changes
//! nothing that matters; `docs/STORES.md` has the same table.

use crate::stand::{MINUTE, Stand, key, text};

/// What a store makes of an addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is stored.
    Refused(u16),
    /// The object is the one that a PUT without the addition stores, and is served as that.
    Harmless,
    /// Nobody can read the object: its uploader has spoilt an own document.
    Spoilt,
    /// The object is a copy of another one: no store for the vault.
    Copied,
}
use Verdict::{Copied, Harmless, Refused, Spoilt};

/// An addition, and what either store makes of it.
struct Addition {
    /// Headers by name and value, and below them the query.
    headers: &'static [(&'static str, &'static str)],
    query: &'static str,
    minio: Verdict,
    moto: Verdict,
}

const fn header(headers: &'static [(&'static str, &'static str)], minio: Verdict, moto: Verdict) -> Addition {
    Addition { headers, query: "", minio, moto }
}

const fn query(query: &'static str, minio: Verdict, moto: Verdict) -> Addition {
    Addition { headers: &[], query, minio, moto }
}

/// Stands for the object of somebody else.
const VICTIM: &str = "{another object}";
const VICTIMS_BYTES: &[u8] = b"somebody else's secret";
const BYTES: &[u8] = b"forty bytes that are more than thirty-two";

/// An encryption key of the uploader's.
const OWN_KEY: &[(&str, &str)] = &[
    ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    ("x-amz-server-side-encryption-customer-key", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="),
    ("x-amz-server-side-encryption-customer-key-md5", "XdPDZbqiTiSmaGKTQC2U0w=="),
];

const LOCK: &[(&str, &str)] = &[
    ("x-amz-object-lock-mode", "COMPLIANCE"),
    ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"),
];

const CHUNKED: &[(&str, &str)] =
    &[("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ("x-amz-decoded-content-length", "5")];

const SEALED: &[(&str, &str)] = &[("x-minio-replication-server-side-encryption-sealed-key", "abc")];

const SERVED_AS: &[(&str, &str)] = &[
    ("content-disposition", "inline"),
    ("cache-control", "public"),
    ("content-language", "de"),
    ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
];

const ALL: &[Addition] = &[
    header(&[("x-amz-copy-source", VICTIM)], Refused(403), Copied),
    header(&[("x-amz-copy-source", VICTIM), ("x-amz-copy-source-range", "bytes=0-3")], Refused(403), Copied),
    header(&[("x-amz-copy-source", VICTIM), ("x-amz-metadata-directive", "REPLACE")], Refused(403), Copied),
    header(&[("x-amz-copy-source-if-match", "*")], Harmless, Harmless),
    header(&[("x-amz-tagging", "a=b")], Harmless, Harmless),
    header(&[("x-amz-acl", "public-read")], Harmless, Harmless),
    header(
        &[("x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers")],
        Harmless,
        Harmless,
    ),
    header(&[("x-amz-storage-class", "REDUCED_REDUNDANCY")], Harmless, Harmless),
    header(&[("x-amz-storage-class", "GLACIER")], Refused(400), Spoilt),
    header(&[("x-amz-website-redirect-location", "https://elsewhere.example")], Harmless, Harmless),
    header(&[("x-amz-server-side-encryption", "AES256")], Refused(501), Harmless),
    header(&[("x-amz-server-side-encryption", "aws:kms")], Refused(501), Harmless),
    header(OWN_KEY, Refused(400), Harmless),
    header(LOCK, Refused(400), Refused(400)),
    header(&[("x-amz-object-lock-legal-hold", "ON")], Refused(400), Refused(400)),
    header(&[("x-amz-meta-a", "b")], Refused(400), Harmless),
    header(&[("x-amz-meta-snowball-auto-extract", "true")], Refused(400), Harmless),
    header(&[("x-minio-meta-a", "b")], Harmless, Harmless),
    header(&[("x-minio-extract", "true")], Harmless, Harmless),
    header(&[("x-minio-force-delete", "true")], Harmless, Harmless),
    header(&[("x-minio-source-replication-request", "true")], Harmless, Harmless),
    header(&[("x-minio-source-replication-check", "true")], Refused(400), Harmless),
    header(&[("x-minio-source-etag", "00000000000000000000000000000000")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "2001-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "1970-01-01T00:00:00Z")], Refused(500), Harmless),
    header(&[("x-minio-source-mtime", "1970-01-01T00:00:00.000000001Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "0001-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "2099-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-deletemarker", "true")], Harmless, Harmless),
    header(&[("x-minio-source-proxy-request", "true")], Harmless, Harmless),
    header(&[("x-amz-bucket-replication-status", "REPLICA")], Harmless, Harmless),
    header(&[("x-minio-replication-actual-object-size", "0")], Harmless, Harmless),
    header(&[("x-minio-replication-ssec-crc", "abc")], Harmless, Harmless),
    header(&[("x-minio-replication-encrypted-multipart", "")], Spoilt, Harmless),
    header(SEALED, Spoilt, Harmless),
    header(&[("x-minio-replication-server-side-encryption-seal-algorithm", "abc")], Spoilt, Harmless),
    header(&[("x-minio-replication-server-side-encryption-iv", "abc")], Spoilt, Harmless),
    header(&[("content-encoding", "gzip")], Harmless, Harmless),
    header(SERVED_AS, Harmless, Harmless),
    header(&[("if-match", "*")], Refused(404), Refused(404)),
    header(&[("x-amz-write-offset-bytes", "5")], Refused(400), Harmless),
    header(CHUNKED, Refused(400), Refused(500)),
    header(&[("x-amz-trailer", "x-amz-checksum-crc32")], Refused(400), Harmless),
    header(&[("x-amz-decoded-content-length", "1")], Harmless, Harmless),
    query("tagging", Refused(500), Refused(404)),
    query("acl", Refused(403), Refused(404)),
    query("retention", Refused(403), Refused(400)),
    query("legal-hold", Refused(403), Refused(400)),
    query("partNumber=1&uploadId=x", Refused(403), Refused(500)),
    query("versionId=null", Refused(403), Harmless),
    query("restore", Refused(403), Harmless),
    query("torrent", Refused(501), Harmless),
    query("x-amz-copy-source={another object}", Refused(403), Harmless),
    query("x-amz-tagging=a%3Db", Refused(403), Harmless),
    query("x-minio-source-etag=abc", Refused(403), Harmless),
];

impl Addition {
    /// As the document names it.
    fn name(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("`{name}: {value}`"));
        let query = Some(format!("`?{}`", self.query)).filter(|_| !self.query.is_empty());
        headers.chain(query).collect::<Vec<_>>().join(", ").replace(": `", ":`")
    }

    fn verdict(&self, stand: &Stand) -> Verdict {
        if stand.is_moto { self.moto } else { self.minio }
    }

    /// PUTs with the addition by a signed URL; the store's status.
    async fn put(
        &self,
        stand: &Stand,
        signed: &docuvault::storage::Presigned,
        victim: &str,
        bytes: &[u8],
    ) -> u16 {
        let query =
            Some(format!("&{}", self.query.replace(VICTIM, victim))).filter(|_| !self.query.is_empty());
        let url = signed.url.clone() + &query.unwrap_or_default();
        let mut request = stand.browser.put(url).body(bytes.to_vec());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        for (name, value) in self.headers {
            request = request.header(*name, value.replace(VICTIM, victim));
        }
        request.send().await.unwrap().status().as_u16()
    }
}

/// Status, body and headers of a download, but those that tell one answer from another.
async fn download(
    stand: &Stand,
    key: &docuvault::storage::ObjectKey,
) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let name = "a.txt".to_owned().try_into().unwrap();
    let url = stand.identities.of("documents").presign_get(key, &name, &text(), MINUTE).unwrap().url;
    let answer = stand.get(&url).await;
    let decisive = [
        "content-type",
        "content-disposition",
        "content-encoding",
        "cache-control",
        "location",
        "content-length",
    ];
    let headers = decisive.iter().filter_map(|name| {
        Some(((*name).to_owned(), answer.headers().get(*name)?.to_str().unwrap().to_owned()))
    });
    let (status, headers) = (answer.status().as_u16(), headers.collect());
    (status, answer.bytes().await.unwrap().to_vec(), headers)
}

/// Tries an addition on a new key, and on one that is stored already; answers what is otherwise than the table says.
async fn try_one(stand: &Stand, addition: &Addition) -> Result<(), String> {
    let (fresh, stored, victim) = (key(), stand.store(BYTES).await, stand.store(VICTIMS_BYTES).await);
    let copied = format!("/{}/{victim}", stand.bucket.name);
    let plain = download(stand, &stored).await;
    assert_eq!((plain.0, &plain.1[..]), (200, BYTES));
    let before = stand.bucket.listing().await;
    let verdict = addition.verdict(stand);
    let status = addition.put(stand, &stand.sign(&fresh, None, None).await, &copied, BYTES).await;
    let after = download(stand, &fresh).await;
    let found = match status {
        200 if after == plain => Harmless,
        200 if after.1 == VICTIMS_BYTES => Copied,
        200 if after.0 != 200 => Spoilt,
        200 => return Err(format!("served as {after:?}")),
        _ if stand.storage.head(&fresh).await.is_ok_and(|found| found.is_none()) => Refused(status),
        _ => return Err(format!("{status}, and stored")),
    };
    if found != verdict {
        return Err(format!("{found:?}, not {verdict:?}"));
    }
    if found == Harmless {
        let (told, measured) = (stand.storage.head(&fresh).await, stand.storage.measure(&fresh).await);
        let sizes = [told, measured].map(|answer| answer.unwrap().unwrap().size_bytes);
        assert_eq!(sizes, [BYTES.len() as i64; 2]);
    }
    // What is stored stays: the URL that stored it is alive, and its holder adds the same to other bytes.
    let again = addition.put(stand, &stand.sign(&stored, None, None).await, &copied, b"others").await;
    if found != Copied && (download(stand, &stored).await != plain || (again == 200 && !stand.is_moto)) {
        return Err(format!("{again} on a stored object"));
    }
    let mut now = stand.bucket.listing().await;
    now.remove(&fresh.to_string());
    if found != Copied && now != before { Err(format!("other objects: {now:?}")) } else { Ok(()) }
}

async fn try_all(stand: &Stand) {
    let mut wrong = Vec::new();
    for addition in ALL {
        if let Err(how) = try_one(stand, addition).await {
            wrong.push(format!("{}: {how}", addition.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

crate::contracts! {
    what_is_added_to_an_upload_is_refused_or_harmless,
    what_is_spoilt_is_never_charged_for_less_than_it_is,
}

async fn what_is_added_to_an_upload_is_refused_or_harmless(stand: &Stand) {
    try_all(stand).await;
}

/// Whatever `HEAD` says: a confirmation measures, and refuses what has no tag or can't be measured.
async fn what_is_spoilt_is_never_charged_for_less_than_it_is(stand: &Stand) {
    for addition in ALL.iter().filter(|addition| addition.verdict(stand) == Spoilt) {
        for size in [1, 5, 32, 33, 1_000, 100_000] {
            let fresh = key();
            let put = addition.put(stand, &stand.sign(&fresh, None, None).await, "", &vec![b'x'; size]).await;
            assert_eq!(put, 200);
            if let Ok(Some(object)) = stand.storage.measure(&fresh).await {
                assert!(object.etag.is_none(), "{}: {object:?}", addition.name());
            }
        }
    }
}

#[test]
fn the_document_has_the_same_additions() {
    let document = include_str!("../../docs/STORES.md");
    let rows: Vec<_> = document.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let word = |verdict: Verdict| match verdict {
        Refused(status) => format!("refused, {status}"),
        Harmless => "harmless".to_owned(),
        Spoilt => "spoilt".to_owned(),
        Copied => "**copied**".to_owned(),
    };
    let row = |one: &Addition| format!("| {} | {} | {} |", one.name(), word(one.minio), word(one.moto));
    assert_eq!(rows, ALL.iter().map(row).collect::<Vec<_>>());
}
