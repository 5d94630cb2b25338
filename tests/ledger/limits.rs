use docuvault::config::UploadLimits;
use docuvault::id::DocumentId;
use serde_json::json;
use tests::promises::Snapshot;
use tests::{Client, TestVault, promises};

use crate::race::{callers_in, choose_leads, open_sandboxes, run_together, run_with_lead};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_no_more_urls_than_may_be_pending() {
    let mut vault = TestVault::new().await;
    vault.limits = UploadLimits { max_pending: 5, ..vault.limits };
    let sandboxes = open_sandboxes(&vault, 16).await;
    for _ in 0..40 {
        let alice = vault.create_user().await;
        let request = json!({"filename": "a.txt", "content_type": "text/plain"});
        let runs = callers_in(&alice, &sandboxes).into_iter().map(|alice| {
            let request = request.clone();
            async move { alice.post("/api/documents/upload-url", request).await }
        });
        let mut statuses: Vec<u16> = run_together(runs).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 5], vec![429; 11]].concat());
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_lowered_during_confirmations_admits_no_more_bytes() {
    let vault = TestVault::new().await;
    let sandboxes = open_sandboxes(&vault, 8).await;
    for lead in choose_leads(40, &vault.create_user().await).await {
        let alice = vault.create_user().await;
        vault.set_limit(alice.id(), 80).await;
        let late = alice.store_pending("late.txt", b"x").await.document_id;
        let mut runs = Vec::new();
        for alice in callers_in(&alice, &sandboxes) {
            let id = alice.store_pending("a.txt", b"0123456789").await.document_id;
            runs.push(async move { alice.confirm(id).await });
        }
        let admin = vault.database.connect_as("docuvault_app").await;
        let user = alice.id();
        let lower = async move {
            // From the moment of this answer on, used_bytes may not exceed the value in it, or the new limit
            // if that is larger.
            let statement = "update quotas set limit_bytes = 30 where user_id = $1 returning used_bytes";
            admin.query_one(statement, &[&user]).await.unwrap().get::<_, i64>(0)
        };
        let (answers, used_then) = run_with_lead(run_together(runs), lead, lower).await;
        for answer in &answers {
            assert!([200, 413].contains(&answer.status), "{}", answer.body);
        }
        check_lowered_limit(&vault, used_then, &alice, late).await;
    }
}

async fn check_lowered_limit(vault: &TestVault, used_then: i64, alice: &Client, late: DocumentId) {
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_ledger_balance().unwrap();
    snapshot.check_confirmed_objects().unwrap();
    snapshot.check_no_object_is_forgotten().unwrap();
    let used = snapshot.quotas[&alice.id().to_string()].used;
    assert_eq!(used, used_then.max(30));
    let answer = alice.confirm(late).await.expect(413);
    assert_eq!(answer["detail"], json!({"used_bytes": used, "limit_bytes": 30, "rejected_bytes": 1}));
}
