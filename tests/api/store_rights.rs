//! At the store every function is a user of its own. That user may do what the function does, and nothing
//! else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::functions::functions;
use tests::proxy::{Mode, Proxy};
use tests::store::has_policy;
use tests::{Environment, TestVault};

use crate::function_work::do_all_work;

/// Rights that are needed on S3 only. For an absent object S3 answers 403 to a user who may not list. MinIO
/// answers 404 to every user.
const NEEDED_BY_S3_ONLY: [(&str, &str); 2] = [("classify", "s3:ListBucket"), ("confirm", "s3:ListBucket")];

/// Returns the statements of a function's policy about the store.
fn store_statements(function: &str) -> Vec<Value> {
    service_statements(function, "s3:")
}

/// Returns the statements of a function's policy about a service: `s3:` or `sqs:`.
fn service_statements(function: &str, service: &str) -> Vec<Value> {
    let file = format!("{}/../functions/{function}/policy.json", env!("CARGO_MANIFEST_DIR"));
    let mut policy: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(policy["Version"], "2012-10-17", "{file}");
    let Value::Array(all) = policy["Statement"].take() else { panic!("{file}") };
    all.into_iter().filter(|one| one["Action"][0].as_str().unwrap().starts_with(service)).collect()
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
    let names = functions().into_iter().filter(|function| has_policy(function));
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
    /// Returns the function's other rights.
    fn other_rights(&self) -> Vec<Value> {
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
    create_users(&rights.iter().map(|right| (right.user.clone(), right.other_rights())).collect());
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

/// The two functions have the right to list because their work fails if the store answers 403 for absent
/// objects.
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
        let required = crate::configuration::required_variables(&function);
        let may = |service| has_policy(&function) && !service_statements(&function, service).is_empty();
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
