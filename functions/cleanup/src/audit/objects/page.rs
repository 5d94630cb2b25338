//! One page of a store's list, compared with the rows.
//!
//! The list, the rows and the check of a suspect are read one after the other, and the vault changes objects
//! and rows meanwhile. No change makes a false finding, because:
//!
//! - A key belongs to one row at most, for ever. The row is older than the object. Whatever deletes the row
//!   leaves a tombstone, which stays until the object is removed and no URL can store it again.
//! - *An object without a row* was listed. Then it had neither a row nor a tombstone, and then it was still
//!   there. If it had had a row or a tombstone when it was listed, and lost both since, it would be gone.
//! - *A row without an object* was confirmed. Then the object was absent, and then the row was still
//!   confirmed (`keep_confirmed`). No document is confirmed twice, so it was confirmed all the time, and its
//!   object should have been there. An object that was stored after the list is found by the check.
//! - *A changed object* differed from its row when it was checked, and its row was confirmed before and
//!   afterwards. A confirmed row keeps its size and its entity tag.

use std::mem;

use docuvault::db::Database;
use docuvault::db::audit::{Comparison, Cursor, Kind, Listed, Place, Suspect, compare_objects};
use docuvault::deadline::Deadline;
use docuvault::storage::{Backend, InvalidObjectKey, ListedObject, Listing, Storage, Stores};
use docuvault::{Error, Result};

use super::check::{Checked, check};

/// A page of a store's list, compared with the rows.
pub(crate) struct Page {
    /// The position at which the page begins.
    from: Cursor,
    /// The position at which the page ends. `None` if it is the end of the store.
    pub(crate) end: Option<Cursor>,
    /// The number of the store's confirmed rows that were compared.
    pub(crate) rows: usize,
    /// What is suspicious and was not checked again, in the order of the store.
    pub(crate) suspects: Vec<Suspect>,
    /// What is wrong: suspects that were checked again.
    pub(crate) findings: Vec<Suspect>,
    /// Suspects that cannot be checked, with the reasons.
    pub(crate) unchecked: Vec<(Suspect, Error)>,
    /// The keys of the vault's objects.
    keys: Vec<String>,
    /// The keys of other objects.
    foreign_keys: Vec<String>,
}

impl Page {
    /// Lists up to `most` objects of a store from a position on, and compares them with the rows.
    pub(crate) async fn read(
        db: &Database,
        stores: &Stores,
        backend: Backend,
        from: &Cursor,
        most: u16,
    ) -> Result<Self> {
        let listing = stores.get(backend).list(&from.after_key, most.into()).await?;
        let last_key = listing.objects.last().map(|object| object.key.clone());
        let is_last = listing.is_last;
        let (listed, foreign_keys) = separate(listing);
        let to =
            if is_last { Place::LAST } else { listed.last().map_or(from.after, |last| Place::of(&last.key)) };
        // If many rows have no objects, the page ends before the last object.
        let compared = compare_objects(db, backend, &listed, (from.after, to), 2 * i64::from(most)).await?;
        let page = Self {
            from: from.clone(),
            end: last_key.filter(|_| !is_last).map(|after_key| Cursor { after_key, after: to }),
            rows: compared.rows,
            suspects: Vec::new(),
            findings: Vec::new(),
            unchecked: Vec::new(),
            keys: listed.iter().map(|object| object.key.to_string()).collect(),
            foreign_keys,
        };
        Ok(page.with_suspects(compared))
    }

    /// Adds the suspects in the order of the store, and ends the page at the last row that was compared.
    fn with_suspects(mut self, Comparison { mut suspects, cut_at, .. }: Comparison) -> Self {
        if let Some(place) = cut_at {
            let end = self.before_objects_of(place);
            suspects.retain(|suspect| suspect.kind == Kind::RowWithoutObject || suspect.key <= end.after_key);
            self.end = Some(end);
        }
        suspects.sort_by(|one, other| rank(one).cmp(&rank(other)));
        Self { suspects, ..self }
    }

    /// Returns the position behind a suspect: everything before it was compared.
    pub(crate) fn position_behind(&self, suspect: &Suspect) -> Cursor {
        match suspect.kind {
            Kind::RowWithoutObject => self.before_objects_of(suspect.place),
            Kind::ObjectWithoutRow | Kind::ChangedObject => {
                Cursor { after_key: suspect.key.clone(), after: suspect.place }
            }
        }
    }

    /// Returns the position behind a row and before the objects of its document.
    fn before_objects_of(&self, place: Place) -> Cursor {
        let after_key = format!("{}/{}", place.user, place.document);
        Cursor { after_key: after_key.max(self.from.after_key.clone()), after: place }
    }

    /// Checks each suspect again, at the store. If the deadline comes first, the page ends behind the last
    /// suspect that was checked.
    pub(crate) async fn check(&mut self, storage: &Storage, deadline: Deadline) -> Result<()> {
        let mut reached = self.from.clone();
        for suspect in mem::take(&mut self.suspects) {
            if deadline.has_passed() {
                self.end = Some(reached);
                break;
            }
            let checked = check(storage, &suspect).await?;
            reached = self.position_behind(&suspect);
            match checked {
                Checked::Shown(_) => self.findings.push(suspect),
                Checked::InOrder => {}
                Checked::Impossible(reason) => self.unchecked.push((suspect, reason)),
            }
        }
        Ok(())
    }

    /// Drops the findings about documents that are not confirmed any more: they were deleted meanwhile.
    /// `confirmed` has the keys of those that are.
    pub(crate) fn keep_confirmed(&mut self, confirmed: &[String]) {
        let counts =
            |finding: &Suspect| finding.kind == Kind::ObjectWithoutRow || confirmed.contains(&finding.key);
        self.findings.retain(counts);
        self.unchecked.retain(|(suspect, _)| counts(suspect));
    }

    /// Returns the keys of everything that is to be reported.
    pub(crate) fn reported_keys(&self) -> Vec<String> {
        let unchecked = self.unchecked.iter().map(|(suspect, _)| suspect);
        self.findings.iter().chain(unchecked).map(|suspect| suspect.key.clone()).collect()
    }

    /// Counts the vault's objects and the others, up to the end of the page.
    pub(crate) fn count_objects(&self) -> (usize, usize) {
        let is_inside = |key: &&String| self.end.as_ref().is_none_or(|end| **key <= end.after_key);
        (self.keys.iter().filter(is_inside).count(), self.foreign_keys.iter().filter(is_inside).count())
    }
}

/// Separates the vault's objects from the keys of other objects.
fn separate(listing: Listing) -> (Vec<Listed>, Vec<String>) {
    let (mut listed, mut foreign_keys) = (Vec::new(), Vec::new());
    for ListedObject { key, size_bytes, etag } in listing.objects {
        match key.parse() {
            Ok(key) => listed.push(Listed { key, size_bytes, etag }),
            Err(InvalidObjectKey) => foreign_keys.push(key),
        }
    }
    (listed, foreign_keys)
}

/// Sorts suspects as a cursor goes through them: a row comes before the objects of its document, and objects
/// come in the order of their keys. In another order, a page that ends behind a suspect would skip or repeat
/// one.
fn rank(suspect: &Suspect) -> (Place, bool, &str) {
    (suspect.place, suspect.kind != Kind::RowWithoutObject, &suspect.key)
}
