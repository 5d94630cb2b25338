use docuvault::file::Filename;

use crate::stand::{MINUTE, Stand, key, text};

crate::contracts! {
    a_download_is_named_and_typed_by_the_url,
    a_type_that_browsers_would_run_is_served_as_bytes,
    an_encoding_that_the_uploader_claims_has_no_effect,
}

fn filename(name: &str) -> Filename {
    name.to_owned().try_into().unwrap()
}

async fn a_download_is_named_and_typed_by_the_url(stand: &Stand) {
    let key = stand.store(b"hello").await;
    let name = filename("Bericht \"März\".txt");
    let pdf = "application/pdf".to_owned().try_into().unwrap();
    let url = stand.storage.presign_get(&key, &name, &pdf, MINUTE).unwrap().url;
    let answer = stand.get(&url).await;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"Bericht _M_rz_.txt\"; filename*=UTF-8''Bericht%20%22M%C3%A4rz%22.txt"
    );
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(answer.bytes().await.unwrap(), &b"hello"[..]);
}

async fn a_type_that_browsers_would_run_is_served_as_bytes(stand: &Stand) {
    let key = stand.store(b"<script>").await;
    let html = "text/html".to_owned().try_into().unwrap();
    let url = stand.storage.presign_get(&key, &filename("a.html"), &html, MINUTE).unwrap().url;
    let answer = stand.get(&url).await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
}

/// Browsers would inflate it, or fail to.
async fn an_encoding_that_the_uploader_claims_has_no_effect(stand: &Stand) {
    for claim in ["gzip", "br", "identity", "nonsense"] {
        let key = key();
        let mut signed = stand.sign(&key, None, None).await;
        signed.headers.insert("content-encoding".into(), claim.into());
        assert_eq!(stand.put(&signed, b"hello").await, 200);
        let url = stand.storage.presign_get(&key, &filename("a.txt"), &text(), MINUTE).unwrap().url;
        let answer = stand.get(&url).await;
        assert_eq!(answer.headers()["content-encoding"], "identity", "{claim}");
        assert_eq!(answer.bytes().await.unwrap(), &b"hello"[..]);
    }
}
