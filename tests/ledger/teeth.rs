//! A race that finds nothing proves nothing unless it finds what is there.

use tests::TestVault;

use crate::charge::{Charger, Statement, in_turn, one_document, one_place};
use crate::naive;

/// At once, in every round.
const CHARGERS: usize = 8;

/// A naive statement survives one to five rounds: it takes none of them by luck.
const ROUNDS: u32 = 300;

/// The rounds until the race found something, and what.
async fn first_violation(
    vault: &TestVault,
    statement: Statement,
    race: impl AsyncFn(&TestVault, &[Charger]) -> Result<(), String>,
    rounds: u32,
) -> Option<(u32, String)> {
    let chargers = statement.chargers(vault, CHARGERS).await;
    for round in 1..=rounds {
        if let Err(violation) = race(vault, &chargers).await {
            return Some((round, violation));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn charging_first_is_seen_to_charge_twice() {
    let vault = TestVault::new().await;
    let found = first_violation(&vault, Statement::Naive(naive::CHARGE_FIRST), one_document, ROUNDS).await;
    let (round, violation) = found.unwrap();
    println!("round {round}: {violation}");
    assert!(violation.starts_with("P1"), "{violation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flipping_first_is_seen_to_confirm_more_than_the_quota() {
    let vault = TestVault::new().await;
    let found = first_violation(&vault, Statement::Naive(naive::FLIP_FIRST), one_place, ROUNDS).await;
    let (round, violation) = found.unwrap();
    println!("round {round}: {violation}");
    assert!(violation.starts_with("P2"), "{violation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vaults_statement_passes_the_races_that_the_naive_ones_fail() {
    let vault = TestVault::new().await;
    assert_eq!(first_violation(&vault, Statement::Ours, one_document, ROUNDS / 2).await, None);
    assert_eq!(first_violation(&vault, Statement::Ours, one_place, ROUNDS / 2).await, None);
}

#[tokio::test]
async fn one_after_the_other_every_statement_is_right() {
    let vault = TestVault::new().await;
    for statement in
        [Statement::Ours, Statement::Naive(naive::CHARGE_FIRST), Statement::Naive(naive::FLIP_FIRST)]
    {
        let charger = statement.chargers(&vault, 1).await.remove(0);
        in_turn(&vault, &charger).await.unwrap();
    }
}
