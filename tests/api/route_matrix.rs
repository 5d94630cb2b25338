//! What each kind of caller gets from each route. The routes are those of `infra/openapi.json`, and the
//! expectation comes from what a route says there: whether it needs an access token, and which refusals it
//! has. Routes that admit more callers than most are listed here by name, so that a new one is noticed.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::http::HeaderMap;
use docuvault::config::RequireFactor;
use docuvault::id::SessionId;
use docuvault::role::Role;
use serde_json::Value;
use tests::member::PASSWORD;
use tests::{Client, Response, TestVault};
use uuid::Uuid;

const REFERENCE: &str = include_str!("../../infra/openapi.json");

/// The routes that need no access token.
const PUBLIC: &[&str] = &[
    "GET /api/health",
    "GET /api/openapi.json",
    "POST /api/auth/login",
    "POST /api/auth/login/factor",
    "POST /api/auth/logout",
    "POST /api/auth/passkeys",
    "POST /api/auth/passkeys/challenge",
    "POST /api/auth/password-reset",
    "POST /api/auth/password-reset/confirm",
    "POST /api/auth/refresh",
    "POST /api/auth/register",
    "POST /api/auth/verify",
];

/// The routes that admit an account whose temporary password must be changed.
const OPEN_TO_OWED_PASSWORDS: &[&str] = &["GET /api/auth/me", "POST /api/auth/change-password"];

/// The routes that admit every session that owes a second factor.
const OPEN_TO_OWED_FACTORS: &[&str] = &["GET /api/auth/me"];

/// The routes that admit such a session as long as its account has no second factor: they lead to one.
const OPEN_TO_FIRST_FACTORS: &[&str] = &[
    "GET /api/auth/me/passkeys",
    "POST /api/auth/me/passkeys",
    "POST /api/auth/me/passkeys/challenge",
    "POST /api/auth/totp/disable",
    "POST /api/auth/totp/enable",
    "POST /api/auth/totp/setup",
    "POST /api/auth/backup-codes",
];

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Without an access token.
    Nobody,
    /// The owner of the document, topic or session in the path, with a token that has expired.
    ExpiredToken,
    /// The owner.
    Owner,
    /// Another user.
    OtherUser,
    /// The owner, whose temporary password must be changed.
    OwesPassword,
    /// The owner, who has to have a second factor and has none, after a login.
    OwesFactor,
    /// The owner, whose account was deactivated.
    Deactivated,
    /// The owner, whose session has ended.
    EndedSession,
    /// The owner, whose session was not used for so long that it is over.
    UnusedSession,
    /// An administrator.
    Admin,
}

impl Caller {
    const ALL: [Self; 10] = [
        Self::Nobody,
        Self::ExpiredToken,
        Self::Owner,
        Self::OtherUser,
        Self::OwesPassword,
        Self::OwesFactor,
        Self::Deactivated,
        Self::EndedSession,
        Self::UnusedSession,
        Self::Admin,
    ];
}

/// A route of the reference.
struct Route {
    method: String,
    path: String,
    /// True if the route needs an access token.
    needs_token: bool,
    /// The codes of its errors.
    codes: BTreeSet<String>,
    /// The example of its request body; null if it has none.
    body: Value,
}

/// Returns all routes of the reference.
fn routes() -> Vec<Route> {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let paths = reference["paths"].as_object().unwrap().iter();
    let operations =
        paths.flat_map(|(path, all)| all.as_object().unwrap().keys().map(move |method| (path, all, method)));
    let read = |(path, all, method): (&String, &Value, &String)| Route {
        method: method.to_uppercase(),
        path: path.clone(),
        needs_token: all[method]["security"].is_array(),
        // Answers to HEAD have no bodies, and so no codes. They are those of GET.
        codes: read_codes(if method == "head" { &all["get"] } else { &all[method] }),
        body: all[method]["requestBody"]["content"]["application/json"]["example"].clone(),
    };
    operations.map(read).collect()
}

/// Returns the codes of an operation's errors. A response of the reference is named after its codes.
fn read_codes(operation: &Value) -> BTreeSet<String> {
    let responses = operation["responses"].as_object().unwrap().values();
    let names = responses.filter_map(|response| response["$ref"].as_str()?.rsplit('/').next());
    names.flat_map(|name| name.split('-')).map(str::to_owned).collect()
}

impl Route {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_for_admins(&self) -> bool {
        self.path.starts_with("/api/admin/")
    }

    fn leads_to_a_factor(&self) -> bool {
        OPEN_TO_FIRST_FACTORS.contains(&self.name().replace("HEAD", "GET").as_str())
    }

    fn is_about_one_thing(&self) -> bool {
        self.path.contains('{')
    }

