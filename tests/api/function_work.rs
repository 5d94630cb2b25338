//! Performs everything that each function does at the store.

use cleanup::PageSizes;
use migrate::{CommandOutput, Schema};
use serde_json::json;
use tests::{Client, Services, TestVault, put_notification};

/// The outcome of the work. An error describes the first result that was not as expected.
pub type Outcome = Result<(), String>;

fn check_equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// Has a function do everything that it does at the store. All other functions have all their rights.
pub async fn do_all_work(function: &str, vault: &TestVault, services: &Services) -> Outcome {
    let alice = vault.create_user().await;
    let alice = &alice.served_by(vault.routes(services));
    match function {
        "account" => export(alice).await,
        "upload-url" => sign_upload(alice).await,
        "confirm" => confirm_uploads(vault, alice).await,
        "delete" => delete_document(vault, alice).await,
        "documents" => sign_download(alice).await,
        "cleanup" => sweep(vault, alice, services).await,
        "classify" => classify_documents(vault, alice, services).await,
        "health" => check_equal("health", alice.get("/api/health").await.status, 200),
        "migrate" => migrate_up(vault, services).await,
        other => panic!("{other} is new: what does it do at the store?"),
    }
}

async fn export(alice: &Client) -> Outcome {
    alice.store_confirmed("a.txt", b"hello").await;
    let export = alice.get("/api/auth/me/export").await.expect(200);
    let url = export["documents"][0]["file"]["download_url"].as_str().unwrap();
    check_equal("GET", reqwest::get(url).await.unwrap().status().as_u16(), 200)
}

async fn sign_upload(alice: &Client) -> Outcome {
    let upload = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    check_equal("PUT", upload.put(b"hello").await, 200)
}

async fn confirm_uploads(vault: &TestVault, alice: &Client) -> Outcome {
    let absent = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    check_equal(
        "absent",
        alice.confirm(absent.document_id).await.body["code"].as_str(),
        Some("upload_not_found"),
    )?;
    let upload = alice.store_pending("a.txt", b"hello").await;
    check_equal("stored", alice.confirm(upload.document_id).await.status, 200)?;
    vault.set_limit(alice.id(), 5).await;
    let upload = alice.store_pending("b.txt", b"hello").await;
    check_equal("over quota", alice.confirm(upload.document_id).await.status, 413)?;
    check_equal("objects after a refusal", vault.bucket.object_sizes().await.len(), 1)
}

async fn delete_document(vault: &TestVault, alice: &Client) -> Outcome {
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    check_equal("deletion", alice.delete_document(upload.document_id).await.status, 204)?;
    check_equal("objects after a deletion", vault.bucket.object_sizes().await.len(), 0)
}

async fn sign_download(alice: &Client) -> Outcome {
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let download = alice.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
    let answer = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
    check_equal("GET", answer.status().as_u16(), 200)
}

async fn sweep(vault: &TestVault, alice: &Client, services: &Services) -> Outcome {
    alice.store_pending("a.txt", b"hello").await;
    vault.age_hours(2).await;
    check_equal("objects removed", vault.sweep_with(services).await.removed, 1)?;
    check_equal("objects after a sweep", vault.bucket.object_sizes().await.len(), 0)?;
    let lost = alice.store_confirmed("b.txt", b"hello").await;
    vault.bucket.remove(&lost.key()).await;
    let audited = vault.audit_with(services, PageSizes::default()).await.map(|audit| audit.without_object);
    check_equal("documents without an object", audited.map_err(|error| error.to_string()), Ok(1))
}

async fn classify_documents(vault: &TestVault, alice: &Client, services: &Services) -> Outcome {
    let ends = async |upload: &tests::Upload| {
        let event = vault.put_notification(upload.document_id).await;
        vault.classify_with(services.clone(), lambda_runtime::Context::default(), &[event]).await;
        let row = vault.columns(upload.document_id, &["status", "failure_code"]).await;
        row.into_iter().map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let upload = alice.store_confirmed("a.txt", b"An invoice.").await;
    check_equal("classified", ends(&upload).await, vec![Some("classified".into()), None])?;
    let gone = alice.store_confirmed("b.txt", b"hello").await;
    vault.bucket.remove(&gone.key()).await;
    let failed = vec![Some("classification_failed".into()), Some("object_missing".into())];
    check_equal("an object that is gone", ends(&gone).await, failed)?;
    let orphan = alice.store_pending("c.txt", b"hello").await;
    vault.tamper("delete from documents where status = 'pending'").await;
    let event = put_notification(&vault.bucket.name, &orphan.key());
    vault.classify_with(services.clone(), lambda_runtime::Context::default(), &[event]).await;
    check_equal("objects after an orphan's event", vault.bucket.object_sizes().await.len(), 1)
}

async fn migrate_up(vault: &TestVault, services: &Services) -> Outcome {
    let mut with = vault.database.migrate_capabilities();
    with.storage = Some(services.storage.client_of("migrate"));
    match migrate::handle(&with, migrate::Command::Migrate(Schema::Up)).await {
        Ok(CommandOutput::Schema { warning, .. }) => check_equal("warning", warning, None),
        other => Err(format!("{other:?}")),
    }
}
