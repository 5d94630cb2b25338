//! The audit log, as administrators read it.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::audit_log::Entry;
use crate::auth::User;
use crate::db::Database;
use crate::id::UserId;
use crate::page::{Page, PageQuery, PageRequest, Position};
use crate::{Error, Result, db};

/// The most characters of an action.
const MAX_ACTION: usize = 64;

/// The parameters of the audit log: filters, and the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// Only what this account has done.
    pub actor_id: Option<UserId>,
    /// Only what was done to this account, document or object.
    #[param(value_type = Option<String>, format = Uuid, example = "019c1363-49c0-7000-8000-000000000001")]
    pub target_id: Option<Uuid>,
    /// Only events of this kind.
    #[param(pattern = "^[a-z_.]{1,64}$", example = "session.started")]
    pub action: Option<String>,
    /// Only events at this time or later, in RFC 3339.
    #[param(max_length = 40, example = "2026-01-31T00:00:00Z")]
    pub from: Option<String>,
    /// Only events before this time, in RFC 3339.
    #[param(max_length = 40, example = "2026-02-01T00:00:00Z")]
    pub until: Option<String>,
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the previous page. A cursor is valid for one list and one account only.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// The parsed filters of the audit log.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// See [`LogQuery::actor_id`].
    pub actor: Option<UserId>,
    /// See [`LogQuery::target_id`].
    pub target: Option<Uuid>,
    /// See [`LogQuery::action`].
    pub action: Option<String>,
    /// See [`LogQuery::from`].
    pub from: Option<OffsetDateTime>,
    /// See [`LogQuery::until`].
    pub until: Option<OffsetDateTime>,
}

impl LogFilter {
    /// Checks the parameters, and splits them into the filter and the page.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the action or a time is malformed. An action that no release knows is no error:
    /// a later release may have written it.
    pub fn parse(query: LogQuery) -> Result<(Self, PageQuery)> {
        let LogQuery { actor_id, target_id, action, from, until, limit, cursor } = query;
        if action.as_deref().is_some_and(|action| !is_action(action)) {
            return Err(Error::Invalid(
                "action must be the kind of an event, such as session.started".into(),
            ));
        }
        let (from, until) = (parse_time("from", from)?, parse_time("until", until)?);
        Ok((Self { actor: actor_id, target: target_id, action, from, until }, PageQuery { limit, cursor }))
    }
}

/// Lists entries of the audit log, newest first.
pub async fn list_log(db: &Database, admin: User, query: LogQuery) -> Result<Page<Entry>> {
    let (filter, page) = LogFilter::parse(query)?;
    let paging = PageRequest::parse("audit log", admin.id, &page)?;
    let entries = db::administration::list_log(db, admin, &filter, &paging).await?;
    Ok(paging.page(entries, |last| Position { created_at: last.at, id: last.id }))
}

/// Returns true if the text has the form of an action.
fn is_action(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || matches!(b, b'_' | b'.');
    (1..=MAX_ACTION).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn parse_time(name: &str, text: Option<String>) -> Result<Option<OffsetDateTime>> {
    let refuse = |_| {
        Error::Invalid(format!(
            "{name} must be a time, such as 2026-01-31T09:30:00Z (a plus sign is sent as %2B)"
        ))
    };
    text.map(|text| OffsetDateTime::parse(&text, &Rfc3339).map_err(refuse)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_filters_are_refused() {
        let with_action = |action: &str| LogQuery { action: Some(action.into()), ..LogQuery::default() };
        let from = |text: &str| LogQuery { from: Some(text.into()), ..LogQuery::default() };
        let is_ok = |query| LogFilter::parse(query).is_ok();
        assert!(is_ok(with_action("session.started")) && is_ok(with_action("backup_codes.renewed")));
        for wrong in ["", "Session.started", "session started", "session.%", "a\0b", &"a".repeat(65)] {
            assert!(!is_ok(with_action(wrong)), "{wrong}");
        }
        assert!(is_ok(from("2026-01-31T09:30:00Z")) && is_ok(from("2026-01-31t09:30:00.123456+02:00")));
        for wrong in
            ["", "2026-01-31", "2026-01-31T09:30:00", "2026-13-01T00:00:00Z", "yesterday", "1769852400"]
        {
            assert!(!is_ok(from(wrong)), "{wrong}");
        }
    }
}
