//! The holder of an upload URL can add headers and query parameters to the PUT. The store refuses each
//! addition, or the addition changes nothing that matters. `docs/STORES.md` has the same table.

mod table;

use docuvault::file::Sha256;
use docuvault::storage::{ObjectKey, Presigned};
use table::Verdict::{self, Copied, Harmless, Refused, Unreadable};
use table::{ALL, Addition, VICTIM};

use crate::fixture::{MINUTE, StoreFixture, new_key, sha256_of_hello, text_plain};

const VICTIM_BYTES: &[u8] = b"somebody else's secret";
const BYTES: &[u8] = b"forty bytes that are more than thirty-two";

fn sha256_of_bytes() -> Sha256 {
    "efc83bcf0b5753b4d22e80f334fd8d9b45c011354b9959ec701d51de266d9335".to_owned().try_into().unwrap()
}

impl Addition {
    /// Returns the addition as `docs/STORES.md` writes it.
    fn name(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("`{name}: {value}`"));
        let query = Some(format!("`?{}`", self.query)).filter(|_| !self.query.is_empty());
        headers.chain(query).collect::<Vec<_>>().join(", ").replace(": `", ":`")
    }

    fn verdict(&self, fixture: &StoreFixture) -> Verdict {
        if fixture.is_moto { self.moto } else { self.minio }
    }

    /// PUTs bytes by a signed URL, with the addition. Returns the store's status.
    async fn put(&self, fixture: &StoreFixture, signed: &Presigned, victim: &str, bytes: &[u8]) -> u16 {
        let query =
            Some(format!("&{}", self.query.replace(VICTIM, victim))).filter(|_| !self.query.is_empty());
        let url = signed.url.clone() + &query.unwrap_or_default();
        let mut request = fixture.browser.put(url).body(bytes.to_vec());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        for (name, value) in self.headers {
            request = request.header(*name, value.replace(VICTIM, victim));
        }
        request.send().await.unwrap().status().as_u16()
    }
}

/// Status and body of a download, and the headers that decide how a browser treats it.
async fn download(fixture: &StoreFixture, key: &ObjectKey) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let name = "a.txt".to_owned().try_into().unwrap();
    let url =
        fixture.users.client_of("documents").presign_get(key, &name, &text_plain(), MINUTE).unwrap().url;
    let answer = fixture.get(&url).await;
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

/// Tries an addition on a new key and on the key of a stored object. `declared` says whether the URL of the
/// new key declares size and checksum. The error says how the result differs from the table.
async fn try_addition(fixture: &StoreFixture, addition: &Addition, declared: bool) -> Result<(), String> {
    let (fresh, stored, victim) =
        (new_key(), fixture.store_object(BYTES).await, fixture.store_object(VICTIM_BYTES).await);
    let copied = format!("/{}/{victim}", fixture.bucket.name);
    let plain = download(fixture, &stored).await;
    assert_eq!((plain.0, &plain.1[..]), (200, BYTES));
    let before = fixture.bucket.list().await;
    let verdict = addition.verdict(fixture);
    let (size, sum) = (declared.then_some(BYTES.len() as i64), declared.then(sha256_of_bytes));
    let status = addition.put(fixture, &fixture.sign(&fresh, size, sum).await, &copied, BYTES).await;
    let after = download(fixture, &fresh).await;
    let found = match status {
        200 if after == plain => Harmless,
        200 if after.1 == VICTIM_BYTES => Copied,
        200 if after.0 != 200 => Unreadable,
        200 => return Err(format!("the download is {after:?}")),
        _ if fixture.storage.head(&fresh).await.is_ok_and(|found| found.is_none()) => Refused(status),
        _ => return Err(format!("{status}, but the object is stored")),
    };
    if found != verdict {
        return Err(format!("{found:?}, not {verdict:?}"));
    }
    if found == Harmless {
        let (reported, measured) =
            (fixture.storage.head(&fresh).await, fixture.storage.measure(&fresh).await);
        let sizes = [reported, measured].map(|answer| answer.unwrap().unwrap().size_bytes);
        assert_eq!(sizes, [BYTES.len() as i64; 2]);
    }
    // A stored object cannot be replaced: the holder of a live URL sends other bytes with the same addition.
    let again = addition.put(fixture, &fixture.sign(&stored, None, None).await, &copied, b"others").await;
    if found != Copied && (download(fixture, &stored).await != plain || (again == 200 && !fixture.is_moto)) {
        return Err(format!("{again} for a PUT on a stored object"));
    }
    let mut now = fixture.bucket.list().await;
    now.remove(&fresh.to_string());
    if found != Copied && now != before { Err(format!("other objects: {now:?}")) } else { Ok(()) }
}

