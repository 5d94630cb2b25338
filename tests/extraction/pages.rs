//! Pages without text are counted, because a model gets nothing of them.

use extract::{NoText, Pages};
use tests::hostile::pdf;

use crate::classified_documents::vault_with_topics;
use crate::{corpus, read};

#[tokio::test]
async fn pages_without_text_are_counted() {
    let mixed = read(&pdf::with_scans(7, 3)).await.unwrap();
    assert_eq!((mixed.pages, mixed.no_text), (Some(Pages { total: 10, without_text: 3 }), None));
    let scan = read(&corpus::read_file("scan.pdf")).await.unwrap();
    assert_eq!(
        (scan.pages, scan.no_text),
        (Some(Pages { total: 1, without_text: 1 }), Some(NoText::NotFound))
    );
    let whole = read(&corpus::read_file("english-pages.pdf")).await.unwrap();
    assert!(whole.pages.is_some_and(|pages| pages.total > 1 && pages.without_text == 0), "{:?}", whole.pages);
}

#[tokio::test]
async fn documents_without_fixed_pages_or_that_cannot_be_opened_have_no_number_of_pages() {
    for name in ["english.docx", "english-utf8.txt", "receipt.png", "encrypted-aes.pdf"] {
        assert_eq!(read(&corpus::read_file(name)).await.unwrap().pages, None, "{name}");
    }
}

#[tokio::test]
async fn the_owner_is_told_how_many_pages_have_no_text() {
    let (vault, alice) = vault_with_topics(&["Tax"]).await;
    let upload = alice.store_confirmed("a.pdf", &pdf::with_scans(7, 3)).await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, [0_usize; 0]);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert_eq!(document["classification"]["pages"], 10);
    assert_eq!(document["classification"]["pages_without_text"], 3);
}
