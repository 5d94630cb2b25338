//! Sends requests to the built programs of the functions, and remembers the secrets and the expected entries
//! of the audit log.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::functions::recorded_event;
use tests::sandbox::Sandbox;
use tests::{ReadMail, TestVault};
use uuid::Uuid;

const MANIFEST: &str = include_str!("../../../Cargo.toml");

/// The fields of requests and answers that nothing may log. An upload or download URL is signed. Filenames
/// and addresses are no secrets, but private.
pub const SECRET_FIELDS: [&str; 20] = [
    "password",
    "current_password",
    "new_password",
    "temporary_password",
    "access_token",
    "token",
    "challenge",
    "secret",
    "otpauth_url",
    "qr_svg",
    "codes",
    "upload_url",
    "download_url",
    "filename",
    "email",
    "new_email",
    // Answers of passkeys.
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
];

/// The network address of the client, as the gateway names it.
const ADDRESS: &str = "203.0.113.7";

/// A text that nothing may log.
pub struct Secret {
    /// The name of its field or cookie.
    pub kind: String,
    forms: Vec<String>,
}

impl Secret {
    fn new(kind: &str, text: &str) -> Self {
        let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut forms =
            vec![text.to_owned(), STANDARD_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(text), hex];
        // A URL can be written without its host, and what makes it a secret is its signature.
        forms.extend(text.split_once("X-Amz-Signature=").map(|(_, signature)| signature.to_owned()));
        Self { kind: kind.to_owned(), forms }
    }

    /// Returns true if the text has the secret in one of its forms. A short code counts as a whole word only,
    /// because a longer number may have its digits.
    pub fn is_in(&self, text: &str) -> bool {
        self.forms.iter().any(|form| {
            text.match_indices(form.as_str()).any(|(place, _)| {
                let near = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let whole = !near(text[..place].chars().next_back())
                    && !near(text[place + form.len()..].chars().next());
                whole || form.len() > 8
            })
        })
    }
}

/// Who sends a request.
#[derive(Clone, Default)]
pub struct Caller {
    token: Option<String>,
    cookies: Vec<String>,
}

/// The answer of a function.
pub struct Answer {
    status: u64,
    body: Value,
    cookies: Vec<String>,
}

impl Answer {
    /// Asserts the status and returns the body.
    #[track_caller]
    pub fn expect(self, status: u64) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Returns the caller who has got the access token and the cookies of this answer.
    #[track_caller]
    pub fn caller(self) -> Caller {
        assert!([200, 201].contains(&self.status), "{}", self.body);
        Caller { token: self.body["access_token"].as_str().map(str::to_owned), cookies: self.cookies }
    }
}

/// The actor and the target of an entry.
pub type Accounts = (Option<Uuid>, Option<Uuid>);

/// An entry of the audit log: its action, actor, target, address and request.
type Entry = (String, Option<Uuid>, Option<Uuid>, Option<String>, Option<String>);

/// The day: a vault, the programs that have run, and what is known about their logs.
pub struct Day {
    vault: TestVault,
    programs: BTreeMap<String, Sandbox>,
    /// For each function: how many lines its log has about the ends of its invocations, and their words.
    ends: BTreeMap<String, (usize, &'static str)>,
    last_request: String,
    secrets: Vec<Secret>,
    expected: Vec<Entry>,
}

impl Day {
    /// Begins a day on an empty vault.
    pub async fn begin() -> Self {
        let mut day = Self {
            vault: TestVault::new().await,
            programs: BTreeMap::new(),
            ends: BTreeMap::new(),
            last_request: String::new(),
            secrets: Vec::new(),
            expected: Vec::new(),
        };
        let variables = day.vault.variables();
        for name in ["JWT_SECRET", "AWS_SECRET_ACCESS_KEY"] {
            day.secrets.push(Secret::new(name, &variables[name]));
        }
        day
    }

    /// Sends a GET request.
    pub async fn get(&mut self, caller: &Caller, path: &str) -> Answer {
        self.send("GET", caller, path, None).await
    }

    /// Sends a POST request with a JSON body, or without a body if it is null.
    pub async fn post(&mut self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send("POST", caller, path, Some(body).filter(|body| !body.is_null())).await
    }

    /// Sends a PUT request with a JSON body.
    pub async fn put(&mut self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send("PUT", caller, path, Some(body)).await
    }

    /// Sends a PATCH request with a JSON body.
    pub async fn patch(&mut self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send("PATCH", caller, path, Some(body)).await
    }

