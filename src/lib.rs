//! The library that all Lambda functions of the vault share. It has the rules for accounts, documents, topics
//! and uploads, and the clients of Postgres, the object store, the queue and Secrets Manager. It also has
//! what HTTP requests and answers have in common. `docs/ARCHITECTURE.md` says which code belongs where.

pub mod account;
pub mod administration;
pub mod audit_log;
pub mod auth;
pub mod aws;
pub mod classification;
pub mod config;
pub mod db;
pub mod deadline;
pub mod document;
pub mod error;
pub mod export;
pub mod factor;
pub mod file;
pub mod function;
pub mod health;
pub mod http;
pub mod id;
pub mod language;
pub mod limit;
pub mod limits;
pub mod link;
pub mod mail;
pub mod name;
pub mod page;
pub mod passkey;
pub mod password;
pub mod queue;
pub mod quota;
pub mod reset;
pub mod role;
pub mod secret;
pub mod session;
pub mod storage;
pub mod telemetry;
pub mod timestamp;
pub mod tls;
pub mod token;
pub mod topic;
pub mod trace;
pub mod upload;
pub mod verification;
pub mod visit;

pub use error::{Error, Result};
