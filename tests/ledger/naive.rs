//! Confirm statements as one would first write them. Each is right as long as nobody else confirms; together they break the
//! quota, because the parts of a statement share one snapshot. They are here so that the races prove that they have teeth.
//!
//! `$1` document, `$2` user, `$3` bytes.

/// Charges in a part that is joined to the pending row: who waited for the quota's lock still sees the row as pending.
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

/// Flips the row where there seems to be room: who then waits for the quota's lock finds it full, and the row is flipped.
pub const FLIP_FIRST: &str = "-- naive: flip first
    with confirmed as (
        update documents d set status = 'uploaded', size_bytes = $3, confirmed_at = now()
        from quotas q
        where d.id = $1 and d.user_id = $2 and d.status = 'pending'
            and q.user_id = d.user_id and q.used_bytes + $3 <= q.limit_bytes
        returning d.user_id
    )
    update quotas q set used_bytes = q.used_bytes + $3
    from confirmed c where q.user_id = c.user_id and q.used_bytes + $3 <= q.limit_bytes";