    /// The code with which the route refuses a caller. `None` if it handles the request.
    fn expected_refusal(&self, caller: Caller) -> Option<&'static str> {
        use Caller::{
            Admin, Deactivated, EndedSession, ExpiredToken, Nobody, OtherUser, OwesFactor, OwesPassword,
            Owner, UnusedSession,
        };
        if !self.needs_token {
            return None;
        }
        let has = |code: &str| self.codes.contains(code);
        match caller {
            Nobody | ExpiredToken | Deactivated | EndedSession | UnusedSession => Some("unauthenticated"),
            OwesPassword if has("password_change_owed") => Some("password_change_owed"),
            OwesFactor if has("factor_owed") && !self.leads_to_a_factor() => Some("factor_owed"),
            Admin if has("wrong_role") && !self.is_for_admins() => Some("wrong_role"),
            Owner | OtherUser | OwesPassword | OwesFactor if self.is_for_admins() => Some("wrong_role"),
            OtherUser | Admin if self.is_about_one_thing() && !self.is_for_admins() => Some("not_found"),
            _ => None,
        }
    }
}

/// Creates what the path is about, and returns the path with its ids. It belongs to `owner` if it belongs to
/// anybody.
async fn create_thing(vault: &TestVault, owner: &Client, path: &str) -> String {
    let path = path.replace("{id}", &create(vault, owner, path).await.to_string());
    let session = vault.start_session(owner.id()).await.session;
    path.replace("{session_id}", &session.to_string())
}

async fn create(vault: &TestVault, owner: &Client, path: &str) -> Uuid {
    let superuser = vault.database.superuser().await;
    let insert = "insert into topics (id, user_id, name, name_key) values ($1, $2, $3, $3)";
    let (id, name) = (Uuid::now_v7(), Uuid::now_v7().simple().to_string());
    match path.split("/{").next().unwrap() {
        "/api/documents" if path.ends_with("/confirm") => {
            owner.store_pending("a.txt", b"hello").await.document_id.0
        }
        "/api/documents" => owner.store_confirmed("a.txt", b"hello").await.document_id.0,
        "/api/topics" => {
            superuser.execute(insert, &[&id, &owner.id(), &name]).await.unwrap();
            id
        }
        "/api/admin/topics" => {
            superuser.execute(insert, &[&id, &None::<Uuid>, &name]).await.unwrap();
            id
        }
        "/api/admin/users" => owner.id().0,
        "/api/auth/me/passkeys" => {
            let insert = "insert into passkeys (id, user_id, key_ref, credential, sign_count, name)
                values ($1, $2, sha256($3::text::bytea), '{}', 0, 'Phone')";
            superuser.execute(insert, &[&id, &owner.id(), &name]).await.unwrap();
            id
        }
        "/api/auth/sessions" => vault.start_session(owner.id()).await.session.0,
        other => panic!("{other} is new: what are its paths about?"),
    }
}

/// Returns this kind of caller. `owner` is the owner of what the path is about.
async fn prepare(vault: &TestVault, caller: Caller, owner: &Client) -> Client {
    let change = async |statement: &str| {
        let user = owner.user();
        let ids = [&user.id as &(dyn tokio_postgres::types::ToSql + Sync), &user.session];
        let statement = format!("with given as (select $1::uuid as id, $2::uuid as session_id) {statement}");
        assert_eq!(vault.database.superuser().await.execute(&statement, &ids).await.unwrap(), 1);
        owner.clone()
    };
    match caller {
        Caller::Nobody => owner.anonymous(),
        Caller::ExpiredToken => owner.signed_in(owner.user(), expired_token(owner)),
        Caller::Owner => owner.clone(),
        Caller::OtherUser | Caller::Admin => {
            let role = if caller == Caller::Admin { Role::Admin } else { Role::User };
            let other = vault.create_account(role, false).await;
            vault.set_password(other.id(), PASSWORD).await;
            other
        }
        Caller::OwesPassword => {
            change("update users u set password_must_change = true from given g where u.id = g.id").await
        }
        Caller::OwesFactor => log_in(vault, owner).await,
        Caller::Deactivated => {
            change("update users u set active = false from given g where u.id = g.id").await
        }
        Caller::EndedSession => {
            change("update sessions s set ended_at = now() from given g where s.id = g.session_id").await
        }
        Caller::UnusedSession => {
            change("update sessions s set expires_at = now() from given g where s.id = g.session_id").await
        }
    }
}

/// Gives the account the password of the examples, and logs in. In a vault that demands a second factor, the
/// session owes one.
async fn log_in(vault: &TestVault, owner: &Client) -> Client {
    vault.set_password(owner.id(), PASSWORD).await;
    vault.forget_attempts().await;
    let email = format!("{}@example.com", owner.id());
    let body = serde_json::json!({"email": email, "password": PASSWORD});
    let answer = owner.anonymous().post("/api/auth/login", body).await.expect(200);
    vault.caller_with(owner, &answer).await
}

