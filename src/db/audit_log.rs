//! The part of SQL statements that writes to the audit log.

use crate::audit_log::Action;

/// The SQL expressions of an entry's columns.
pub(super) struct EntrySql<'a> {
    /// The kind of the event.
    pub action: Action,
    /// The account that acts, such as `s.user_id`. `null` if nobody is signed in.
    pub actor: &'a str,
    /// The account that the event is about.
    pub target: &'a str,
    /// More about the event, as `jsonb`. It has ids, numbers and words of the vault only: no secrets, URLs,
    /// addresses, filenames or contents.
    pub details: &'a str,
    /// The rows for each of which an entry is written: a part of the same statement, and conditions if
    /// needed, such as `ended e where e.reused`.
    pub from: &'a str,
}

impl EntrySql<'_> {
    /// Returns SQL that writes an entry for each row. `address` and `request_id` are the numbers of the
    /// parameters that contain the origin of the request ([`Visit`](crate::visit::Visit)), such as `$3`.
    pub(super) fn insert(&self, address: &str, request_id: &str) -> String {
        let Self { action, actor, target, details, from } = self;
        let action = action.as_str();
        format!(
            "insert into audit_log (id, actor_id, action, target_id, address, request_id, details)
            select gen_random_uuid(), {actor}, '{action}', {target}, {address}, {request_id}, {details}
            from {from}"
        )
    }
}
