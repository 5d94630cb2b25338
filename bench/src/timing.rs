//! Compares the times of requests whose answers must not tell whether an address has an account.

use anyhow::Result;
use serde_json::{Value, json};

use crate::Bench;
use crate::requests::{Request, http_request};
use crate::sandbox::Sandbox;
use crate::statistics::{median, rank_score};
use crate::table::Line;
use crate::vault::MeasuredVault;

/// The requests of each kind.
const REQUESTS: usize = 200;
/// Two samples of one distribution exceed this score once in a hundred comparisons.
const NOISE: f64 = 2.58;

const PASSWORD: &str = "Correct-Horse-7";
const OTHER_PASSWORD: &str = "Another-Horse-8";

/// Requests whose times must be alike: the name of each kind, and its requests.
type Kinds = Vec<(&'static str, Vec<Request>)>;

/// Sends logins, requests for a reset, and registrations.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let vault = MeasuredVault::new().await;
    create_accounts(&vault).await?;
    let mut variables = vault.variables();
    variables.insert("REQUIRE_VERIFIED_EMAIL", "true".into());
    let mut sandbox = Sandbox::start(&bench.programs, "auth", &variables).await?;
    let mut lines = Vec::new();
    for (action, kinds) in
        [("login", logins(&vault)), ("reset", resets(&vault)), ("register", registrations(&vault))]
    {
        let times = send_in_turns(&mut sandbox, &kinds).await?;
        lines.extend(compare(action, &kinds, &times));
    }
    Ok(lines)
}

/// Creates accounts, so that no limit of one account is reached: active ones, and deactivated ones.
async fn create_accounts(vault: &MeasuredVault) -> Result<()> {
    let hash = docuvault::password::hash(PASSWORD).await?;
    let statement = "with created as (
            insert into users (id, email, password_hash, role, active)
            select gen_random_uuid(), kind || n || '@example.com', $1, 'user', kind = 'known'
            from unnest(array['known', 'inactive']) kind, generate_series(0, $2::bigint) n
            returning id
        )
        insert into quotas (user_id) select id from created";
    vault.superuser.execute(statement, &[&hash, &(REQUESTS as i64)]).await?;
    vault.superuser.batch_execute("vacuum analyze users").await.map_err(Into::into)
}

fn logins(vault: &MeasuredVault) -> Kinds {
    let login = |email: String, password: &str| json!({"email": email, "password": password});
    let send = |body: &dyn Fn(usize) -> Value| requests(vault, "/api/auth/login", body, 401);
    vec![
        ("an unknown address", send(&|n| login(format!("unknown{n}@example.com"), OTHER_PASSWORD))),
        ("a wrong password", send(&|n| login(format!("known{n}@example.com"), OTHER_PASSWORD))),
        ("a deactivated account", send(&|n| login(format!("inactive{n}@example.com"), PASSWORD))),
    ]
}

fn resets(vault: &MeasuredVault) -> Kinds {
    let send = |name: &str| {
        let body = |n| json!({"email": format!("{name}{n}@example.com")});
        requests(vault, "/api/auth/password-reset", &body, 202)
    };
    vec![
        ("an unknown address", send("unknown")),
        ("a known address", send("known")),
        ("a deactivated account", send("inactive")),
    ]
}

fn registrations(vault: &MeasuredVault) -> Kinds {
    let send = |name: &str| {
        let body = |n| json!({"email": format!("{name}{n}@example.com"), "password": OTHER_PASSWORD});
        requests(vault, "/api/auth/register", &body, 202)
    };
    vec![("a new address", send("new")), ("a taken address", send("known"))]
}

fn requests(vault: &MeasuredVault, path: &str, body: &dyn Fn(usize) -> Value, status: u64) -> Vec<Request> {
    let caller = vault.caller();
    (0..REQUESTS).map(|n| http_request(&caller, "POST", path, Some(body(n)), status)).collect()
}

/// Sends a request of each kind in turns. The order rotates, and every other rotation is reversed: otherwise
/// each kind would mostly follow the same other one, and have what that leaves behind. Returns the times of
/// each kind, in milliseconds.
async fn send_in_turns(sandbox: &mut Sandbox, kinds: &Kinds) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); kinds.len()];
    for n in 0..REQUESTS {
        for turn in 0..kinds.len() {
            let is_reversed = n / kinds.len() % 2 == 1;
            let kind = (n + if is_reversed { kinds.len() - turn } else { turn }) % kinds.len();
            let (Some((_, requests)), Some(times)) = (kinds.get(kind), times.get_mut(kind)) else { continue };
            if let Some(request) = requests.get(n) {
                times.push(sandbox.invoke(request).await?.took.as_secs_f64() * 1e3);
            }
        }
    }
    Ok(times)
}

/// Compares each kind with the first one.
fn compare(action: &str, kinds: &Kinds, times: &[Vec<f64>]) -> Vec<Line> {
    let mut compared = kinds.iter().map(|(name, _)| *name).zip(times);
    let Some((reference, alike)) = compared.next() else { return Vec::new() };
    compared
        .map(|(name, times)| {
            let score = rank_score(times, alike);
            Line::with_target(
                format!("time of {action}: {name} against {reference}, rank test of {REQUESTS} each"),
                format!("z between -{NOISE} and {NOISE}"),
                format!("z = {score:.2} ({:.3} ms against {:.3} ms)", median(times), median(alike)),
                score.abs() <= NOISE,
            )
        })
        .collect()
}
