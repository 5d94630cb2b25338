//! Reads rows for tests that compare the database before and after.

use docuvault::id::{DocumentId, UserId};
use serde_json::Value;

use crate::TestVault;

impl TestVault {
    /// Returns every row of every table as one JSON object, except the counters of `rate_limits` and
    /// `allowances`, which refused requests change, too, and the cursors of audits.
    pub async fn rows(&self) -> Value {
        let client = self.database.superuser().await;
        let statement = "select string_agg(
                format('select %L as name, jsonb_agg(r order by to_jsonb(r)) as rows from %1$I r', tablename),
                ' union all ')
            from pg_tables where schemaname = 'public'
                and tablename not in ('rate_limits', 'allowances', 'audit_cursors', '_sqlx_migrations')";
        let tables: String = client.query_one(statement, &[]).await.unwrap().get(0);
        let statement = format!("select jsonb_object_agg(name, rows) from ({tables}) t");
        client.query_one(&statement, &[]).await.unwrap().get(0)
    }

    /// Returns a document's row; null if it is gone.
    pub async fn row(&self, id: DocumentId) -> Value {
        let statement = "select (select to_jsonb(d) from documents d where d.id = $1)";
        let row = self.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
        row.get::<_, Option<Value>>(0).unwrap_or_default()
    }

    /// Returns these columns of a document's row, in this order.
    pub async fn columns(&self, id: DocumentId, names: &[&str]) -> Vec<Value> {
        let mut row = self.row(id).await;
        names.iter().map(|name| row[*name].take()).collect()
    }

    /// Returns the actions in the audit log that are about an account, in the order in which they happened.
    pub async fn audited(&self, user: UserId) -> Vec<String> {
        let statement = "select action from audit_log where target_id = $1 order by at, action";
        let rows = self.database.superuser().await.query(statement, &[&user]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Returns how many tombstones there are.
    pub async fn count_tombstones(&self) -> i64 {
        let statement = "select count(*) from tombstones";
        self.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Waits until this query returns true, for 30 s at most.
    pub async fn wait_until(&self, statement: &str) {
        self.database.wait_until(statement).await;
    }

    /// Waits until the statement with this name waits for a lock.
    pub async fn wait_until_blocked(&self, name: &str) {
        let statement = format!(
            "select exists (select from pg_stat_activity where datname = current_database()
                and query like '-- {name}%' and wait_event_type = 'Lock')"
        );
        self.wait_until(&statement).await;
    }

    /// Runs statements as superuser that no function would send.
    pub async fn tamper(&self, statements: &str) {
        self.database.superuser().await.batch_execute(statements).await.unwrap();
    }
}
