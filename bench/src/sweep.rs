//! One run of the sweep over 100,000 abandoned uploads, a tenth of which have been stored.

use anyhow::{Result, ensure};

use crate::requests::Request;
use crate::sandbox::Sandbox;
use crate::seed;
use crate::table::Line;
use crate::world::World;
use crate::{Bench, process};

const UPLOADS: i64 = 100_000;
const STORED: usize = 10_000;

/// Sweeps what is so old that no URL can bring it back.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let world = World::new().await;
    let rows = seed::documents(&world, UPLOADS, "pending", "3 days").await?;
    let stored: Vec<_> = rows.into_iter().take(STORED).collect();
    seed::objects(&world, &stored).await?;
    seed::settle(&world).await?;
    let mut sandbox = Sandbox::start(&bench.programs, "cleanup", &world.variables()).await?;
    let answer =
        sandbox.invoke(&Request { what: "the schedule".into(), event: "{}".into(), status: None }).await?;
    let took = answer.took.as_secs_f64();
    let (speed, peak) = (UPLOADS as f64 / took, process::peak_mib(sandbox.pid)?);
    let abandoned = answer.body.get("abandoned").and_then(serde_json::Value::as_i64);
    ensure!(abandoned == Some(UPLOADS), "the sweep says {}", answer.body);
    let left = left(&world).await?;
    Ok(vec![
        Line::judged(
            "sweep of 100,000 abandoned uploads",
            ">= 2,000 a second",
            format!("{speed:.0} a second ({took:.1} s)"),
            speed >= 2_000.0,
        ),
        Line::judged("sweep: resident, at most", "<= 64 MiB", format!("{peak:.1} MiB"), peak <= 64.0),
        Line::judged("sweep: rows, tombstones and objects left", "0", left.to_string(), left == 0),
    ])
}

/// Whatever is still there.
async fn left(world: &World) -> Result<usize> {
    let statement = "select (select count(*) from documents) + (select count(*) from tombstones)";
    let rows: i64 = world.superuser.query_one(statement, &[]).await?.try_get(0)?;
    Ok(usize::try_from(rows)? + world.vault.bucket.objects().await.len())
}
