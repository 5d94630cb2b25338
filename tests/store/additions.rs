//! What the holder of an upload URL can add to the request, beside the headers that are signed. Each addition is refused, or changes
//! nothing that matters; `docs/STORES.md` has the same table.

mod table;

use docuvault::file::Sha256;
use docuvault::storage::{ObjectKey, Presigned};
use table::Verdict::{self, Copied, Harmless, Refused, Spoilt};
use table::{ALL, Addition, VICTIM};

use crate::stand::{MINUTE, Stand, key, sum_of_hello, text};

const VICTIMS_BYTES: &[u8] = b"somebody else's secret";
const BYTES: &[u8] = b"forty bytes that are more than thirty-two";

fn sum_of_bytes() -> Sha256 {
    "efc83bcf0b5753b4d22e80f334fd8d9b45c011354b9959ec701d51de266d9335".to_owned().try_into().unwrap()
}

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
    async fn put(&self, stand: &Stand, signed: &Presigned, victim: &str, bytes: &[u8]) -> u16 {
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
async fn download(stand: &Stand, key: &ObjectKey) -> (u16, Vec<u8>, Vec<(String, String)>) {
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

/// Tries an addition on a new key, whose URL may declare size and checksum, and on one that is stored already; answers what is otherwise
/// than the table says.
async fn try_one(stand: &Stand, addition: &Addition, declared: bool) -> Result<(), String> {
    let (fresh, stored, victim) = (key(), stand.store(BYTES).await, stand.store(VICTIMS_BYTES).await);
    let copied = format!("/{}/{victim}", stand.bucket.name);
    let plain = download(stand, &stored).await;
    assert_eq!((plain.0, &plain.1[..]), (200, BYTES));
    let before = stand.bucket.listing().await;
    let verdict = addition.verdict(stand);
    let (size, sum) = (declared.then_some(BYTES.len() as i64), declared.then(sum_of_bytes));
    let status = addition.put(stand, &stand.sign(&fresh, size, sum).await, &copied, BYTES).await;
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

async fn try_all(stand: &Stand, declared: bool) {
    let mut wrong = Vec::new();
    for addition in ALL {
        if let Err(how) = try_one(stand, addition, declared).await {
            wrong.push(format!("{}: {how}", addition.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

crate::contracts! {
    what_is_added_to_an_upload_is_refused_or_harmless,
    what_is_spoilt_is_never_charged_for_less_than_it_is,
    a_body_in_chunks_is_stored_as_what_it_carries,
}

async fn what_is_added_to_an_upload_is_refused_or_harmless(stand: &Stand) {
    try_all(stand, false).await;
}

/// moto looks at neither.
#[tokio::test]
async fn a_declared_size_and_checksum_admit_no_addition_either() {
    try_all(&Stand::minio().await, true).await;
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

/// With a checksum behind the bytes, which is checked beside the declared one. A declared size is that of the whole body: such a
/// request is refused, or stores what a confirmation refuses for its size.
async fn a_body_in_chunks_is_stored_as_what_it_carries(stand: &Stand) {
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
        [(None, "hello", true), (Some(sum_of_hello()), "hello", true), (None, "hallo", false)]
    {
        let fresh = key();
        let status = chunked.put(stand, &stand.sign(&fresh, None, sha256).await, "", &body(bytes)).await;
        let object = stand.storage.head(&fresh).await.unwrap();
        // moto looks at no checksum.
        assert_eq!(object.is_some(), stored || stand.is_moto, "{bytes}: {status}");
        if object.is_some() {
            assert_eq!(stand.bucket.read(&fresh.to_string()).await, bytes.as_bytes());
        }
    }
    let mut signed = stand.sign(&key(), Some(body("hello").len() as i64), None).await;
    signed.headers.remove("content-length");
    chunked.put(stand, &signed, "", &body("hello")).await;
    let stored = stand.bucket.listing().await.into_values().filter(|(size, _)| *size > 5).count();
    assert_eq!(stored, 0, "framing is not content");
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
