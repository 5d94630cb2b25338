//! Tests of the reference of the API in the ways in which it is used: as a page, by a generated client, and
//! by Schemathesis, which generates requests from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Client;
use serde_json::Value;
use tests::api_tools;

use crate::caller::Caller;
use crate::stack::Stack;

const DOCUMENT: &str = include_str!("../../infra/openapi.json");

fn workspace_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns a command that runs a program for testing APIs in this folder.
fn build_command(name: &str, folder: &Path) -> Command {
    let tools = api_tools();
    let mut command = Command::new(Path::new(&tools).join(name));
    command
        .current_dir(folder)
        .env("PATH", format!("{tools}:/usr/bin:/bin"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let printed = [output.stdout, output.stderr].concat();
    output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&printed).into_owned())
}

#[tokio::main]
pub async fn check_page(stack: &Stack) -> Result<(), String> {
    let api = stack.settings()["API_URL"].clone();
    let get = async |path: &str| {
        let answer = Client::new().get(format!("{api}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let headers = ["content-security-policy", "x-content-type-options", "cache-control"].map(|name| {
            answer.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        });
        (headers, answer.text().await.unwrap())
    };
    let (headers, document) = get("/api/openapi.json").await;
    assert_eq!((headers, document.as_str()), (["", "nosniff", "no-store"].map(str::to_owned), DOCUMENT));
    let ([policy, sniffing, caching], page) = get("/reference/").await;
    let parts = ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"];
    for part in parts {
        assert!(policy.split("; ").any(|directive| directive == part), "{part}: {policy}");
    }
    assert_eq!((sniffing.as_str(), caching.as_str()), ("nosniff", "no-cache"));
    let (_, settings) = get("/reference/swagger-initializer.js").await;
    assert!(settings.contains("\"persistAuthorization\": false"), "the token is kept: {settings}");
    let mut parts =
        page.split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css")).peekable();
    assert!(parts.peek().is_some(), "{page}");
    for part in parts {
        let name = part.trim_start_matches("./");
        assert!(!name.contains("//"), "{part} is elsewhere");
        get(&format!("/reference/{name}")).await;
    }
    Ok(())
}

pub fn check_generated_client(stack: &Stack) -> Result<(), String> {
    stack.up();
    let folder = stack.folder("client");
    let document = workspace_folder().join("infra/openapi.json");
    let generator =
        ["generate", "--meta", "none", "--fail-on-warning", "--output-path", "docuvault_client", "--path"];
    run(build_command("openapi-python-client", &folder).args(generator).arg(document))?;
    let script = workspace_folder().join("tests/openapi/upload.py");
    run(build_command("python", &folder)
        .env("PYTHONPATH", &folder)
        .arg(script)
        .arg(&stack.settings()["API_URL"]))
}

pub fn check_generated_requests(stack: &Stack) -> Result<(), String> {
    stack.up();
    let (user, admin) = register_callers(stack);
    run_schemathesis(stack, "user", Some(&user))?;
    run_schemathesis(stack, "admin", Some(&admin))?;
    run_schemathesis(stack, "nobody", None)
}

/// Registers a user and an administrator.
#[tokio::main]
async fn register_callers(stack: &Stack) -> (Caller, Caller) {
    let (user, admin) = (Caller::register(stack).await, Caller::register(stack).await);
    let url = &stack.settings()["DATABASE_URL"];
    let (database, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    database.execute("update users set role = 'admin' where email = $1", &[&admin.email]).await.unwrap();
    (user, admin)
}

/// Sends requests of a caller, valid and invalid ones, to every operation.
fn run_schemathesis(stack: &Stack, name: &str, caller: Option<&Caller>) -> Result<(), String> {
    let folder = stack.folder(&format!("schemathesis-{name}"));
    let mut schemathesis = build_command("schemathesis", &folder);
    schemathesis.arg("--config-file").arg(workspace_folder().join("tests/openapi/schemathesis.toml"));
    schemathesis.args(["run", "--url", &stack.settings()["API_URL"]]);
    if stack.is_deployed() {
        // API Gateway answers 404 for a method that it does not know, and not 405. Each request takes longer.
        schemathesis.args([
            "--exclude-checks=unsupported_method",
            "--phases=examples,fuzzing",
            "--max-examples=5",
        ]);
    }
    schemathesis.args(["--report", "json", "--report-json-path", "report.json"]);
    schemathesis.args(caller.map(|caller| format!("--header={}", caller.authorization())));
    run(schemathesis.arg(workspace_folder().join("infra/openapi.json")))?;
    reached_every_operation(&std::fs::read_to_string(folder.join("report.json")).unwrap())
        .map_err(|problem| format!("{name}: {problem}"))
}

/// Checks that the run ended by itself, after at least one request to each operation. The error says how many
/// operations it reached.
fn reached_every_operation(report: &str) -> Result<(), String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let reference: Value = serde_json::from_str(DOCUMENT).unwrap();
    let operations = reference["paths"].as_object().unwrap().values();
    let operations: usize = operations.map(|path| path.as_object().unwrap().len()).sum();
    let reached = report["stop_reason"] == "completed" && report["operations"]["tested"] == operations;
    let printed = format!("{}: {} of {operations} operations", report["stop_reason"], report["operations"]);
    reached.then_some(()).ok_or(printed)
}
