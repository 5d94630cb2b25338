//! Runs the sweep, and makes rows old enough for it.

use cleanup::Report;
use docuvault::deadline::Deadline;

use crate::{Services, TestVault};

impl TestVault {
    /// Runs the sweep once.
    pub async fn sweep(&self) -> Report {
        self.sweep_with(&self.services()).await
    }

    /// Runs the sweep once with these services.
    pub async fn sweep_with(&self, Services { db, storage, queue }: &Services) -> Report {
        cleanup::sweep(db, &storage.stores_of("cleanup"), queue, Deadline::none()).await.unwrap()
    }

    /// Makes every row as old as if `hours` more hours had passed.
    pub async fn age_hours(&self, hours: i32) {
        self.age_minutes(60 * hours).await;
    }

    /// Makes every row as old as if `minutes` more minutes had passed.
    pub async fn age_minutes(&self, minutes: i32) {
        let statement = format!(
            "update documents set created_at = created_at - i, url_expires_at = url_expires_at - i,
                nudge_due_at = nudge_due_at - i, lease_expires_at = lease_expires_at - i
             from (select interval '{minutes} minutes' as i) age;
             update tombstones set created_at = created_at - i, due_at = due_at - i, final_at = final_at - i,
                url_expires_at = url_expires_at - i
             from (select interval '{minutes} minutes' as i) age;
             update rate_limits set window_ends_at = window_ends_at - interval '{minutes} minutes'"
        );
        self.database.superuser().await.batch_execute(&statement).await.unwrap();
    }
}
