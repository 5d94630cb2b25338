use docuvault::config::Uploads;
use docuvault::id::DocumentId;
use serde_json::json;
use tests::promises::Snapshot;
use tests::{Client, TestVault, promises};

use crate::race::{against, callers, leads, sandboxes, together};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_at_once_no_more_get_a_url_than_may_be_pending() {
    let mut vault = TestVault::new().await;
    vault.limits = Uploads { max_pending: 5, ..vault.limits };
    let sandboxes = sandboxes(&vault, 16).await;
    for _ in 0..40 {
        let alice = vault.user().await;
        let request = json!({"filename": "a.txt", "content_type": "text/plain"});
        let runs = callers(&alice, &sandboxes).into_iter().map(|alice| {
            let request = request.clone();
            async move { alice.post("/api/documents/upload-url", request).await }
        });
        let mut statuses: Vec<u16> = together(runs).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 5], vec![429; 11]].concat());
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_lowered_meanwhile_admits_nothing_more() {
    let vault = TestVault::new().await;
    let sandboxes = sandboxes(&vault, 8).await;
    for lead in leads(40, &vault.user().await).await {
        let alice = vault.user().await;
        vault.limit(alice.id(), 80).await;
        let late = alice.store("late.txt", b"x").await.document_id;
        let mut runs = Vec::new();
        for alice in callers(&alice, &sandboxes) {
            let id = alice.store("a.txt", b"0123456789").await.document_id;
            runs.push(async move { alice.confirm(id).await });
        }
        let admin = vault.database.connect_as("docuvault_app").await;
        let user = alice.id();
        let lower = async move {
            // What the administrator is answered is true from then on: what was used at that moment is the most there will be.
            let statement = "update quotas set limit_bytes = 30 where user_id = $1 returning used_bytes";
            admin.query_one(statement, &[&user]).await.unwrap().get::<_, i64>(0)
        };
        let (answers, used_then) = against(together(runs), lead, lower).await;
        for answer in &answers {
            assert!([200, 413].contains(&answer.status), "{}", answer.body);
        }
        check_lowered(&vault, used_then, &alice, late).await;
    }
}

async fn check_lowered(vault: &TestVault, used_then: i64, alice: &Client, late: DocumentId) {
    let snapshot = Snapshot::take(vault).await;
    snapshot.ledger_is_balanced().unwrap();
    snapshot.confirmed_is_stored().unwrap();
    snapshot.no_object_is_forgotten().unwrap();
    let used = snapshot.quotas[&alice.id().to_string()].used;
    assert_eq!(used, used_then.max(30));
    let answer = alice.confirm(late).await.expect(413);
    assert_eq!(answer["detail"], json!({"used_bytes": used, "limit_bytes": 30, "rejected_bytes": 1}));
}
