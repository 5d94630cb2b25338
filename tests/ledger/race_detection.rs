//! The races find the faults of the naive statements. If they did not, it would prove nothing that the
//! vault's statement passes them.

use tests::TestVault;

use crate::charge_races::{
    Confirmer, Statement, confirm_in_sequence, race_for_one_document, race_for_the_last_bytes,
};
use crate::naive_statements;

/// The number of connections that confirm at once in every round.
const CONFIRMERS: usize = 8;

/// The maximum number of rounds. A naive statement fails within one to five rounds, so it cannot pass so many
/// by luck.
const MAX_ROUNDS: u32 = 300;

/// Repeats a race until a promise is violated. Returns the number of the round, and the violation.
async fn find_first_violation(
    vault: &TestVault,
    statement: Statement,
    race: impl AsyncFn(&TestVault, &[Confirmer]) -> Result<(), String>,
    rounds: u32,
) -> Option<(u32, String)> {
    let confirmers = statement.open_confirmers(vault, CONFIRMERS).await;
    for round in 1..=rounds {
        if let Err(violation) = race(vault, &confirmers).await {
            return Some((round, violation));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn the_race_detects_that_charging_first_charges_twice() {
    let vault = TestVault::new().await;
    let found = find_first_violation(
        &vault,
        Statement::Naive(naive_statements::CHARGE_FIRST),
        race_for_one_document,
        MAX_ROUNDS,
    )
    .await;
    let (round, violation) = found.unwrap();
    println!("round {round}: {violation}");
    assert!(violation.starts_with("P1"), "{violation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_race_detects_that_changing_the_status_first_exceeds_the_quota() {
    let vault = TestVault::new().await;
    let found = find_first_violation(
        &vault,
        Statement::Naive(naive_statements::STATUS_FIRST),
        race_for_the_last_bytes,
        MAX_ROUNDS,
    )
    .await;
    let (round, violation) = found.unwrap();
    println!("round {round}: {violation}");
    assert!(violation.starts_with("P2"), "{violation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vaults_statement_passes_both_races() {
    let vault = TestVault::new().await;
    assert_eq!(
        find_first_violation(&vault, Statement::Ours, race_for_one_document, MAX_ROUNDS / 2).await,
        None
    );
    assert_eq!(
        find_first_violation(&vault, Statement::Ours, race_for_the_last_bytes, MAX_ROUNDS / 2).await,
        None
    );
}

#[tokio::test]
async fn without_concurrency_every_statement_is_correct() {
    let vault = TestVault::new().await;
    for statement in [
        Statement::Ours,
        Statement::Naive(naive_statements::CHARGE_FIRST),
        Statement::Naive(naive_statements::STATUS_FIRST),
    ] {
        let confirmer = statement.open_confirmers(&vault, 1).await.remove(0);
        confirm_in_sequence(&vault, &confirmer).await.unwrap();
    }
}
