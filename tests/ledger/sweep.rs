use std::collections::BTreeSet;

use tests::{TestVault, promises};

use crate::race::{callers_in, choose_leads, open_sandboxes, run_together, run_with_lead, sweep};

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_late_confirmation_and_sweep_keep_both_row_and_object_or_neither() {
    let vault = TestVault::new().await;
    let (alice, sandboxes, sweeper) =
        (vault.create_user().await, open_sandboxes(&vault, 1).await, vault.services());
    let mut kept = 0;
    for lead in choose_leads(60, &alice).await {
        let upload = alice.store_pending("a.txt", b"hello").await;
        vault.age_hours(2).await;
        let (id, elsewhere) = (upload.document_id, callers_in(&alice, &sandboxes).remove(0));
        let (confirmed, _) =
            run_with_lead(async move { elsewhere.confirm(id).await }, lead, sweep(sweeper.clone())).await;
        let is_stored = vault.bucket.object_sizes().await.contains_key(&upload.key());
        match confirmed.status {
            200 => kept += 1,
            404 | 422 => {}
            other => panic!("{other}: {}", confirmed.body),
        }
        assert_eq!(is_stored, confirmed.status == 200);
        assert_eq!(alice.used_bytes().await, 5 * kept);
        promises::check(&vault).await.unwrap();
        promises::check_every_object_has_a_row(&vault).await.unwrap();
    }
    assert!(kept > 0, "the sweep won every round");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sweeps_share_the_work_and_do_nothing_twice() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let sweepers = [vault.services(), vault.services(), vault.services()];
    for _ in 0..30 {
        for _ in 0..12 {
            alice.store_pending("abandoned.txt", b"hello").await;
        }
        let mut waiting = BTreeSet::new();
        for _ in 0..8 {
            waiting.insert(alice.store_confirmed("waiting.txt", b"hello").await.document_id.to_string());
        }
        vault.age_hours(2).await;
        let reports = run_together(sweepers.iter().cloned().map(sweep)).await;
        let sum = |part: fn(&cleanup::Report) -> usize| reports.iter().map(part).sum::<usize>();
        assert_eq!((sum(|r| r.abandoned), sum(|r| r.postponed), sum(|r| r.unsent)), (12, 0, 0));
        let messages = vault.take_messages().await;
        let nudges: Vec<&str> = messages.iter().map(|body| body["document_id"].as_str().unwrap()).collect();
        assert_eq!(nudges.len(), sum(|r| r.nudged));
        assert!(waiting.iter().all(|id| nudges.iter().filter(|nudged| nudged == &id).count() == 1));
        let bodies: Vec<String> = messages.iter().map(ToString::to_string).collect();
        assert_eq!(vault.classify(&bodies).await, [0_usize; 0]);
        promises::check(&vault).await.unwrap();
        promises::check_every_object_has_a_row(&vault).await.unwrap();
    }
}