    /// Sends a DELETE request, with or without a JSON body.
    pub async fn delete(&mut self, caller: &Caller, path: &str, body: Option<Value>) -> Answer {
        self.send("DELETE", caller, path, body).await
    }

    async fn send(&mut self, method: &str, caller: &Caller, path: &str, body: Option<Value>) -> Answer {
        self.collect_secrets(body.as_ref().unwrap_or(&Value::Null));
        // An answer has the code of an error under this name.
        let code = body.as_ref().and_then(|body| body["code"].as_str());
        self.secrets.extend(code.map(|code| Secret::new("code", code)));
        let function = find_function(method, path);
        let event = build_event(method, path, caller, body.as_ref());
        let answer = self.program(&function).await.invoke(&event.to_string()).await.unwrap();
        self.last_request = answer["headers"]["x-request-id"].as_str().unwrap().to_owned();
        self.expect_end(&function, "\"duration_us\"");
        let text = answer["body"].as_str().filter(|text| !text.is_empty());
        let body = text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        self.collect_secrets(&body);
        let cookies = self.collect_cookies(&answer["cookies"]);
        Answer { status: answer["statusCode"].as_u64().unwrap(), body, cookies }
    }

    /// Stores the bytes of an upload. They must not be in any log.
    pub async fn put_object(&mut self, upload: &Value, bytes: &[u8]) {
        let mut request = reqwest::Client::new().put(upload["upload_url"].as_str().unwrap());
        for (name, value) in upload["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        assert!(request.body(bytes.to_vec()).send().await.unwrap().status().is_success());
        self.secrets.push(Secret::new("contents", std::str::from_utf8(bytes).unwrap()));
    }

    /// Makes an account an administrator.
    pub async fn promote(&self, id: Uuid) {
        self.vault.tamper(&format!("update users set role = 'admin' where id = '{id}'")).await;
    }

    /// Returns the id of the account with this address.
    pub async fn id_of(&self, email: &str) -> Uuid {
        let statement = "select id from users where email = $1";
        self.vault.database.superuser().await.query_one(statement, &[&email]).await.unwrap().get(0)
    }

    /// Runs the sweep.
    pub async fn sweep(&mut self) {
        self.program("cleanup").await.invoke("{}").await.unwrap();
        self.expect_end("cleanup", "the sweep has ended");
    }

    /// Sends the mails that wait. Returns the token of the newest link to a page for this address.
    pub async fn token_in_mail(&mut self, address: &str, page: &str) -> String {
        self.program("mail").await.invoke(&recorded_event("mail")).await.unwrap();
        self.expect_end("mail", "the mails that were due have been tried");
        let mails = self.vault.mails.read();
        let has_link = |mail: &&ReadMail| mail.to == address && mail.plain.contains(&format!("/{page}#"));
        mails.iter().rfind(has_link).unwrap().token(page).to_text()
    }

    /// Creates or revives an administrator as the operator. Returns the temporary password. Removes old
    /// entries of the audit log, too: there are none.
    pub async fn revive(&mut self, email: &str) -> Value {
        let migrate = self.program("migrate").await;
        let mut answer = migrate.invoke(&json!({"create_admin": email}).to_string()).await.unwrap();
        migrate.invoke(&recorded_event("migrate-audit-log")).await.unwrap();
        self.collect_secrets(&answer);
        self.expect_end("migrate", "old entries of the audit log were deleted");
        answer["temporary_password"].take()
    }

    /// Expects a line about the end of an invocation in the log of a function.
    fn expect_end(&mut self, function: &str, words: &'static str) {
        self.ends.entry(function.to_owned()).or_insert((0, words)).0 += 1;
    }

    /// Expects that the last request has made an entry with this action, actor and target.
    pub fn expect_entry(&mut self, action: &str, (actor, target): Accounts) {
        let (address, request) = (Some(ADDRESS.to_owned()), Some(self.last_request.clone()));
        self.expected.push((action.to_owned(), actor, target, address, request));
    }

    /// Expects that the operator has made an entry with this action and target.
    pub fn expect_entry_of_operator(&mut self, action: &str, target: Uuid) {
        self.expected.push((action.to_owned(), None, Some(target), None, None));
    }

    /// Expects that the last request has made this many such entries.
    pub fn expect_entries(&mut self, action: &str, of: Accounts, count: usize) {
        for _ in 0..count {
            self.expect_entry(action, of);
        }
    }

    /// Returns the entries that the day should have made, sorted.
    pub fn expected_entries(&self) -> Vec<Entry> {
        sorted(self.expected.clone())
    }

    /// Returns the entries of the audit log, sorted.
    pub async fn entries(&self) -> Vec<Entry> {
        let statement = "select action, actor_id, target_id, address, request_id from audit_log";
        let rows = self.vault.database.superuser().await.query(statement, &[]).await.unwrap();
        sorted(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect())
    }

    /// Returns all secrets of the day.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Returns everything that was written: the audit log, and the log of each function, by its name.
    pub async fn written(&self) -> Vec<(String, String)> {
        let mut written = Vec::new();
        for (function, program) in &self.programs {
            let (count, words) = self.ends[function];
            written.push((format!("the log of {function}"), program.wait_for_lines(count, words).await));
        }
        let statement = "select string_agg(to_jsonb(a)::text, ' ') from audit_log a";
        let row = self.vault.database.superuser().await.query_one(statement, &[]).await.unwrap();
        written.push(("the audit log".to_owned(), row.get(0)));
        written
    }

    async fn program(&mut self, function: &str) -> &mut Sandbox {
        if !self.programs.contains_key(function) {
            let mut variables = self.vault.variables();
            variables.insert("REQUIRE_VERIFIED_EMAIL", "true".to_owned());
            let sandbox = Sandbox::start(function, &variables).await;
            self.programs.insert(function.to_owned(), sandbox);
        }
        self.programs.get_mut(function).unwrap()
    }

    /// Remembers the values of the fields that are secret, at any depth.
    fn collect_secrets(&mut self, value: &Value) {
        for (name, field) in value.as_object().into_iter().flatten() {
            if SECRET_FIELDS.contains(&name.as_str()) {
                let texts = field.as_array().cloned().unwrap_or_else(|| vec![field.clone()]);
                let texts = texts.iter().filter_map(Value::as_str);
                self.secrets.extend(texts.map(|text| Secret::new(name, text)));
            }
            self.collect_secrets(field);
        }
        for item in value.as_array().into_iter().flatten() {
            self.collect_secrets(item);
        }
    }

    /// Remembers the values of cookies, and returns the cookies as a browser sends them back.
    fn collect_cookies(&mut self, cookies: &Value) -> Vec<String> {
        let mut pairs = Vec::new();
        for cookie in cookies.as_array().into_iter().flatten() {
            let pair = cookie.as_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if !value.is_empty() {
                self.secrets.push(Secret::new(name.trim_start_matches("__Host-"), value));
                pairs.push(pair.to_owned());
            }
        }
        pairs
    }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort();
    entries
}

/// Finds the function that serves a request, in the table by which requests reach functions.
fn find_function(method: &str, path: &str) -> String {
    let manifest: toml::Table = MANIFEST.parse().unwrap();
    let router = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"].as_table().unwrap().clone();
    let parts =
        |path: &str| path.split('?').next().unwrap().split('/').map(str::to_owned).collect::<Vec<_>>();
    let fits = |template: &str| {
        let (template, path) = (parts(template), parts(path));
        template.len() == path.len()
            && template.iter().zip(&path).all(|(part, given)| part == given || part.starts_with('{'))
    };
    let found: BTreeSet<_> = router
        .iter()
        .filter(|(template, _)| fits(template))
        .min_by_key(|(template, _)| template.matches('{').count())
        .into_iter()
        .flat_map(|(_, targets)| targets.as_array().unwrap())
        .filter(|target| target["method"].as_str() == Some(method))
        .map(|target| target["function"].as_str().unwrap().to_owned())
        .collect();
    found.into_iter().next().unwrap_or_else(|| panic!("no function serves {method} {path}"))
}

/// Builds the event that API Gateway sends for a request.
fn build_event(method: &str, path: &str, caller: &Caller, body: Option<&Value>) -> Value {
    let (raw_path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = json!({"host": "api.example.com", "user-agent": "Mozilla/5.0"});
    if let Some(token) = &caller.token {
        headers["authorization"] = format!("Bearer {token}").into();
    }
    if body.is_some() {
        headers["content-type"] = "application/json".into();
    }
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": query,
        "cookies": caller.cookies,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {"method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": ADDRESS, "userAgent": "Mozilla/5.0"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "02/Mar/2026:09:30:00 +0000",
            "timeEpoch": 1_772_443_800_000_i64,
        },
        "isBase64Encoded": false,
        "body": body.map(Value::to_string),
    })
}
