//! Every route is answered by the function that the router table names.

use std::path::Path;

use reqwest::{Client, Method};
use tests::StackAnswers;
use tests::functions::recorded_event;

use crate::caller::Caller;
use crate::stack::Stack;

/// An id that no row has.
pub const UNKNOWN_ID: &str = "00000000-0000-7000-8000-000000000000";

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// Method, path and function of each route.
pub fn all() -> Result<Vec<(String, String, String)>, String> {
    let manifest: toml::Table = MANIFEST.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let router = &manifest["workspace"]["metadata"]["lambda"]["watch"]["router"];
    let mut routes = Vec::new();
    for (path, targets) in router.as_table().ok_or("no router")? {
        for target in targets.as_array().ok_or("no targets")? {
            let named =
                |what| target[what].as_str().map(str::to_owned).ok_or(format!("{path} has no {what}"));
            routes.push((named("method")?, path.clone(), named("function")?));
        }
    }
    Ok(routes)
}

/// Returns the names of all functions.
pub fn functions() -> Result<Vec<String>, String> {
    names_in(&root()?.join("functions"))
}

fn root() -> Result<&'static Path, String> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or_else(|| "no root".into())
}

#[tokio::main]
pub async fn check_routes(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    for address in ["API_URL", "LAMBDA_URL"] {
        check_statuses(&caller.at(&stack.settings()[address]))
            .await
            .map_err(|error| format!("{address}: {error}"))?;
    }
    Ok(())
}

async fn check_statuses(caller: &Caller) -> Result<(), String> {
    let unknown = UNKNOWN_ID;
    for (method, path, expected) in [
        (Method::GET, "/api/health".to_owned(), 200),
        (Method::HEAD, "/api/health".to_owned(), 200),
        (Method::HEAD, "/api/documents".to_owned(), 200),
        (Method::GET, "/api/auth/me".to_owned(), 200),
        (Method::GET, "/api/auth/me/quota".to_owned(), 200),
        (Method::GET, "/api/auth/sessions".to_owned(), 200),
        (Method::GET, "/api/documents".to_owned(), 200),
        (Method::POST, "/api/documents/upload-url".to_owned(), 415),
        (Method::GET, format!("/api/documents/{unknown}"), 404),
        (Method::GET, format!("/api/documents/{unknown}/download"), 404),
        (Method::POST, format!("/api/documents/{unknown}/confirm"), 404),
        (Method::DELETE, format!("/api/documents/{unknown}"), 404),
    ] {
        let (status, body) = caller.call(method.clone(), &path, None).await;
        if status != expected || (status >= 400 && body["code"].is_null()) {
            return Err(format!("{method} {path}: {status} {body}"));
        }
    }
    Ok(())
}

#[tokio::main]
pub async fn check_unknown_origins_paths_and_methods(stack: &Stack) -> Result<(), String> {
    let api = stack.settings()["API_URL"].clone();
    let foreign =
        Client::new().get(format!("{api}/api/health")).header("origin", "https://elsewhere.example");
    let answer = foreign.send().await.map_err(|error| error.to_string())?;
    if answer.headers().contains_key("access-control-allow-origin") {
        return Err("the response allows another origin".into());
    }
    let caller = Caller::register(stack).await;
    for path in ["/api/settings", "/api/documents/", "/api"] {
        let (status, body) = caller.call(Method::GET, path, None).await;
        if status != 404 || body["code"] != "not_found" {
            return Err(format!("{path}: {status} {body}"));
        }
    }
    let (status, body) = caller.call(Method::PUT, "/api/health", None).await;
    if status != 405 || body["code"] != "method_not_allowed" {
        return Err(format!("PUT /api/health: {status} {body}"));
    }
    Ok(())
}

/// Runs `./dev invoke` with each file of `events/`. A file's name begins with its function's name.
#[tokio::main]
pub async fn invoke_recorded_events(stack: &Stack) -> Result<(), String> {
    stack.up();
    let answers = StackAnswers::start().await;
    let (root, functions) = (root()?, functions()?);
    for event in names_in(&root.join("events"))? {
        let name = event.trim_end_matches(".json");
        let function =
            functions.iter().filter(|function| name.starts_with(function.as_str())).max_by_key(|f| f.len());
        let function = function.ok_or_else(|| format!("{event} is no function's"))?;
        let file = std::env::temp_dir().join(format!("docuvault-test-{}.json", uuid::Uuid::new_v4()));
        std::fs::write(&file, answers.fill_in(&recorded_event(name))).map_err(|error| error.to_string())?;
        let output =
            stack.dev(&["invoke", function]).arg(&file).output().map_err(|error| error.to_string())?;
        std::fs::remove_file(&file).map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{event}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

#[tokio::main]
pub async fn create_admin(stack: &Stack) -> Result<(), String> {
    stack.up();
    let email = format!("{}@example.com", uuid::Uuid::new_v4());
    let output = stack.dev(&["admin", &email]).output().map_err(|error| error.to_string())?;
    let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut admin = Caller::with_email(stack, &email);
    let mut opened = false;
    for word in output_text.split_whitespace() {
        opened = opened || admin.login(word).await == 200;
    }
    if !opened {
        return Err(format!("no word of this output is the password: {output_text}"));
    }
    let me = admin.get("/api/auth/me").await;
    if me["role"] != "admin" || me["password_must_change"] != true {
        return Err(format!("{me}"));
    }
    let (status, body) = admin.call(Method::GET, "/api/documents", None).await;
    if status != 403 || body["code"] != "password_change_owed" {
        return Err(format!("{status} {body}"));
    }
    Ok(())
}
