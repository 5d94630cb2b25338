//! What the database holds, for tests that say what may have changed.

use std::time::Duration;

use docuvault::id::DocumentId;
use serde_json::Value;

use crate::TestVault;

impl TestVault {
    /// Every row of every table that the vault's functions write.
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

    /// One document's row; null where it is gone.
    pub async fn row(&self, id: DocumentId) -> Value {
        let statement = "select (select to_jsonb(d) from documents d where d.id = $1)";
        let row = self.database.superuser().await.query_one(statement, &[&id]).await.unwrap();
        row.get::<_, Option<Value>>(0).unwrap_or_default()
    }

    /// Some columns of a document's row, in this order.
    pub async fn columns(&self, id: DocumentId, names: &[&str]) -> Vec<Value> {
        let mut row = self.row(id).await;
        names.iter().map(|name| row[*name].take()).collect()
    }

    /// How many objects are buried and not yet forgotten.
    pub async fn tombstones(&self) -> i64 {
        let statement = "select count(*) from tombstones";
        self.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Waits until the database says yes.
    pub async fn until(&self, statement: &str) {
        let client = self.database.superuser().await;
        let yes = async {
            while !client.query_one(statement, &[]).await.unwrap().get::<_, bool>(0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), yes).await.expect(statement);
    }

    /// Waits until a statement of this name waits for a lock.
    pub async fn until_waiting(&self, name: &str) {
        let statement = format!(
            "select exists (select from pg_stat_activity where datname = current_database()
                and query like '-- {name}%' and wait_event_type = 'Lock')"
        );
        self.until(&statement).await;
    }

    /// Statements that no function would send.
    pub async fn tamper(&self, statements: &str) {
        self.database.superuser().await.batch_execute(statements).await.unwrap();
    }
}
