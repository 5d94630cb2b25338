//! The reference of the API, as its readers use it: the page, a generated client, requests that are made up
//! from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Client;
use tests::api_tools;

use crate::caller::Caller;
use crate::stack::Stack;

const DOCUMENT: &str = include_str!("../../infra/openapi.json");

/// How many requests are made up for each operation, at most, of each kind.
const EXAMPLES: &str = "25";

/// Seconds for all requests that are made up for one caller.
const TIME: &str = "80";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program that tests the API, to be run in a folder of its own.
fn tool(name: &str, folder: &Path) -> Command {
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
    let said = [output.stdout, output.stderr].concat();
    output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&said).into_owned())
}

#[tokio::main]
pub async fn page(stack: &Stack) -> Result<(), String> {
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

pub fn client(stack: &Stack) -> Result<(), String> {
    stack.up();
    let folder = stack.folder("client");
    let document = root().join("infra/openapi.json");
    let generator =
        ["generate", "--meta", "none", "--fail-on-warning", "--output-path", "docuvault_client", "--path"];
    run(tool("openapi-python-client", &folder).args(generator).arg(document))?;
    let script = root().join("tests/openapi/upload.py");
    run(tool("python", &folder).env("PYTHONPATH", &folder).arg(script).arg(&stack.settings()["API_URL"]))
}

pub fn made_up_requests(stack: &Stack) -> Result<(), String> {
    let (user, admin) = callers(stack);
    made_up(stack, &user, &[])?;
    // Without own topics: a new system topic takes the place of those with its name, which looks like a loss.
    made_up(stack, &admin, &["--include-path-regex", "^/api/(admin|documents$)"])
}

/// A user and an administrator.
#[tokio::main]
async fn callers(stack: &Stack) -> (Caller, Caller) {
    let (user, admin) = (Caller::register(stack).await, Caller::register(stack).await);
    let url = &stack.settings()["DATABASE_URL"];
    let (database, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    database.execute("update users set role = 'admin' where email = $1", &[&admin.email]).await.unwrap();
    (user, admin)
}

/// Requests by the caller, valid and invalid ones, one after another: Python 3.11 may crash when two threads
/// parse source at once. A name may fit its schema and be refused, for what can't be seen of it: that such a
/// request succeeds is not asked.
fn made_up(stack: &Stack, caller: &Caller, which: &[&str]) -> Result<(), String> {
    let folder = stack.folder("schemathesis");
    let mut schemathesis = tool("schemathesis", &folder);
    schemathesis
        .args(["run", "--url", &stack.settings()["API_URL"], "--header", &caller.authorization()])
        .args(["--checks", "all", "--exclude-checks", "positive_data_acceptance"])
        .args(["--max-examples", EXAMPLES, "--seed", "7", "--max-time", TIME, "--request-timeout", "30"])
        .args(["--workers", "1", "--no-color"])
        .args(which)
        .arg(root().join("infra/openapi.json"));
    run(&mut schemathesis)
}
