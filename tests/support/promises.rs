//! The promises of SPEC section 1, as questions to Postgres and the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::TestVault;

/// P1 and P2: what is used is the sum of what is confirmed, and within the limit.
pub async fn ledger_is_exact(vault: &TestVault) -> Result<(), String> {
    let rows = vault
        .database
        .superuser()
        .await
        .query(
            "select q.user_id::text, q.used_bytes, q.limit_bytes, coalesce(sum(d.size_bytes), 0)::bigint as confirmed
             from quotas q left join documents d on d.user_id = q.user_id and d.status <> 'pending'
             group by q.user_id",
            &[],
        )
        .await
        .unwrap();
    for row in rows {
        let (user, used, limit, confirmed): (String, i64, i64, i64) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        if used != confirmed {
            return Err(format!("P1: {user} is charged {used} bytes for {confirmed} confirmed ones"));
        }
        if confirmed > limit {
            return Err(format!("P2: {user} has {confirmed} bytes confirmed against a limit of {limit}"));
        }
    }
    Ok(())
}

/// P3 and one half of P5: every confirmed row has its object, of the size that was charged.
pub async fn confirmed_is_stored(vault: &TestVault) -> Result<(), String> {
    let objects = vault.bucket.objects().await;
    for (key, size) in confirmed(vault).await {
        match objects.get(&key) {
            None => return Err(format!("P5: the confirmed {key} has no object")),
            Some(stored) if *stored != size => {
                return Err(format!("P3: {key} was charged with {size} bytes and has {stored}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The other half of P5: every object has a row or, until the sweep has come by, a tombstone.
pub async fn no_object_is_forgotten(vault: &TestVault) -> Result<(), String> {
    let known = keys(vault, "select object_key from documents union select object_key from tombstones").await;
    let forgotten: Vec<_> =
        vault.bucket.objects().await.into_keys().filter(|key| !known.contains(key)).collect();
    if forgotten.is_empty() { Ok(()) } else { Err(format!("P5: objects without a row: {forgotten:?}")) }
}

/// P5 after a sweep: every object has a row.
pub async fn no_object_without_row(vault: &TestVault) -> Result<(), String> {
    let known = keys(vault, "select object_key from documents").await;
    let orphans: Vec<_> =
        vault.bucket.objects().await.into_keys().filter(|key| !known.contains(key)).collect();
    if orphans.is_empty() { Ok(()) } else { Err(format!("P5: orphans after the sweep: {orphans:?}")) }
}

/// P1, P2, P3 and P5 as they hold at every quiescent moment.
pub async fn hold(vault: &TestVault) -> Result<(), String> {
    ledger_is_exact(vault).await?;
    confirmed_is_stored(vault).await?;
    no_object_is_forgotten(vault).await
}

async fn confirmed(vault: &TestVault) -> BTreeMap<String, i64> {
    let statement = "select object_key, size_bytes from documents where status <> 'pending'";
    let rows = vault.database.superuser().await.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn keys(vault: &TestVault, statement: &str) -> BTreeSet<String> {
    let rows = vault.database.superuser().await.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
