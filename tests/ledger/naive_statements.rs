//! Wrong statements that confirm. Each is correct as long as no other confirmation runs. Concurrent
//! confirmations break the quota, because the parts of a statement share one snapshot. With these statements
//! the tests show that the races of `charge_races` detect such faults.
//!
//! Parameters: `$1` document, `$2` user, `$3` bytes.

/// Charges the quota if the row is pending, and changes the row afterwards. A statement that has waited for
/// the quota's lock still sees the row as pending, and charges again.
pub const CHARGE_FIRST: &str = "-- naive: charge first
    with charged as (
        update quotas q set used_bytes = q.used_bytes + $3
        from documents d
        where d.id = $1 and d.user_id = $2 and d.status = 'pending'
            and q.user_id = d.user_id and q.used_bytes + $3 <= q.limit_bytes
        returning q.user_id
    )
    update documents d set status = 'uploaded', size_bytes = $3, confirmed_at = now()
    from charged c where d.id = $1 and d.user_id = c.user_id and d.status = 'pending'";

/// Changes the row's status first, if there seems to be room. A statement that then waits for the quota's
/// lock finds no room, but has confirmed the row already.
pub const STATUS_FIRST: &str = "-- naive: status first
    with confirmed as (
        update documents d set status = 'uploaded', size_bytes = $3, confirmed_at = now()
        from quotas q
        where d.id = $1 and d.user_id = $2 and d.status = 'pending'
            and q.user_id = d.user_id and q.used_bytes + $3 <= q.limit_bytes
        returning d.user_id
    )
    update quotas q set used_bytes = q.used_bytes + $3
    from confirmed c where q.user_id = c.user_id and q.used_bytes + $3 <= q.limit_bytes";
