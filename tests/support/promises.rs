//! The promises of SPEC section 1, as questions to Postgres and the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::TestVault;

/// Everything that the promises are about, at one quiescent moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// By user.
    pub quotas: BTreeMap<String, Quota>,
    /// By object key.
    pub rows: BTreeMap<String, Row>,
    /// Object keys.
    pub tombstones: BTreeSet<String>,
    /// By user: how many upload URLs are alive under which nothing is confirmed. Users without one are left out.
    pub live_urls: BTreeMap<String, i64>,
    /// By key: size in bytes and entity tag, which changes with the bytes.
    pub objects: BTreeMap<String, (i64, String)>,
}

/// A row of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// As charged.
    pub used: i64,
    /// As allowed.
    pub limit: i64,
}

/// A document, as far as the promises go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub user: String,
    /// `pending`, `uploaded`, `classified` or `classification_failed`.
    pub status: String,
    /// Declared or charged.
    pub size: Option<i64>,
    /// Why classification failed.
    pub failure: Option<String>,
}

impl Row {
    /// Whether it counts.
    pub fn is_confirmed(&self) -> bool {
        self.status != "pending"
    }
}

impl Snapshot {
    /// Asks both. The rows are one statement's, so that they belong together.
    pub async fn take(vault: &TestVault) -> Self {
        let statement = "
            select 'quota', user_id::text, null, null, used_bytes, limit_bytes, null from quotas
            union all select 'row', object_key, user_id::text, status, size_bytes, null, failure_code from documents
            union all select 'tombstone', object_key, null, null, null, null, null from tombstones
            union all select 'url', split_part(object_key, '/', 1), null, null, count(*), null, null from (
                select object_key, url_expires_at from documents where status = 'pending'
                union all select object_key, final_at - interval '24 hours' from tombstones
            ) u where url_expires_at > now() group by 2";
        let mut snapshot = Self {
            quotas: BTreeMap::new(),
            rows: BTreeMap::new(),
            tombstones: BTreeSet::new(),
            live_urls: BTreeMap::new(),
            objects: vault.bucket.listing().await,
        };
        for row in vault.database.superuser().await.query(statement, &[]).await.unwrap() {
            let key: String = row.get(1);
            match row.get(0) {
                "quota" => drop(snapshot.quotas.insert(key, Quota { used: row.get(4), limit: row.get(5) })),
                "row" => drop(snapshot.rows.insert(
                    key,
                    Row { user: row.get(2), status: row.get(3), size: row.get(4), failure: row.get(6) },
                )),
                "url" => drop(snapshot.live_urls.insert(key, row.get(4))),
                _ => drop(snapshot.tombstones.insert(key)),
            }
        }
        snapshot
    }

    /// The bytes of a user's confirmed documents.
    pub fn confirmed_bytes(&self, user: &str) -> i64 {
        let rows = self.rows.values().filter(|row| row.user == user && row.is_confirmed());
        rows.filter_map(|row| row.size).sum()
    }

    /// P1: what is used is the sum of what is confirmed.
    pub fn ledger_is_balanced(&self) -> Result<(), String> {
        for (user, quota) in &self.quotas {
            let confirmed = self.confirmed_bytes(user);
            if quota.used != confirmed {
                let used = quota.used;
                return Err(format!("P1: {user} is charged {used} bytes for {confirmed} confirmed ones"));
            }
        }
        Ok(())
    }

    /// P2, where no limit was ever lowered: nobody has more confirmed than allowed.
    pub fn limits_are_kept(&self) -> Result<(), String> {
        for (user, Quota { limit, .. }) in &self.quotas {
            let confirmed = self.confirmed_bytes(user);
            if confirmed > *limit {
                return Err(format!("P2: {user} has {confirmed} bytes confirmed against a limit of {limit}"));
            }
        }
        Ok(())
    }

    /// P3 and one half of P5: every confirmed row has its object, of the size that was charged.
    pub fn confirmed_is_stored(&self) -> Result<(), String> {
        for (key, row) in self.rows.iter().filter(|(_, row)| row.is_confirmed()) {
            match self.objects.get(key) {
                None => return Err(format!("P5: the confirmed {key} has no object")),
                Some((stored, _)) if Some(*stored) != row.size => {
                    return Err(format!("P3: {key} was charged with {:?} bytes and has {stored}", row.size));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// P4 when nothing is left to deliver: every confirmed document has ended, and a failure says why.
    pub fn classification_has_ended(&self) -> Result<(), String> {
        for (key, row) in &self.rows {
            match row.status.as_str() {
                "uploaded" => return Err(format!("P4: {key} waits for ever")),
                "classification_failed" if row.failure.is_none() => {
                    return Err(format!("P4: {key} failed without a reason"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The other half of P5: every object has a row or, until the sweep has come by, a tombstone.
    pub fn no_object_is_forgotten(&self) -> Result<(), String> {
        let forgotten: Vec<_> = self
            .objects
            .keys()
            .filter(|key| !self.rows.contains_key(*key) && !self.tombstones.contains(*key))
            .collect();
        if forgotten.is_empty() { Ok(()) } else { Err(format!("P5: objects without a row: {forgotten:?}")) }
    }

    /// P5 after a sweep: every object has a row.
    pub fn no_object_without_row(&self) -> Result<(), String> {
        let orphans: Vec<_> = self.objects.keys().filter(|key| !self.rows.contains_key(*key)).collect();
        if orphans.is_empty() { Ok(()) } else { Err(format!("P5: orphans after the sweep: {orphans:?}")) }
    }
}

/// P1 and P2: what is used is the sum of what is confirmed, and within the limit.
pub async fn ledger_is_exact(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.ledger_is_balanced().and_then(|()| snapshot.limits_are_kept())
}

/// P3 and one half of P5: every confirmed row has its object, of the size that was charged.
pub async fn confirmed_is_stored(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.confirmed_is_stored()
}

/// The other half of P5: every object has a row or, until the sweep has come by, a tombstone.
pub async fn no_object_is_forgotten(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.no_object_is_forgotten()
}

/// P5 after a sweep: every object has a row.
pub async fn no_object_without_row(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.no_object_without_row()
}

/// P1, P2, P3 and P5 as they hold at every quiescent moment.
pub async fn hold(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.ledger_is_balanced()?;
    snapshot.limits_are_kept()?;
    snapshot.confirmed_is_stored()?;
    snapshot.no_object_is_forgotten()
}
