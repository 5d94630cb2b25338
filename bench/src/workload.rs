//! What is asked of each function, and the state in which it can be asked again and again.

use std::fmt;

use anyhow::{Context as _, Result};
use docuvault::id::DocumentId;
use serde_json::json;

use crate::requests::{Request, http, nudge};
use crate::seed::{self, Seeded};
use crate::world::World;

/// A request that can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// The hello world, asked like all others.
    Hello,
    /// `GET /api/auth/me/quota`.
    Quota,
    /// `GET /api/documents`: a page of 50.
    List,
    /// `POST /api/documents/upload-url`.
    UploadUrl,
    /// `POST /api/documents/{id}/confirm`, of another document each time.
    Confirm,
    /// `DELETE /api/documents/{id}`, likewise.
    Delete,
    /// `GET /api/auth/me`.
    Me,
    /// `GET /api/topics`.
    Topics,
    /// `GET /api/health`.
    Health,
    /// A message about a small document, of another one each time.
    Classify,
}

impl Workload {
    /// What a function is mostly asked.
    pub fn of(function: &str) -> Result<Self> {
        let known = [
            Self::Quota,
            Self::List,
            Self::UploadUrl,
            Self::Confirm,
            Self::Delete,
            Self::Me,
            Self::Topics,
            Self::Health,
            Self::Classify,
        ];
        let found = known.into_iter().find(|workload| workload.function() == function);
        found.with_context(|| format!("bench/src/workload.rs does not say what to ask {function}"))
    }

    /// Who is asked.
    pub const fn function(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Quota => "quota",
            Self::List => "documents",
            Self::UploadUrl => "upload-url",
            Self::Confirm => "confirm",
            Self::Delete => "delete",
            Self::Me => "auth",
            Self::Topics => "topics",
            Self::Health => "health",
            Self::Classify => "classify",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::List { "list of 50" } else { self.function() })
    }
}

/// A world in which every request succeeds.
pub struct Stage {
    /// Its parts.
    pub world: World,
    /// Rows with objects, which are confirmed over and over.
    confirmable: Vec<Seeded>,
}

impl Stage {
    /// With so many confirmed documents, all of one user: the hardest case for an index.
    pub async fn with(documents: i64) -> Result<Self> {
        let world = World::new().await;
        seed::documents(&world, documents, "uploaded", "1 day").await?;
        seed::room(&world).await?;
        seed::settle(&world).await?;
        Ok(Self { world, confirmable: Vec::new() })
    }

    /// `count` requests that succeed if they are sent before others are asked for.
    pub async fn requests(&mut self, workload: Workload, count: usize) -> Result<Vec<Request>> {
        let caller = self.world.caller();
        let path = |id: &DocumentId, rest| format!("/api/documents/{id}{rest}");
        let same = |method, path: &str, body, status| vec![http(&caller, method, path, body, status); count];
        Ok(match workload {
            Workload::Hello => same("GET", "/api/auth/me/quota", None, 200),
            Workload::Quota => same("GET", "/api/auth/me/quota", None, 200),
            Workload::List => same("GET", "/api/documents?limit=50", None, 200),
            Workload::Me => same("GET", "/api/auth/me", None, 200),
            Workload::Topics => same("GET", "/api/topics", None, 200),
            Workload::Health => same("GET", "/api/health", None, 200),
            Workload::UploadUrl => {
                self.forget_uploads().await?;
                let body = json!({"filename": "report.txt", "content_type": "text/plain", "size_bytes": 27});
                same("POST", "/api/documents/upload-url", Some(body), 201)
            }
            Workload::Confirm => {
                let ids = self.pending(count).await?;
                ids.iter().map(|id| http(&caller, "POST", &path(id, "/confirm"), None, 200)).collect()
            }
            Workload::Delete => {
                // Without objects: a store is asked the same for what is absent, and a function can't tell.
                let rows = seed::documents(&self.world, count as i64, "uploaded", "1 minute").await?;
                rows.iter().map(|(id, _)| http(&caller, "DELETE", &path(id, ""), None, 204)).collect()
            }
            Workload::Classify => {
                let rows = seed::documents(&self.world, count as i64, "uploaded", "1 minute").await?;
                seed::objects(&self.world, &rows).await?;
                rows.iter().map(|(id, _)| nudge(id)).collect()
            }
        })
    }

    /// Removes what earlier requests have left behind.
    async fn forget_uploads(&self) -> Result<()> {
        let ids: Vec<_> = self.confirmable.iter().map(|(id, _)| *id).collect();
        let db = &self.world.superuser;
        db.execute("delete from documents where status = 'pending' and id <> all($1)", &[&ids]).await?;
        db.execute("delete from tombstones", &[]).await?;
        Ok(())
    }

    /// `count` documents that wait for their confirmation, their objects stored.
    async fn pending(&mut self, count: usize) -> Result<Vec<DocumentId>> {
        let missing = count.saturating_sub(self.confirmable.len());
        if missing > 0 {
            let new = seed::documents(&self.world, missing as i64, "pending", "1 minute").await?;
            seed::objects(&self.world, &new).await?;
            self.confirmable.extend(new);
        }
        let ids: Vec<_> = self.confirmable.iter().take(count).map(|(id, _)| *id).collect();
        let statement = "update documents set status = 'pending', confirmed_at = null, nudge_due_at = null
            where id = any($1) and status <> 'pending'";
        self.world.superuser.execute(statement, &[&ids]).await?;
        Ok(ids)
    }
}
