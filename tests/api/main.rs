//! What every route answers, asked as its callers would: one file per function.

mod absorbed;
mod attempts;
mod auth;
mod bad_addresses;
mod bad_input;
mod bad_puts;
mod burials;
mod classify;
mod cleanup;
mod configuration;
mod confirm;
mod database_roles;
mod delays;
mod delete;
mod documents;
mod downloads;
mod events;
mod filenames;
mod hand;
mod health;
mod hostile_events;
mod identities;
mod interleaved;
mod isolation;
mod live_urls;
mod logs;
mod migrate;
mod names;
mod naming;
mod nudges;
mod order;
mod pages;
mod passwords;
mod problems;
mod quota;
mod rate_limits;
mod recorded;
mod replaced;
mod spellings;
mod suggestions;
mod sweep_races;
mod topic_names;
mod topics;
mod upload_url;
mod write_once;

use tests::Answer;

/// A refusal in the vault's form: this status, this code, a text, and nothing else.
#[track_caller]
fn assert_problem(answer: Answer, status: u16, code: &str) {
    let body = answer.expect(status);
    assert_eq!(body["code"], code, "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
}
