//! The API and the handlers of all functions. Each function has a file of its name; the other files each test
//! one behaviour that concerns several functions. `./dev test` runs this binary twice: on Postgres itself,
//! and behind a pooler.

mod access;
mod account;
mod account_races;
mod attempt_limits;
mod audit;
mod audit_deadlines;
mod audit_pages;
mod audit_races;
mod auth;
mod backends;
mod backup_codes;
mod breached_passwords;
mod classification_attempts;
mod classification_retries;
mod classify;
mod cleanup;
mod concurrent_sweeps;
mod concurrent_topic_changes;
mod configuration;
mod confirm;
mod cookies;
mod database_roles;
mod delete;
mod documents;
mod downloads;
mod ended_sessions;
mod error_sources;
mod event_formats;
mod factor_keys;
mod factor_logs;
mod factor_owed;
mod filenames;
mod function_work;
mod gateway_payloads;
mod health;
mod iam_logins;
mod invalid_bodies;
mod invalid_lambda_events;
mod invalid_paths_and_tokens;
mod isolation;
mod list_order;
mod list_pages;
mod live_upload_urls;
mod logs;
mod metrics;
mod migrate;
mod name_keys;
mod nudges;
mod own_topics_replaced;
mod passkey_challenges;
mod passkey_logs;
mod passkey_sign_in;
mod passkeys;
mod password_change;
mod password_encodings;
mod password_rules;
mod pooler;
mod put_notifications;
mod quota;
mod rate_limits;
mod recorded_events;
mod reference;
mod refresh;
mod refresh_model;
mod refused_puts;
mod repair;
mod repair_limits;
mod repair_races;
mod repeated_classifications;
mod replaced_objects;
mod required_passkeys;
mod response_format;
mod second_step;
mod secret_rotation;
mod secrets;
mod stack_migrations;
mod store_rights;
mod tombstones;
mod topic_limits;
mod topic_suggestions;
mod topics;
mod topics_set_by_hand;
mod totp;
mod traces;
mod unique_topic_names;
mod unknown_words;
mod upload_url;
mod visits;
mod workspace_names;
mod write_once;
mod wrong_passkey_answers;

use tests::Response;

/// Asserts that a response is a refusal in the vault's form: `code`, a text as `detail`, and nothing else.
#[track_caller]
fn assert_problem(answer: Response, status: u16, code: &str) {
    let body = answer.expect(status);
    assert_eq!(body["code"], code, "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
}