async fn try_all_additions(fixture: &StoreFixture, declared: bool) {
    let mut wrong = Vec::new();
    for addition in ALL {
        if let Err(how) = try_addition(fixture, addition, declared).await {
            wrong.push(format!("{}: {how}", addition.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

crate::contracts! {
    every_addition_to_an_upload_has_the_documented_result,
    an_unreadable_object_is_never_measured_too_small,
    a_chunked_body_is_stored_without_its_framing,
}

async fn every_addition_to_an_upload_has_the_documented_result(fixture: &StoreFixture) {
    try_all_additions(fixture, false).await;
}

/// Runs on MinIO only: moto checks neither size nor checksum.
#[tokio::test]
async fn additions_have_the_same_result_with_declared_size_and_checksum() {
    try_all_additions(&StoreFixture::minio().await, true).await;
}

/// A confirmation measures the object by a GET instead of trusting `HEAD`. It refuses an object that has no
/// entity tag or cannot be measured.
async fn an_unreadable_object_is_never_measured_too_small(fixture: &StoreFixture) {
    for addition in ALL.iter().filter(|addition| addition.verdict(fixture) == Unreadable) {
        for size in [1, 5, 32, 33, 1_000, 100_000] {
            let fresh = new_key();
            let put =
                addition.put(fixture, &fixture.sign(&fresh, None, None).await, "", &vec![b'x'; size]).await;
            assert_eq!(put, 200);
            if let Ok(Some(object)) = fixture.storage.measure(&fresh).await {
                assert!(object.etag.is_none(), "{}: {object:?}", addition.name());
            }
        }
    }
}

/// A chunked body ends with a checksum of its own, which the store checks in addition to a declared one. A
/// declared size counts the framing, too, so it never fits: the store refuses the PUT, or the object is
/// smaller than declared and its confirmation is refused.
async fn a_chunked_body_is_stored_without_its_framing(fixture: &StoreFixture) {
    let chunked = Addition {
        headers: &[
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ],
        query: "",
        minio: Harmless,
        moto: Harmless,
    };
    let body =
        |bytes: &str| format!("5\r\n{bytes}\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").into_bytes();
    for (sha256, bytes, stored) in
        [(None, "hello", true), (Some(sha256_of_hello()), "hello", true), (None, "hallo", false)]
    {
        let fresh = new_key();
        let status = chunked.put(fixture, &fixture.sign(&fresh, None, sha256).await, "", &body(bytes)).await;
        let object = fixture.storage.head(&fresh).await.unwrap();
        // moto checks no checksum.
        assert_eq!(object.is_some(), stored || fixture.is_moto, "{bytes}: {status}");
        if object.is_some() {
            assert_eq!(fixture.bucket.read(&fresh.to_string()).await, bytes.as_bytes());
        }
    }
    let mut signed = fixture.sign(&new_key(), Some(body("hello").len() as i64), None).await;
    signed.headers.remove("content-length");
    chunked.put(fixture, &signed, "", &body("hello")).await;
    let stored = fixture.bucket.list().await.into_values().filter(|(size, _)| *size > 5).count();
    assert_eq!(stored, 0, "an object contains the framing of its chunks");
}

#[test]
fn stores_md_has_the_same_additions() {
    let document = include_str!("../../docs/STORES.md");
    let rows: Vec<_> = document.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let word = |verdict: Verdict| match verdict {
        Refused(status) => format!("refused, {status}"),
        Harmless => "harmless".to_owned(),
        Unreadable => "spoilt".to_owned(),
        Copied => "**copied**".to_owned(),
    };
    let row = |one: &Addition| format!("| {} | {} | {} |", one.name(), word(one.minio), word(one.moto));
    assert_eq!(rows, ALL.iter().map(row).collect::<Vec<_>>());
}
