use std::collections::BTreeSet;

use tests::{TestVault, promises};

use crate::race::{against, callers, leads, sandboxes, sweep, together};

#[tokio::test(flavor = "multi_thread")]
async fn a_late_confirmation_and_the_sweep_at_once_end_with_both_row_and_object_or_with_neither() {
    let vault = TestVault::new().await;
    let (alice, sandboxes, sweeper) = (vault.user().await, sandboxes(&vault, 1).await, vault.parts());
    let mut kept = 0;
    for lead in leads(60, &alice).await {
        let upload = alice.store("a.txt", b"hello").await;
        vault.age(2).await;
        let (id, elsewhere) = (upload.document_id, callers(&alice, &sandboxes).remove(0));
        let (confirmed, _) =
            against(async move { elsewhere.confirm(id).await }, lead, sweep(sweeper.clone())).await;
        let there = vault.bucket.objects().await.contains_key(&upload.key());
        match confirmed.status {
            200 => kept += 1,
            404 | 422 => {}
            other => panic!("{other}: {}", confirmed.body),
        }
        assert_eq!(there, confirmed.status == 200);
        assert_eq!(alice.used_bytes().await, 5 * kept);
        promises::hold(&vault).await.unwrap();
        promises::no_object_without_row(&vault).await.unwrap();
    }
    assert!(kept > 0, "the sweep always won");
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_at_once_share_the_work_and_do_nothing_twice() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let sweepers = [vault.parts(), vault.parts(), vault.parts()];
    for _ in 0..30 {
        for _ in 0..12 {
            alice.store("abandoned.txt", b"hello").await;
        }
        let mut waiting = BTreeSet::new();
        for _ in 0..8 {
            waiting.insert(alice.keep("waiting.txt", b"hello").await.document_id.to_string());
        }
        vault.age(2).await;
        let reports = together(sweepers.iter().cloned().map(sweep)).await;
        let sum = |part: fn(&cleanup::Report) -> usize| reports.iter().map(part).sum::<usize>();
        assert_eq!((sum(|r| r.abandoned), sum(|r| r.postponed), sum(|r| r.unsent)), (12, 0, 0));
        let messages = vault.take_messages().await;
        let nudges: Vec<&str> = messages.iter().map(|body| body["document_id"].as_str().unwrap()).collect();
        assert_eq!(nudges.len(), sum(|r| r.nudged));
        assert!(waiting.iter().all(|id| nudges.iter().filter(|nudged| nudged == &id).count() == 1));
        let bodies: Vec<String> = messages.iter().map(ToString::to_string).collect();
        assert_eq!(vault.classify(&bodies).await, [0_usize; 0]);
        promises::hold(&vault).await.unwrap();
        promises::no_object_without_row(&vault).await.unwrap();
    }
}
