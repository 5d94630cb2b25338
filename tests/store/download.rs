use docuvault::file::Filename;

use crate::fixture::{MINUTE, StoreFixture, new_key, text_plain};

crate::contracts! {
    the_download_url_decides_filename_and_type,
    a_type_that_browsers_could_run_is_served_as_octet_stream,
    a_content_encoding_that_the_uploader_sets_has_no_effect,
}

fn filename(name: &str) -> Filename {
    name.to_owned().try_into().unwrap()
}

async fn the_download_url_decides_filename_and_type(fixture: &StoreFixture) {
    let key = fixture.store_object(b"hello").await;
    let name = filename("Bericht \"März\".txt");
    let pdf = "application/pdf".to_owned().try_into().unwrap();
    let url = fixture.storage.presign_get(&key, &name, &pdf, MINUTE).unwrap().url;
    let answer = fixture.get(&url).await;
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

async fn a_type_that_browsers_could_run_is_served_as_octet_stream(fixture: &StoreFixture) {
    let key = fixture.store_object(b"<script>").await;
    let html = "text/html".to_owned().try_into().unwrap();
    let url = fixture.storage.presign_get(&key, &filename("a.html"), &html, MINUTE).unwrap().url;
    let answer = fixture.get(&url).await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
}

/// With such a header browsers would try to decompress the file.
async fn a_content_encoding_that_the_uploader_sets_has_no_effect(fixture: &StoreFixture) {
    for claim in ["gzip", "br", "identity", "nonsense"] {
        let key = new_key();
        let mut signed = fixture.sign(&key, None, None).await;
        signed.headers.insert("content-encoding".into(), claim.into());
        assert_eq!(fixture.put(&signed, b"hello").await, 200);
        let url = fixture.storage.presign_get(&key, &filename("a.txt"), &text_plain(), MINUTE).unwrap().url;
        let answer = fixture.get(&url).await;
        assert_eq!(answer.headers()["content-encoding"], "identity", "{claim}");
        assert_eq!(answer.bytes().await.unwrap(), &b"hello"[..]);
    }
}
