//! The requests to each function, and a vault in which they can be repeated.

use std::fmt;

use anyhow::{Context as _, Result};
use docuvault::id::DocumentId;
use serde_json::json;

use crate::requests::{Caller, Request, http_request, nudge};
use crate::seed::{self, Seeded};
use crate::vault::MeasuredVault;

/// The password of the user.
const PASSWORD: &str = "Correct-Horse-7";
/// Refreshes of one session at a time. Its limit admits 60 (`docuvault::limit`).
const REFRESHES_OF_SESSION: usize = 50;

/// A kind of request that can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A request to the hello world.
    Hello,
    /// `GET /api/auth/me/quota`.
    Quota,
    /// `GET /api/documents`: a page of 50.
    List,
    /// `POST /api/documents/upload-url`.
    UploadUrl,
    /// `POST /api/documents/{id}/confirm`, for another document each time.
    Confirm,
    /// `DELETE /api/documents/{id}`, for another document each time.
    Delete,
    /// `GET /api/auth/me`.
    Me,
    /// `POST /api/auth/refresh`, with one token that is never replaced.
    Refresh,
    /// `POST /api/auth/login`.
    Login,
    /// `GET /api/auth/me/passkeys`.
    Passkeys,
    /// `GET /api/topics`.
    Topics,
    /// `GET /api/admin/users`.
    Users,
    /// `GET /api/health`.
    Health,
    /// A nudge for a small document, for another one each time.
    Classify,
}

impl Workload {
    /// Returns the typical request to a function.
    pub fn for_function(function: &str) -> Result<Self> {
        let known = [
            Self::Quota,
            Self::List,
            Self::UploadUrl,
            Self::Confirm,
            Self::Delete,
            Self::Me,
            Self::Refresh,
            Self::Passkeys,
            Self::Topics,
            Self::Users,
            Self::Health,
            Self::Classify,
        ];
        let found = known.into_iter().find(|workload| workload.function() == function);
        found.with_context(|| format!("bench/src/workload.rs has no workload for {function}"))
    }

    /// Returns the program that gets the requests.
    pub const fn function(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Quota => "quota",
            Self::List => "documents",
            Self::UploadUrl => "upload-url",
            Self::Confirm => "confirm",
            Self::Delete => "delete",
            Self::Me => "account",
            Self::Refresh | Self::Login => "auth",
            Self::Passkeys => "passkeys",
            Self::Topics => "topics",
            Self::Users => "admin",
            Self::Health => "health",
            Self::Classify => "classify",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list of 50",
            Self::Refresh => "refresh",
            Self::Login => "login",
            _ => self.function(),
        })
    }
}

/// A vault in which every request succeeds.
pub struct Fixture {
    /// The vault that the requests need, with its documents.
    pub vault: MeasuredVault,
    /// Documents with objects that are confirmed again and again.
    confirmable: Vec<Seeded>,
}

impl Fixture {
    /// Creates a vault with this many confirmed documents of one user, which is the hardest case for an
    /// index.
    pub async fn with_documents(documents: i64) -> Result<Self> {
        let vault = MeasuredVault::new().await;
        seed::create_documents(&vault, documents, "uploaded", "1 day").await?;
        seed::raise_limit(&vault).await?;
        seed::vacuum_analyze(&vault).await?;
        Ok(Self { vault, confirmable: Vec::new() })
    }

