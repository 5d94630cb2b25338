//! Every function is somebody of its own at the store, who may do what its code does and nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use migrate::{Answer, Schema};
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::runtime::functions;
use tests::store::has_identity;
use tests::{Client, Environment, Parts, TestVault, put_event};

/// The rights without which MinIO answers no worse than with them. S3 tells who may not list that what is absent is forbidden, and
/// MinIO tells everybody that it is absent.
const ASKED_FOR_BY_S3_ALONE: [(&str, &str); 2] =
    [("classify", "s3:ListBucket"), ("confirm", "s3:ListBucket")];

type Outcome = Result<(), String>;

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// A policy's statements about the store.
fn statements(function: &str) -> Vec<Value> {
    statements_of(function, "s3:")
}

/// Those about a service.
fn statements_of(function: &str, service: &str) -> Vec<Value> {
    let file = format!("{}/../functions/{function}/policy.json", env!("CARGO_MANIFEST_DIR"));
    let mut policy: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(policy["Version"], "2012-10-17", "{file}");
    let Value::Array(all) = policy["Statement"].take() else { panic!("{file}") };
    all.into_iter().filter(|one| one["Action"][0].as_str().unwrap().starts_with(service)).collect()
}

/// Everything that a function does at the store, in a vault whose other functions have all their rights.
async fn does_its_work(function: &str, vault: &TestVault, parts: &Parts) -> Outcome {
    let alice = vault.user().await;
    let alice = &alice.served_by(vault.routes(parts));
    match function {
        "upload-url" => signs_uploads(alice).await,
        "confirm" => confirms(vault, alice).await,
        "delete" => deletes(vault, alice).await,
        "documents" => signs_downloads(alice).await,
        "cleanup" => sweeps(vault, alice, parts).await,
        "classify" => classifies(vault, alice, parts).await,
        "health" => equal("health", alice.get("/api/health").await.status, 200),
        "migrate" => migrates(vault, parts).await,
        other => panic!("{other} is new: what does it do at the store?"),
    }
}