/// Returns a token of the caller that has expired a second ago, and is valid otherwise.
fn expired_token(caller: &Client) -> String {
    let user = caller.user();
    let SessionId(session) = user.session;
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let claims = serde_json::json!({
        "sub": user.id, "sid": session, "iss": "docuvault", "aud": "docuvault", "typ": "access",
        "exp": now - 1, "iat": now - 901,
    });
    let key = jsonwebtoken::EncodingKey::from_secret(tests::SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

/// Sends the request of a route to this path, which has the ids.
async fn request(caller: &Client, route: &Route, path: &str) -> Response {
    caller.send(&route.method, path, Some(route.body.clone()).filter(|body| !body.is_null())).await
}

/// Returns the path of a route with ids that nothing has.
fn to_nothing(path: &str) -> String {
    let id = || Uuid::now_v7().to_string();
    path.replace("{id}", &id()).replace("{session_id}", &id())
}

/// Asserts that the answer is this refusal, or that the request was handled if there is none.
fn assert_refusal(what: &str, answer: &Response, refusal: Option<&str>) {
    let status = match refusal {
        Some("unauthenticated") => 401,
        Some("not_found") => 404,
        Some(_) => 403,
        None => {
            let refusals =
                ["unauthenticated", "password_change_owed", "factor_owed", "wrong_role", "not_found"];
            let code = answer.body["code"].as_str().unwrap_or_default();
            assert!(!refusals.contains(&code), "{what} is refused: {}", answer.body);
            assert!(
                answer.status < 500 && ![403, 404, 405, 429].contains(&answer.status),
                "{what}: {answer:?}"
            );
            return;
        }
    };
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    // An answer to HEAD has no body.
    if !answer.body.is_null() {
        assert_eq!(Some(answer.body["code"].as_str().unwrap()), refusal, "{what}");
    }
}

#[tokio::test]
async fn each_caller_gets_what_the_reference_says() {
    // Each kind of caller has its own vault, so that the rows that are compared stay few.
    for caller in Caller::ALL {
        let mut vault = TestVault::new().await;
        vault.accounts.required = RequireFactor::All;
        for route in routes() {
            let what = format!("{} by {caller:?}", route.name());
            let owner = vault.create_user().await;
            let path = match route.is_about_one_thing() {
                true => create_thing(&vault, &owner, &route.path).await,
                false => route.path.clone(),
            };
            let (client, refusal) = (prepare(&vault, caller, &owner).await, route.expected_refusal(caller));
            let before = vault.rows().await;
            let answer = request(&client, &route, &path).await;
            assert_refusal(&what, &answer, refusal);
            if refusal.is_some() {
                assert!(vault.rows().await == before, "{what}: a refused request has changed rows");
            }
        }
    }
}

/// Returns the names of some routes, sorted. Leaves out HEAD, which goes with GET.
fn names_of(filter: impl Fn(&Route) -> bool) -> Vec<String> {
    let found = routes().into_iter().filter(|route| route.method != "HEAD" && filter(route));
    let mut names: Vec<_> = found.map(|route| route.name()).collect();
    names.sort();
    names
}

#[test]
fn routes_that_admit_more_callers_than_others_are_listed() {
    assert_eq!(names_of(|route| !route.needs_token), PUBLIC);
    let open = |code: &str| names_of(|route| route.needs_token && !route.codes.contains(code));
    assert_eq!(open("password_change_owed"), OPEN_TO_OWED_PASSWORDS);
    assert_eq!(open("factor_owed"), OPEN_TO_OWED_FACTORS);
}

#[test]
fn routes_of_administrators_and_only_routes_with_documents_are_closed_to_other_roles() {
    for route in routes() {
        let is_of_users = route.path.starts_with("/api/documents") || route.path == "/api/auth/me/quota";
        let closed = route.codes.contains("wrong_role");
        assert_eq!(closed, is_of_users || route.is_for_admins(), "{}", route.name());
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_belongs_to_another_account_get_the_same_bytes() {
    let vault = TestVault::new().await;
    let of_owners = routes().into_iter().filter(|route| route.is_about_one_thing() && !route.is_for_admins());
    for route in of_owners {
        let (owner, other) = (vault.create_user().await, vault.create_user().await);
        // Some routes ask for the password before they look for the thing.
        vault.set_password(other.id(), PASSWORD).await;
        let foreign = create_thing(&vault, &owner, &route.path).await;
        let foreign = request(&other, &route, &foreign).await;
        let absent = request(&other, &route, &to_nothing(&route.path)).await;
        let nowhere = other.send(&route.method, "/api/nowhere", None).await;
        assert_eq!(foreign.status, 404, "{}", route.name());
        for answer in [absent, nowhere] {
            assert_eq!(visible_parts(&foreign), visible_parts(&answer), "{}", route.name());
        }
    }
}

/// Returns the status, the headers and the bytes of an answer, without the id of the request.
fn visible_parts(answer: &Response) -> (u16, HeaderMap, Bytes) {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    (answer.status, headers, answer.bytes.clone())
}

#[tokio::test]
async fn a_deactivated_administrator_is_nobody() {
    let vault = TestVault::new().await;
    for route in routes().iter().filter(|route| route.is_for_admins()) {
        let admin = vault.create_account(Role::Admin, false).await;
        let client = prepare(&vault, Caller::Deactivated, &admin).await;
        let answer = request(&client, route, &to_nothing(&route.path)).await;
        assert_refusal(&route.name(), &answer, Some("unauthenticated"));
    }
}
