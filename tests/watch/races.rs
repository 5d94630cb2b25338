//! Tests of concurrent confirmations, with four processes of each function.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::stack::Stack;

const MIB: usize = 1024 * 1024;

/// Confirms all documents at once. Returns the sorted statuses.
async fn confirm_all(caller: &Caller, ids: &[String]) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for id in ids {
        let (caller, id) = (caller.clone(), id.clone());
        tasks.spawn(async move { caller.confirm(&id).await.0 });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    statuses
}

async fn check_ledger(caller: &Caller, expected: i64) -> Result<(), String> {
    let ledger = caller.ledger().await;
    if ledger == (expected, expected) {
        Ok(())
    } else {
        Err(format!("used bytes and sum of sizes are {ledger:?}, not {expected}"))
    }
}

#[tokio::main]
pub async fn confirm_one_document(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    for round in 1..=10 {
        let id = caller.store_pending(vec![b'x'; 1000]).await;
        let statuses = confirm_all(&caller, &vec![id; 8]).await;
        if statuses != [200; 8] {
            return Err(format!("{statuses:?}"));
        }
        check_ledger(&caller, round * 1000).await?;
    }
    Ok(())
}

#[tokio::main]
pub async fn confirm_fifty_of_which_ten_fit(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    set_limit(stack, &caller, 10 * MIB as i64).await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(caller.store_pending(vec![b'x'; MIB]).await);
    }
    let statuses = confirm_all(&caller, &ids).await;
    if statuses != [[200; 10].as_slice(), [413; 40].as_slice()].concat() {
        return Err(format!("{statuses:?}"));
    }
    check_ledger(&caller, 10 * MIB as i64).await
}

#[tokio::main]
pub async fn confirm_two_of_which_one_fits(stack: &Stack) -> Result<(), String> {
    for order in ["first", "second", "both at once"] {
        let caller = Caller::register(stack).await;
        let mut ids = [
            caller.store_pending(vec![1; 55_000_000]).await,
            caller.store_pending(vec![2; 55_000_000]).await,
        ];
        let statuses = match order {
            "both at once" => confirm_all(&caller, &ids).await,
            order => {
                if order == "second" {
                    ids.reverse();
                }
                vec![caller.confirm(&ids[0]).await.0, caller.confirm(&ids[1]).await.0]
            }
        };
        if statuses != [200, 413] {
            return Err(format!("{order}: {statuses:?}"));
        }
        check_ledger(&caller, 55_000_000).await?;
    }
    Ok(())
}

/// Checks that confirmed documents are classified within a minute.
#[tokio::main]
pub async fn wait_for_classification(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    for _ in 0..5 {
        let id = caller.store_pending(b"Invoice, payable at once.".to_vec()).await;
        caller.confirm(&id).await;
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let listed = caller.get("/api/documents").await;
        let items = listed["items"].as_array().ok_or("no items")?;
        if items.len() == 5 && items.iter().all(|item: &Value| item["status"] == "classified") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err("not all are classified after a minute".into())
}

/// Sets a quota limit as the schema's owner. There is no route for it yet.
async fn set_limit(stack: &Stack, caller: &Caller, bytes: i64) {
    let url = &stack.settings()["DATABASE_MIGRATE_URL"];
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let user: uuid::Uuid = caller.id.parse().unwrap();
    let statement = "update quotas set limit_bytes = $2 where user_id = $1";
    assert_eq!(client.execute(statement, &[&user, &bytes]).await.unwrap(), 1);
}
