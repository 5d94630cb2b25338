//! Compares the counting of an attempt with a plain upsert, in tables of 1,000,000 rows.

use std::time::Instant;

use anyhow::Result;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::Bench;
use crate::statistics::median;
use crate::table::Line;
use crate::vault::MeasuredVault;

const ROUNDS: usize = 20;
const ATTEMPTS: usize = 500;
const ROWS: u32 = 1_000_000;

/// Counts an attempt. The burst is so large that no attempt is refused.
const COUNTED: &str =
    "select now() as now, use_allowances(array['measured ' || $1], '{1000000}', '{30}', '{900}') as until";

/// Counts in a table with the same key.
const PLAIN: &str = "insert into plain as p (key, hits, window_ends_at)
    values (allowance_key('measured ' || $1), 1, now() + interval '15 minutes')
    on conflict (key) do update set hits = p.hits + 1, window_ends_at = excluded.window_ends_at";

/// Runs both statements in turns, for random rows, in rounds. The first round warms them up and does not
/// count.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let vault = MeasuredVault::new().await;
    create_rows(&vault.superuser).await?;
    let app = vault.test.database.connect_as("docuvault_app").await;
    let (mut p50s, mut random) = (Vec::new(), 1);
    for round in 0..=bench.rounds(ROUNDS) {
        let (mut plain, mut counted) = (Vec::new(), Vec::new());
        for _ in 0..ATTEMPTS {
            let row = next_row(&mut random).to_string();
            plain.push(run(&app, PLAIN, &row).await?);
            let row = next_row(&mut random).to_string();
            counted.push(run(&app, COUNTED, &row).await?);
        }
        p50s.extend((round > 0).then_some((median(&plain), median(&counted))));
    }
    let ratio = median(&p50s.iter().map(|(plain, counted)| counted / plain).collect::<Vec<_>>());
    let (plain, counted): (Vec<_>, Vec<_>) = p50s.into_iter().unzip();
    Ok(vec![Line::with_target(
        "counting an attempt, in a table of 1,000,000 rows, p50",
        "<= 1.3 x a plain upsert",
        format!("{ratio:.2} x ({:.3} ms against {:.3} ms)", median(&counted), median(&plain)),
        ratio <= 1.3,
    )])
}

/// Fills both tables. Half of the allowances have been used lately.
async fn create_rows(superuser: &Client) -> Result<()> {
    let statements = format!(
        "insert into allowances (key, full_at)
            select allowance_key('measured ' || n), now() + interval '15 minutes' * (n % 2)
            from generate_series(0, {ROWS} - 1) n;
        create table plain (key bytea primary key, hits integer not null, window_ends_at timestamptz not null)
            with (fillfactor = 70);
        grant select, insert, update on plain to docuvault_app;
        insert into plain select key, 1, full_at from allowances;
        vacuum analyze allowances;
        vacuum analyze plain"
    );
    for statement in statements.split(';') {
        superuser.batch_execute(statement).await?;
    }
    Ok(())
}

/// Sends a statement as the functions do, and returns its time in milliseconds.
async fn run(app: &Client, statement: &str, row: &str) -> Result<f64> {
    let begun = Instant::now();
    app.query_typed(statement, &[(&row, Type::TEXT)]).await?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

/// Returns the number of a row: the next of a sequence that looks random (Knuth's MMIX generator).
fn next_row(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % u64::from(ROWS)
}
