//! Repairs of objects and rows. Each suspect is checked at the store just before it is repaired, and the
//! statement that repairs it checks the row.

use docuvault::db::audit::{Cursor, Kind, Suspect};
use docuvault::db::repair::{Recovered, Recovery};
use docuvault::file::Filename;
use docuvault::storage::{Backend, ObjectKey, StoredObject};
use docuvault::{Error, Result, db};

use super::{Flow, Orphans, Position, Repair, store_behind};
use crate::PageSizes;
use crate::audit::{Checked, Page, check, log_unchecked};

/// The least number of suspects on a page that can be a reason not to repair it.
const LEAST_SUSPECTS: usize = 10;

impl Repair<'_> {
    /// Repairs what a page of a store's list shows.
    pub(super) async fn repair_page(&mut self, backend: Backend, from: Cursor) -> Result<Flow> {
        let stopped_at = |at| Flow::Break(Some(Position::objects(backend, at)));
        let most = PageSizes::default().objects;
        let page = Page::read(&self.with.db, &self.with.stores, backend, &from, most).await?;
        if let Some(reason) = self.find_obstacle(&page) {
            self.outcome.refused.get_or_insert(reason);
            if self.order.apply {
                return Ok(stopped_at(from));
            }
        }
        let mut reached = from;
        for suspect in &page.suspects {
            if self.is_full() {
                return Ok(stopped_at(reached));
            }
            self.repair_suspect(backend, suspect).await?;
            reached = page.position_behind(suspect);
        }
        Ok(match page.end {
            Some(end) => Flow::Continue(Position::objects(backend, end)),
            None => store_behind(backend),
        })
    }

    /// Returns a reason not to repair the page: it looks as if the bucket was not the vault's. With a wrong
    /// bucket a repair would delete all documents, or all objects of somebody else. A few findings are no
    /// reason, because a page may consist of little else.
    fn find_obstacle(&self, page: &Page) -> Option<String> {
        if self.order.force {
            return None;
        }
        let count = |kind| page.suspects.iter().filter(|suspect| suspect.kind == kind).count();
        let (lost, orphans) = (count(Kind::RowWithoutObject), count(Kind::ObjectWithoutRow));
        let (rows, (objects, _)) = (page.rows, page.count_objects());
        let check = "check S3_BUCKET and DATABASE_URL. If they are right, set \"force\": true";
        if lost >= LEAST_SUSPECTS && 2 * lost > rows {
            return Some(format!("{lost} of {rows} documents of a page have no object: {check}"));
        }
        if orphans >= LEAST_SUSPECTS && 2 * orphans > objects && self.order.orphans == Some(Orphans::Remove) {
            return Some(format!("{orphans} of {objects} objects of a page have no row: {check}"));
        }
        None
    }

    /// Checks a suspect at the store, and repairs it.
    async fn repair_suspect(&mut self, backend: Backend, suspect: &Suspect) -> Result<()> {
        let stored = match check(self.with.stores.get(backend), suspect).await? {
            Checked::Shown(stored) => stored,
            Checked::InOrder => return Ok(()),
            Checked::Impossible(reason) => return self.report_unchecked(suspect, &reason).await,
        };
        match (suspect.kind, stored) {
            (Kind::RowWithoutObject, _) => self.remove_document(suspect).await,
            (Kind::ObjectWithoutRow, Some(stored)) => self.repair_orphan(backend, suspect, &stored).await,
            (Kind::ChangedObject, _) => {
                if db::audit::is_confirmed(&self.with.db, &suspect.key).await? {
                    self.outcome.changed_objects.count_finding(suspect.place.document);
                }
                Ok(())
            }
            (Kind::ObjectWithoutRow, None) => Ok(()),
        }
    }

    /// Counts and logs a suspect that cannot be checked, unless its document was deleted meanwhile.
    async fn report_unchecked(
        &mut self,
        Suspect { kind, place, key, .. }: &Suspect,
        reason: &Error,
    ) -> Result<()> {
        if *kind == Kind::ObjectWithoutRow || db::audit::is_confirmed(&self.with.db, key).await? {
            log_unchecked(*place, reason);
            self.outcome.unchecked_objects.count_finding(place.document);
        }
        Ok(())
    }

    async fn remove_document(&mut self, Suspect { key, place, .. }: &Suspect) -> Result<()> {
        let db = &self.with.db;
        let found = if self.order.apply {
            let removed = db::repair::remove_document(db, place.document, key, self.request_id).await?;
            self.outcome.rows_without_object.changed += usize::from(removed);
            removed
        } else {
            db::audit::is_confirmed(db, key).await?
        };
        if found {
            self.outcome.rows_without_object.count_finding(place.document);
        }
        Ok(())
    }

    async fn repair_orphan(
        &mut self,
        backend: Backend,
        Suspect { key, place, .. }: &Suspect,
        stored: &StoredObject,
    ) -> Result<()> {
        let key = &key.parse().map_err(Error::internal)?;
        self.outcome.objects_without_row.count_finding(place.document);
        let Some(orphans) = self.order.orphans.filter(|_| self.order.apply) else { return Ok(()) };
        let left = match orphans {
            Orphans::Remove => {
                let buried = db::repair::bury_orphan(&self.with.db, backend, key, self.request_id).await?;
                (!buried).then_some("taken")
            }
            Orphans::Recover => self.recover(backend, key, stored).await?,
        };
        match left {
            Some(reason) => self.outcome.objects_without_row.count_left(reason),
            None => self.outcome.objects_without_row.changed += 1,
        }
        Ok(())
    }

    /// Makes a document of an object again. Returns the reason if it was not possible.
    async fn recover(
        &self,
        backend: Backend,
        key: &ObjectKey,
        stored: &StoredObject,
    ) -> Result<Option<&'static str>> {
        let StoredObject { size_bytes, etag: Some(etag), content_type: Some(content_type), .. } = stored
        else {
            return Ok(Some("unreadable"));
        };
        let filename = match key.extension() {
            "" => "recovered".to_owned(),
            extension => format!("recovered.{extension}"),
        };
        let filename = &Filename::try_from(filename).map_err(Error::internal)?;
        let new = Recovered { key, backend, size_bytes: *size_bytes, etag, filename, content_type };
        Ok(match db::repair::recover_document(&self.with.db, new, self.request_id).await? {
            Recovery::Recovered => None,
            Recovery::OverQuota => Some("over_quota"),
            Recovery::NoAccount => Some("no_account"),
            Recovery::Taken => Some("taken"),
        })
    }
}
