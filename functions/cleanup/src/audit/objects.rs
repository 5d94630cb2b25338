//! The audit of a store's objects and of the rows that belong to them.

mod check;
mod page;

use docuvault::db::Database;
use docuvault::db::audit::{Kind, Place, Suspect};
use docuvault::deadline::Deadline;
use docuvault::limits::AUDIT_INTERVAL;
use docuvault::storage::{Backend, Stores};
use docuvault::{Error, Result, db};

use super::{Audit, log_overtaken};

pub(crate) use check::{Checked, check};
pub(crate) use page::Page;

/// Compares the objects of a store with the rows, `most` objects in a step.
pub(super) async fn audit(
    db: &Database,
    stores: &Stores,
    backend: Backend,
    deadline: Deadline,
    most: u16,
    counts: &mut Audit,
) -> Result<()> {
    if deadline.has_passed() {
        return Ok(());
    }
    let name = format!("objects:{}", backend.as_str());
    let Some(mut due) = db::audit::find_due(db, &name, AUDIT_INTERVAL).await? else { return Ok(()) };
    while !deadline.has_passed() {
        let mut page = Page::read(db, stores, backend, &due.cursor, most).await?;
        page.check(stores.get(backend), deadline).await?;
        if page.end.as_ref() == Some(&due.cursor) {
            break;
        }
        let keys = page.reported_keys();
        let Some(confirmed) = db::audit::save_step(db, &name, &due, page.end.as_ref(), &keys).await? else {
            log_overtaken(&name);
            break;
        };
        page.keep_confirmed(&confirmed);
        report(&page, backend, counts);
        let Some(next) = page.end else { break };
        due = due.next(next);
    }
    Ok(())
}

/// Logs and counts the findings of a step that was saved.
fn report(page: &Page, backend: Backend, counts: &mut Audit) {
    page.findings.iter().for_each(log_finding);
    for (Suspect { place, .. }, error) in &page.unchecked {
        log_unchecked(*place, error);
    }
    let count = |kind| page.findings.iter().filter(|finding| finding.kind == kind).count();
    let (objects, foreign) = page.count_objects();
    let (without_row, without_object, changed) =
        (count(Kind::ObjectWithoutRow), count(Kind::RowWithoutObject), count(Kind::ChangedObject));
    tracing::info!(
        metric.audited_objects = objects,
        metric.objects_without_row = without_row,
        metric.rows_without_object = without_object,
        metric.changed_objects = changed,
        metric.unchecked_objects = page.unchecked.len(),
        foreign_objects = foreign,
        storage_backend = backend.as_str(),
        pass_ended = page.end.is_none(),
        "a part of a store was audited"
    );
    counts.objects += objects;
    counts.foreign += foreign;
    counts.without_row += without_row;
    counts.without_object += without_object;
    counts.changed += changed;
    counts.unchecked += page.unchecked.len();
}

/// Logs that nobody knows whether the object of a document is in order.
pub(crate) fn log_unchecked(Place { user, document }: Place, error: &Error) {
    tracing::error!(%document, %user, %error, "an object cannot be checked");
}

/// Logs a finding by its ids. Object keys and filenames are never logged.
fn log_finding(Suspect { kind, place, .. }: &Suspect) {
    let (user, document) = (place.user, place.document);
    match kind {
        Kind::RowWithoutObject => tracing::error!(%document, %user, "a confirmed document has no object"),
        Kind::ObjectWithoutRow => tracing::error!(%document, %user, "an object has no row"),
        Kind::ChangedObject => {
            tracing::error!(%document, %user, "an object is not the one that was confirmed");
        }
    }
}