    /// Prepares `count` requests. They succeed if they are sent before the next requests are prepared.
    pub async fn requests(&mut self, workload: Workload, count: usize) -> Result<Vec<Request>> {
        let caller = self.vault.caller();
        let path = |id: &DocumentId, rest| format!("/api/documents/{id}{rest}");
        let same =
            |method, path: &str, body, status| vec![http_request(&caller, method, path, body, status); count];
        Ok(match workload {
            Workload::Hello => same("GET", "/api/auth/me/quota", None, 200),
            Workload::Quota => same("GET", "/api/auth/me/quota", None, 200),
            Workload::List => same("GET", "/api/documents?limit=50", None, 200),
            Workload::Me => same("GET", "/api/auth/me", None, 200),
            Workload::Passkeys => same("GET", "/api/auth/me/passkeys", None, 200),
            Workload::Topics => same("GET", "/api/topics", None, 200),
            Workload::Users => {
                let admin = self.vault.test.create_admin().await.user();
                let caller = Caller { user: admin, token: self.vault.test.issue_token(admin) };
                vec![http_request(&caller, "GET", "/api/admin/users", None, 200); count]
            }
            Workload::Health => same("GET", "/api/health", None, 200),
            Workload::Refresh => self.refreshes(count).await?,
            Workload::Login => {
                let hash = docuvault::password::hash(PASSWORD).await?;
                let statement = "update users set password_hash = $2 where id = $1";
                self.vault.superuser.execute(statement, &[&self.vault.user, &hash]).await?;
                let email = format!("{}@example.com", self.vault.user);
                same("POST", "/api/auth/login", Some(json!({"email": email, "password": PASSWORD})), 200)
            }
            Workload::UploadUrl => {
                self.remove_uploads().await?;
                let body = json!({"filename": "report.txt", "content_type": "text/plain", "size_bytes": 27});
                same("POST", "/api/documents/upload-url", Some(body), 201)
            }
            Workload::Confirm => {
                let ids = self.prepare_pending(count).await?;
                ids.iter().map(|id| http_request(&caller, "POST", &path(id, "/confirm"), None, 200)).collect()
            }
            Workload::Delete => {
                // These documents have no objects. The request to the store is the same, and so is its
                // answer.
                let rows = seed::create_documents(&self.vault, count as i64, "uploaded", "1 minute").await?;
                rows.iter().map(|(id, _)| http_request(&caller, "DELETE", &path(id, ""), None, 204)).collect()
            }
            Workload::Classify => {
                let rows = seed::create_documents(&self.vault, count as i64, "uploaded", "1 minute").await?;
                seed::store_objects(&self.vault, &rows).await?;
                rows.iter().map(|(id, _)| nudge(id)).collect()
            }
        })
    }

    /// Removes pending uploads and tombstones of earlier requests.
    async fn remove_uploads(&self) -> Result<()> {
        let ids: Vec<_> = self.confirmable.iter().map(|(id, _)| *id).collect();
        let db = &self.vault.superuser;
        db.execute("delete from documents where status = 'pending' and id <> all($1)", &[&ids]).await?;
        db.execute("delete from tombstones", &[]).await?;
        Ok(())
    }

    /// Returns `count` refreshes, each with a token that is never replaced. No session has more of them than
    /// its limit admits at once.
    async fn refreshes(&self, count: usize) -> Result<Vec<Request>> {
        let (caller, test) = (self.vault.caller(), &self.vault.test);
        let mut requests = Vec::with_capacity(count);
        while requests.len() < count {
            let token = test.refresh_token(test.start_session(self.vault.user).await).await;
            let cookie = format!("__Host-refresh={}", token.to_text());
            let refresh = http_request(&caller, "POST", "/api/auth/refresh", Some(json!({})), 200);
            let admitted = REFRESHES_OF_SESSION.min(count - requests.len());
            requests.extend(vec![refresh.with_cookie(&cookie)?; admitted]);
        }
        Ok(requests)
    }

    /// Prepares `count` pending documents with objects.
    async fn prepare_pending(&mut self, count: usize) -> Result<Vec<DocumentId>> {
        let missing = count.saturating_sub(self.confirmable.len());
        if missing > 0 {
            let new = seed::create_documents(&self.vault, missing as i64, "pending", "1 minute").await?;
            seed::store_objects(&self.vault, &new).await?;
            self.confirmable.extend(new);
        }
        let ids: Vec<_> = self.confirmable.iter().take(count).map(|(id, _)| *id).collect();
        let statement = "update documents set status = 'pending', confirmed_at = null, nudge_due_at = null
            where id = any($1) and status <> 'pending'";
        self.vault.superuser.execute(statement, &[&ids]).await?;
        Ok(ids)
    }
}
