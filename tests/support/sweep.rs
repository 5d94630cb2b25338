//! Runs the sweep, the audit and repairs, and makes rows old enough for them.

use cleanup::{Audit, Capabilities, Order, Outcome, PageSizes, Report};
use docuvault::Result;
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

    /// Runs a whole pass of each audit, even if the last one has just ended.
    pub async fn audit(&self) -> Audit {
        self.tamper("update audit_cursors set begun_at = 'epoch'").await;
        self.audit_with(&self.services(), PageSizes::default()).await.unwrap()
    }

    /// Runs the audits that are due, with these services and pages of these sizes.
    pub async fn audit_with(
        &self,
        Services { db, storage, .. }: &Services,
        pages: PageSizes,
    ) -> Result<Audit> {
        cleanup::audit(db, &storage.stores_of("cleanup"), Deadline::none(), pages).await
    }

    /// Runs the audits that are due, with these services, until a deadline.
    pub async fn audit_until(
        &self,
        Services { db, storage, .. }: &Services,
        deadline: Deadline,
    ) -> Result<Audit> {
        cleanup::audit(db, &storage.stores_of("cleanup"), deadline, PageSizes::default()).await
    }

    /// Repairs as an operator orders it. The request id in the audit log is `order-1`.
    pub async fn repair(&self, order: Order) -> Outcome {
        self.repair_with(&self.services(), order).await.unwrap()
    }

    /// Repairs with these services.
    pub async fn repair_with(&self, services: &Services, order: Order) -> Result<Outcome> {
        self.repair_until(services, order, Deadline::none()).await
    }

    /// Repairs with these services, until a deadline.
    pub async fn repair_until(
        &self,
        services: &Services,
        order: Order,
        deadline: Deadline,
    ) -> Result<Outcome> {
        let Services { db, storage, queue } = services.clone();
        let with = Capabilities { db, stores: storage.stores_of("cleanup"), queue };
        cleanup::repair(&with, &order, "order-1", deadline).await
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
             update audit_cursors set begun_at = begun_at - interval '{minutes} minutes';
             update rate_limits set window_ends_at = window_ends_at - interval '{minutes} minutes';
             update allowances set full_at = full_at - interval '{minutes} minutes',
                open_at = open_at - interval '{minutes} minutes'"
        );
        self.database.superuser().await.batch_execute(&statement).await.unwrap();
    }
}
