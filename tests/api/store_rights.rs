//! At the store every function is a user of its own, which may do what the function does and nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use migrate::{Answer, Schema};
use serde_json::{Value, json};
use tests::functions::functions;
use tests::proxy::{Mode, Proxy};
use tests::store::has_store_policy;
use tests::{Client, Environment, Services, TestVault, put_notification};

/// Rights that only S3 needs. S3 answers 403 for an absent object to a user who may not list, where MinIO
/// answers 404 to every user.
const NEEDED_BY_S3_ONLY: [(&str, &str); 2] = [("classify", "s3:ListBucket"), ("confirm", "s3:ListBucket")];

type Outcome = Result<(), String>;

fn check_equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// The statements of a function's policy about the store.
fn store_statements(function: &str) -> Vec<Value> {
    service_statements(function, "s3:")
}

/// The statements of a function's policy about a service: `s3:` or `sqs:`.
fn service_statements(function: &str, service: &str) -> Vec<Value> {
    let file = format!("{}/../functions/{function}/policy.json", env!("CARGO_MANIFEST_DIR"));
    let mut policy: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(policy["Version"], "2012-10-17", "{file}");
    let Value::Array(all) = policy["Statement"].take() else { panic!("{file}") };
    all.into_iter().filter(|one| one["Action"][0].as_str().unwrap().starts_with(service)).collect()
}

/// Has a function do everything that it does at the store. All other functions have all their rights.
async fn do_all_work(function: &str, vault: &TestVault, services: &Services) -> Outcome {
    let alice = vault.create_user().await;
    let alice = &alice.served_by(vault.routes(services));
    match function {
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
    check_equal("objects after a sweep", vault.bucket.object_sizes().await.len(), 0)
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
    let delete = vault.bucket.client.delete_object().bucket(&vault.bucket.name).key(gone.key());
    delete.send().await.unwrap();
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
        Ok(Answer::Schema { warning, .. }) => check_equal("warning", warning, None),
        other => Err(format!("{other:?}")),
    }
}

/// Creates users in MinIO, each with these statements as its policy.
fn create_users(users: &BTreeMap<String, Vec<Value>>) {
    let environment = Environment::read();
    let made: BTreeMap<_, _> = users
        .iter()
        .map(|(name, statements)| {
            let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            let policy: Value = serde_json::from_str(&policy.replace("${Bucket}", "test-*")).unwrap();
            (name, json!({"secret": environment.secret_access_key, "policy": policy}))
        })
        .collect();
    let root = [&environment.access_key_id, &environment.secret_access_key];
    let order = json!({"endpoint": environment.s3_endpoint, "root": root, "users": made}).to_string();
    let mut command = environment.store_users.split_whitespace();
    let mut child =
        Command::new(command.next().unwrap()).args(command).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(order.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "the users could not be created");
}

fn functions_with_policy() -> Vec<&'static str> {
    let names = functions().into_iter().filter(|function| has_store_policy(function));
    names.map(|name| &*name.leak()).collect()
}

#[tokio::test]
async fn every_function_can_do_all_its_work_with_its_own_rights() {
    for function in functions_with_policy() {
        let vault = TestVault::new().await;
        let outcome = do_all_work(function, &vault, &vault.services()).await;
        assert_eq!(outcome, Ok(()), "{function}");
    }
}

/// One right of a function: an action of one of its statements.
struct Right {
    function: &'static str,
    statement: usize,
    action: String,
    /// A user with all rights of the function but this one.
    user: String,
}

fn rights() -> Vec<Right> {
    let mut rights = Vec::new();
    for function in functions_with_policy() {
        for (number, statement) in store_statements(function).iter().enumerate() {
            for action in statement["Action"].as_array().unwrap() {
                let action = action.as_str().unwrap().to_owned();
                let user = format!("{function}-without-{number}-{}", &action[3..]);
                rights.push(Right { function, statement: number, action, user });
            }
        }
    }
    rights
}

impl Right {
    /// The function's other rights.
    fn others(&self) -> Vec<Value> {
        let mut statements = store_statements(self.function);
        let actions = statements[self.statement]["Action"].as_array_mut().unwrap();
        actions.retain(|action| *action != *self.action);
        statements.retain(|statement| statement["Action"] != json!([]));
        statements
    }
}

#[tokio::test]
async fn every_function_fails_without_any_one_of_its_rights() {
    let rights = rights();
    assert!(rights.len() >= 12, "the policies could not be read");
    create_users(&rights.iter().map(|right| (right.user.clone(), right.others())).collect());
    let mut unnoticed = Vec::new();
    for Right { function, action, user, .. } in &rights {
        let vault = TestVault::new().await;
        let mut services = vault.services();
        services.storage = services.storage.with_user(function, user.clone());
        if do_all_work(function, &vault, &services).await.is_ok() {
            unnoticed.push((*function, action.as_str()));
        }
    }
    unnoticed.sort_unstable();
    assert_eq!(unnoticed, NEEDED_BY_S3_ONLY, "the function works without these rights");
}

/// This is why the two functions may list: their work fails if the store answers 403 for absent objects.
#[tokio::test]
async fn confirm_and_classify_fail_if_the_store_answers_403_for_absent_objects() {
    for function in ["confirm", "classify"] {
        let vault = TestVault::new().await;
        let store = Proxy::start(vault.bucket.config().endpoint.as_deref().unwrap()).await;
        store.set_mode(Mode::NotFoundAs(403));
        let config = vault.bucket.config_at(&store.endpoint());
        let services = vault.services_at(&vault.database.address(), config, vault.queue.clone());
        do_all_work(function, &vault, &services).await.unwrap_err();
    }
}

/// Functions have rights at exactly the services that their variables name. `migrate` is an exception: it
/// uses the bucket only if it is configured.
#[test]
fn only_functions_that_require_a_service_have_rights_there() {
    for function in functions() {
        let required = crate::configuration::required(&function);
        let may = |service| has_store_policy(&function) && !service_statements(&function, service).is_empty();
        assert_eq!(may("s3:"), required.contains(&"S3_BUCKET") || function == "migrate", "{function}");
        assert_eq!(may("sqs:"), required.contains(&"QUEUE_URL"), "{function}");
    }
}

/// Each right names one action without wildcards, and is limited to the bucket or to its objects.
#[test]
fn rights_name_single_actions_and_are_limited_to_the_bucket() {
    for function in functions_with_policy() {
        for statement in store_statements(function) {
            assert_eq!(statement["Effect"], "Allow", "{function}");
            assert!(statement["Sid"].as_str().unwrap().bytes().all(|byte| byte.is_ascii_alphanumeric()));
            for action in statement["Action"].as_array().unwrap() {
                let action = action.as_str().unwrap();
                assert!(action[3..].bytes().all(|byte| byte.is_ascii_alphabetic()), "{function}: {action}");
                let of_bucket = ["s3:ListBucket", "s3:GetBucketVersioning"].contains(&action);
                let resource = if of_bucket { "arn:aws:s3:::${Bucket}" } else { "arn:aws:s3:::${Bucket}/*" };
                assert_eq!(statement["Resource"], json!([resource]), "{function}: {action}");
            }
        }
    }
}