async fn signs_uploads(alice: &Client) -> Outcome {
    let upload = alice.begin(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    equal("PUT", upload.put(b"hello").await, 200)
}

async fn confirms(vault: &TestVault, alice: &Client) -> Outcome {
    let absent = alice.begin(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    equal("absent", alice.confirm(absent.document_id).await.body["code"].as_str(), Some("upload_not_found"))?;
    let upload = alice.store("a.txt", b"hello").await;
    equal("stored", alice.confirm(upload.document_id).await.status, 200)?;
    vault.limit(alice.id(), 5).await;
    let upload = alice.store("b.txt", b"hello").await;
    equal("over quota", alice.confirm(upload.document_id).await.status, 413)?;
    equal("objects after a refusal", vault.bucket.objects().await.len(), 1)
}

async fn deletes(vault: &TestVault, alice: &Client) -> Outcome {
    let upload = alice.keep("a.txt", b"hello").await;
    equal("deletion", alice.remove(upload.document_id).await.status, 204)?;
    equal("objects after a deletion", vault.bucket.objects().await.len(), 0)
}

async fn signs_downloads(alice: &Client) -> Outcome {
    let upload = alice.keep("a.txt", b"hello").await;
    let download = alice.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
    let answer = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
    equal("GET", answer.status().as_u16(), 200)
}

async fn sweeps(vault: &TestVault, alice: &Client, parts: &Parts) -> Outcome {
    alice.store("a.txt", b"hello").await;
    vault.age(2).await;
    equal("objects removed", vault.sweep_by(parts).await.removed, 1)?;
    equal("objects after a sweep", vault.bucket.objects().await.len(), 0)
}

async fn classifies(vault: &TestVault, alice: &Client, parts: &Parts) -> Outcome {
    let ends = async |upload: &tests::Upload| {
        let event = vault.put_event(upload.document_id).await;
        vault.classify_by(parts.clone(), lambda_runtime::Context::default(), &[event]).await;
        let row = vault.columns(upload.document_id, &["status", "failure_code"]).await;
        row.into_iter().map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let upload = alice.keep("a.txt", b"An invoice.").await;
    equal("classified", ends(&upload).await, vec![Some("classified".into()), None])?;
    let gone = alice.keep("b.txt", b"hello").await;
    let delete = vault.bucket.client.delete_object().bucket(&vault.bucket.name).key(gone.key());
    delete.send().await.unwrap();
    let failed = vec![Some("classification_failed".into()), Some("object_missing".into())];
    equal("an object that is gone", ends(&gone).await, failed)?;
    let orphan = alice.store("c.txt", b"hello").await;
    vault.tamper("delete from documents where status = 'pending'").await;
    let event = put_event(&vault.bucket.name, &orphan.key());
    vault.classify_by(parts.clone(), lambda_runtime::Context::default(), &[event]).await;
    equal("objects after an orphan's event", vault.bucket.objects().await.len(), 1)
}

async fn migrates(vault: &TestVault, parts: &Parts) -> Outcome {
    let mut with = vault.database.migrations();
    with.storage = Some(parts.storage.of("migrate"));
    match migrate::handle(&with, migrate::Command::Migrate(Schema::Up)).await {
        Ok(Answer::Schema { warning, .. }) => equal("warning", warning, None),
        other => Err(format!("{other:?}")),
    }
}

/// Makes users of MinIO, each with these statements.
fn make_users(users: &BTreeMap<String, Vec<Value>>) {
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
    assert!(child.wait().unwrap().success(), "no users");
}

fn with_identity() -> Vec<&'static str> {
    let names = functions().into_iter().filter(|function| has_identity(function));
    names.map(|name| &*name.leak()).collect()
}

#[tokio::test]
async fn every_function_does_all_its_work_under_its_own_identity() {
    for function in with_identity() {
        let vault = TestVault::new().await;
        let outcome = does_its_work(function, &vault, &vault.parts()).await;
        assert_eq!(outcome, Ok(()), "{function}");
    }
}

/// One right of a function: which statement, which of its actions.
struct Right {
    function: &'static str,
    statement: usize,
    action: String,
    /// A user with all others.
    user: String,
}

fn rights() -> Vec<Right> {
    let mut rights = Vec::new();
    for function in with_identity() {
        for (number, statement) in statements(function).iter().enumerate() {
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
        let mut statements = statements(self.function);
        let actions = statements[self.statement]["Action"].as_array_mut().unwrap();
        actions.retain(|action| *action != *self.action);
        statements.retain(|statement| statement["Action"] != json!([]));
        statements
    }
}

#[tokio::test]
async fn no_right_can_be_taken_from_a_function_without_its_work_failing() {
    let rights = rights();
    assert!(rights.len() >= 12, "the policies are read");
    make_users(&rights.iter().map(|right| (right.user.clone(), right.others())).collect());
    let mut unnoticed = Vec::new();
    for Right { function, action, user, .. } in &rights {
        let vault = TestVault::new().await;
        let mut parts = vault.parts();
        parts.storage = parts.storage.with(function, user.clone());
        if does_its_work(function, &vault, &parts).await.is_ok() {
            unnoticed.push((*function, action.as_str()));
        }
    }
    unnoticed.sort_unstable();
    assert_eq!(unnoticed, ASKED_FOR_BY_S3_ALONE, "rights that no function's work needs");
}

/// What those two rights are for: a store that answers 403 for what is absent keeps the work from its end.
#[tokio::test]
async fn where_absent_is_told_as_forbidden_confirm_and_classify_do_not_do_their_work() {
    for function in ["confirm", "classify"] {
        let vault = TestVault::new().await;
        let store = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
        store.set(Mode::Absent(403));
        let config = vault.bucket.config_by(&store.endpoint());
        let parts = vault.parts_by(&vault.database.address(), config, vault.queue.clone());
        does_its_work(function, &vault, &parts).await.unwrap_err();
    }
}

/// What a function is told of and what it may do are one list: `migrate` can do without a bucket.
#[test]
fn a_function_that_must_know_of_store_or_queue_has_rights_there_and_no_other_has() {
    for function in functions() {
        let required = crate::configuration::required(&function);
        let may = |service| has_identity(&function) && !statements_of(&function, service).is_empty();
        assert_eq!(may("s3:"), required.contains(&"S3_BUCKET") || function == "migrate", "{function}");
        assert_eq!(may("sqs:"), required.contains(&"QUEUE_URL"), "{function}");
    }
}

/// A right is for one action, and for this bucket or what is in it.
#[test]
fn rights_are_named_one_by_one_and_end_at_the_bucket() {
    for function in with_identity() {
        for statement in statements(function) {
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
