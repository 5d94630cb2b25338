//! Reads rows for tests that compare the database before and after.

use std::time::Duration;

use docuvault::id::DocumentId;
use serde_json::Value;

use crate::TestVault;

impl TestVault {
    /// Returns every row of every table that holds accounts, documents or topics, as one JSON object.
    pub async fn rows(&self) -> Value {
        let statement = "select jsonb_build_object(
            'users', (select jsonb_agg(r order by r.id) from users r),
            'quotas', (select jsonb_agg(r order by r.user_id) from quotas r),
            'documents', (select jsonb_agg(r order by r.id) from documents r),
            'topics', (select jsonb_agg(r order by r.id) from topics r),
            'document_topics', (select jsonb_agg(r order by r.document_id, r.topic_id) from document_topics r),
            'tombstones', (select jsonb_agg(r order by r.object_key) from tombstones r))";
        self.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
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

    /// Returns how many tombstones there are.
    pub async fn count_tombstones(&self) -> i64 {
        let statement = "select count(*) from tombstones";
        self.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Waits until this query returns true, for 30 s at most.
    pub async fn wait_until(&self, statement: &str) {
        let client = self.database.superuser().await;
        let yes = async {
            while !client.query_one(statement, &[]).await.unwrap().get::<_, bool>(0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), yes).await.expect(statement);
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
