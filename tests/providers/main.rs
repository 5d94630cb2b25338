//! Model providers. Local servers stand in for them and use each API's wire format. The tests check the
//! requests, and what the vault does with every kind of answer and failure.

mod answers;
mod api_formats;
mod backlog;
mod credentials;
mod documented_server;
mod fake_provider;
mod fixture;
mod ignored_events;
mod images;
mod isolation;
mod metrics;
mod network;
mod program;
mod prompt_budget;
mod provider_errors;
mod requests;
