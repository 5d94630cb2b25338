//! Checks of the promises P1 to P5 (`README.md`), in Postgres and in the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::TestVault;

/// The rows and objects that the promises are about, read at a moment when no request runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Ledger rows by user id.
    pub quotas: BTreeMap<String, Quota>,
    /// Documents by object key.
    pub rows: BTreeMap<String, Row>,
    /// The object keys of tombstones.
    pub tombstones: BTreeSet<String>,
    /// The number of upload URLs that have not expired and belong to no confirmed document, by user id. Users
    /// without such a URL are left out.
    pub live_urls: BTreeMap<String, i64>,
    /// Stored objects by key: size in bytes and entity tag, which changes with the bytes.
    pub objects: BTreeMap<String, (i64, String)>,
}

/// A row of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Charged bytes.
    pub used: i64,
    /// The limit, in bytes.
    pub limit: i64,
}

/// The columns of a document that the promises are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The owner's id.
    pub user: String,
    /// `pending`, `uploaded`, `classified` or `classification_failed`.
    pub status: String,
    /// Size in bytes: declared while pending, charged afterwards.
    pub size: Option<i64>,
    /// The code of a failed classification.
    pub failure: Option<String>,
}

impl Row {
    /// Returns whether the document is confirmed, and so charged.
    pub fn is_confirmed(&self) -> bool {
        self.status != "pending"
    }
}

impl Snapshot {
    /// Reads the database and the bucket. One statement reads all rows, so that they show one moment.
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
            objects: vault.bucket.list().await,
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

    /// Returns the sum of the sizes of a user's confirmed documents.
    pub fn confirmed_bytes(&self, user: &str) -> i64 {
        let rows = self.rows.values().filter(|row| row.user == user && row.is_confirmed());
        rows.filter_map(|row| row.size).sum()
    }

    /// Checks P1: `used_bytes` is the sum of the sizes of the confirmed documents.
    pub fn check_ledger_balance(&self) -> Result<(), String> {
        for (user, quota) in &self.quotas {
            let confirmed = self.confirmed_bytes(user);
            if quota.used != confirmed {
                let used = quota.used;
                return Err(format!("P1: {user} is charged {used} bytes for {confirmed} confirmed bytes"));
            }
        }
        Ok(())
    }

    /// Checks P2, if no limit was lowered: no user has confirmed more bytes than the limit.
    pub fn check_limits(&self) -> Result<(), String> {
        for (user, Quota { limit, .. }) in &self.quotas {
            let confirmed = self.confirmed_bytes(user);
            if confirmed > *limit {
                return Err(format!("P2: {user} has confirmed {confirmed} bytes, the limit is {limit}"));
            }
        }
        Ok(())
    }

    /// Checks P3 and one half of P5: every confirmed row has its object, of the size that was charged.
    pub fn check_confirmed_objects(&self) -> Result<(), String> {
        for (key, row) in self.rows.iter().filter(|(_, row)| row.is_confirmed()) {
            match self.objects.get(key) {
                None => return Err(format!("P5: the confirmed document {key} has no object")),
                Some((stored, _)) if Some(*stored) != row.size => {
                    return Err(format!(
                        "P3: {key} was charged {:?} bytes, the object has {stored}",
                        row.size
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Checks P4, when no message is left to deliver: every confirmed document is classified or has failed,
    /// and each failure has a code.
    pub fn check_ended_classifications(&self) -> Result<(), String> {
        for (key, row) in &self.rows {
            match row.status.as_str() {
                "uploaded" => return Err(format!("P4: {key} is never classified")),
                "classification_failed" if row.failure.is_none() => {
                    return Err(format!("P4: {key} failed without a code"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks the other half of P5: every object has a row or, until the next sweep, a tombstone.
    pub fn check_no_object_is_forgotten(&self) -> Result<(), String> {
        let forgotten: Vec<_> = self
            .objects
            .keys()
            .filter(|key| !self.rows.contains_key(*key) && !self.tombstones.contains(*key))
            .collect();
        if forgotten.is_empty() {
            Ok(())
        } else {
            Err(format!("P5: objects with neither row nor tombstone: {forgotten:?}"))
        }
    }

    /// Checks P5 after a sweep: every object has a row.
    pub fn check_every_object_has_a_row(&self) -> Result<(), String> {
        let orphans: Vec<_> = self.objects.keys().filter(|key| !self.rows.contains_key(*key)).collect();
        if orphans.is_empty() {
            Ok(())
        } else {
            Err(format!("P5: objects without a row after the sweep: {orphans:?}"))
        }
    }
}

/// Checks P1 and P2: `used_bytes` is the sum of the confirmed documents, and within the limit.
pub async fn check_ledger(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_ledger_balance().and_then(|()| snapshot.check_limits())
}

/// Checks P3 and one half of P5: every confirmed row has its object, of the size that was charged.
pub async fn check_confirmed_objects(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.check_confirmed_objects()
}

/// Checks the other half of P5: every object has a row or, until the next sweep, a tombstone.
pub async fn check_no_object_is_forgotten(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.check_no_object_is_forgotten()
}

/// Checks P5 after a sweep: every object has a row.
pub async fn check_every_object_has_a_row(vault: &TestVault) -> Result<(), String> {
    Snapshot::take(vault).await.check_every_object_has_a_row()
}

/// Checks P1, P2, P3 and P5 in the form that holds whenever no request runs.
pub async fn check(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_ledger_balance()?;
    snapshot.check_limits()?;
    snapshot.check_confirmed_objects()?;
    snapshot.check_no_object_is_forgotten()
}
