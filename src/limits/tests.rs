//! Tests that the documentation, the migrations and the settings repeat the limits correctly.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{postgres, sdk, *};

/// The rows of the table in `docs/ARCHITECTURE.md`.
fn documented() -> BTreeMap<String, String> {
    let text = include_str!("../../docs/ARCHITECTURE.md");
    let table = text.split_once("| limit | value |").unwrap().1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')));
    cells.map(|mut cells| (cells.next().unwrap().to_owned(), cells.next().unwrap().to_owned())).collect()
}

macro_rules! seconds {
    ($($name:path),* $(,)?) => {
        [$((stringify!($name).replace(' ', ""), format!("{} s", $name.as_secs()))),*]
    };
}

fn actual() -> BTreeMap<String, String> {
    let mut actual = BTreeMap::from(seconds![
        API_FUNCTION_TIMEOUT,
        INIT_TIMEOUT,
        GATEWAY_TIMEOUT,
        FUNCTION_TIMEOUT,
        VISIBILITY_TIMEOUT,
        LEASE,
        REDELIVERY_DELAY,
        DOCUMENT_WORK_TIME,
        PROVIDER_TIMEOUT,
        MAX_PROVIDER_TIMEOUT,
        FIRST_RETRY_DELAY,
        MAX_RETRY_DELAY,
        MAX_PROVIDER_PAUSE,
        CLOCK_SKEW,
        URL_LIFETIME,
        ABANDONED_AFTER,
        SLOWEST_PUT,
        RATE_WINDOW,
        SESSION_IDLE,
        SESSION_LIFETIME,
        REFRESH_GRACE,
        DEVICE_LIFETIME,
        TEMPORARY_PASSWORD_LIFETIME,
        SWEEP_INTERVAL,
        SWEEP_RESERVE,
        NUDGE_GRACE,
        NUDGE_REPEAT_DELAY,
        NUDGE_RETRY_DELAY,
        FIRST_REMOVAL_DELAY,
        MAX_REMOVAL_DELAY,
        AUDIT_INTERVAL,
        AUDIT_LOG_INTERVAL,
        MAIL_INTERVAL,
        MAIL_LEASE,
        MAIL_TIMEOUT,
        MAIL_RESERVE,
        FIRST_MAIL_PAUSE,
        MAX_MAIL_PAUSE,
        NOTICE_LIFETIME,
        RESET_LIFETIME,
        VERIFICATION_LIFETIME,
        SECRET_AGE,
        SECRET_MAX_AGE,
        SECRET_PAUSE,
        CHALLENGE_LIFETIME,
        ANSWER_RESERVE,
        STOP_TIMEOUT,
        postgres::CREATE_TIMEOUT,
        postgres::WAIT_TIMEOUT,
        postgres::TRUSTED_IDLE,
        postgres::LOCK_TIMEOUT,
        postgres::STATEMENT_TIMEOUT,
        postgres::MIGRATION_STATEMENT_TIMEOUT,
        postgres::ANSWER_TIMEOUT,
    ]);
    for (name, sdk::Timeouts { attempt, operation }) in [
        ("sdk::STORE", sdk::STORE),
        ("sdk::STORE_BATCH", sdk::STORE_BATCH),
        ("sdk::QUEUE", sdk::QUEUE),
        ("sdk::SECRETS", sdk::SECRETS),
        ("sdk::BREACHES", sdk::BREACHES),
    ] {
        let value = format!("{} s, {} s in all", attempt.as_secs(), operation.as_secs());
        actual.insert(name.to_owned(), value);
    }
    for (name, count) in [
        ("QUEUE_BATCH", i64::from(QUEUE_BATCH)),
        ("MAX_RECEIVES", i64::from(MAX_RECEIVES)),
        ("MAX_ATTEMPTS", i64::from(MAX_ATTEMPTS)),
        ("MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES),
    ] {
        actual.insert(name.to_owned(), count.to_string());
    }
    actual
}

#[test]
fn the_documented_limits_are_the_actual_ones() {
    assert_eq!(documented(), actual());
}

/// Finds the times in a line, such as `30 s` or `15 minutes`.
fn find_times(line: &str) -> Vec<String> {
    let words = line.split_whitespace().map(|word| word.trim_matches(['(', ')', ',', '.', ';', ':']));
    let words: Vec<_> = words.collect();
    let units = ["s", "seconds", "minutes", "hours", "days"];
    let times = words.windows(2).filter(|pair| pair[0].parse::<f64>().is_ok() && units.contains(&pair[1]));
    times.map(|pair| pair.join(" ")).collect()
}

#[test]
fn the_documentation_has_no_times_outside_the_table() {
    for text in [include_str!("../../docs/ARCHITECTURE.md"), include_str!("../../docs/PROVIDERS.md")] {
        let prose = text.lines().filter(|line| !line.starts_with('|'));
        assert_eq!(prose.flat_map(find_times).collect::<Vec<_>>(), Vec::<String>::new());
    }
}

#[test]
fn the_overview_quotes_the_lifetime_of_a_url_and_the_interval_of_the_sweep() {
    let minutes = |time: Duration| time.as_secs() / 60;
    for (text, quote) in [
        (include_str!("../../README.md"), format!("every {} minutes: cleanup", minutes(SWEEP_INTERVAL))),
        (include_str!("../../docs/STYLE.md"), format!("for {} minutes", minutes(URL_LIFETIME))),
        (
            include_str!("../../infra/openapi.json"),
            format!("The URL works for {} minutes", minutes(URL_LIFETIME)),
        ),
    ] {
        assert!(text.contains(&quote), "{quote}");
    }
}

#[test]
fn the_roles_have_the_documented_timeouts() {
    let roles = include_str!("../../migrations/roles.sql");
    for (role, setting, time) in [
        ("docuvault_app", "statement_timeout", postgres::STATEMENT_TIMEOUT),
        ("docuvault_app", "lock_timeout", postgres::LOCK_TIMEOUT),
        ("docuvault_migrate", "statement_timeout", postgres::MIGRATION_STATEMENT_TIMEOUT),
    ] {
        let row = format!("('{role}', '{setting}', '{}s')", time.as_secs());
        assert!(roles.contains(&row), "{row}");
    }
}

#[test]
fn the_migrations_bury_keys_for_as_long_as_the_functions_do() {
    let migrations = [
        include_str!("../../migrations/0003_isolation.up.sql"),
        include_str!("../../migrations/0007_limits.up.sql"),
    ];
    for text in migrations {
        let hours = text.split("interval '").nth(1).unwrap().split_once(" hours'").unwrap().0;
        assert_eq!(Duration::from_hours(hours.parse().unwrap()), SLOWEST_PUT);
    }
}

#[test]
fn the_migrations_let_temporary_passwords_live_as_long_as_the_functions_do() {
    let text = include_str!("../../migrations/0014_limits.up.sql");
    let hours = text.split("interval '").nth(1).unwrap().split_once(" hours'").unwrap().0;
    assert_eq!(Duration::from_hours(hours.parse().unwrap()), TEMPORARY_PASSWORD_LIFETIME);
}

#[test]
fn the_example_settings_show_the_default_limits() {
    let example = include_str!("../../.env.example");
    for (variable, default) in [
        ("VISIBILITY_TIMEOUT", VISIBILITY_TIMEOUT.as_secs()),
        ("MAX_RECEIVES", MAX_RECEIVES.into()),
        ("CLEANUP_INTERVAL", SWEEP_INTERVAL.as_secs()),
        ("API_TIMEOUT", GATEWAY_TIMEOUT.as_secs()),
        ("AI_TIMEOUT_SECONDS", PROVIDER_TIMEOUT.as_secs()),
        ("CLASSIFY_MAX_ATTEMPTS", MAX_ATTEMPTS.unsigned_abs().into()),
    ] {
        let line = format!("\n# {variable}={default}\n");
        assert!(example.contains(&line), "{line}");
    }
}
