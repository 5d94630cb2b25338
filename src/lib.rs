//! The library that all functions of the vault share: the nouns (what is allowed and what comes next) and the
//! edges (Postgres, the object store, the queue, HTTP). `docs/ARCHITECTURE.md` says which code belongs where.

pub mod account;
pub mod auth;
pub mod aws;
pub mod classification;
pub mod config;
pub mod db;
pub mod deadline;
pub mod document;
pub mod error;
pub mod file;
pub mod function;
pub mod health;
pub mod http;
pub mod id;
pub mod limits;
pub mod name;
pub mod page;
pub mod password;
pub mod queue;
pub mod quota;
pub mod role;
pub mod storage;
pub mod telemetry;
pub mod timestamp;
pub mod tls;
pub mod topic;
pub mod upload;

pub use error::{Error, Result};
