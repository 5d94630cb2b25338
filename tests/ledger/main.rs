//! The ledger under races: what runs at once runs on sandboxes of its own, many rounds, and the promises are checked after each.

mod charge;
mod confirm;
mod delete;
mod event;
mod everything;
mod limit;
mod naive;
mod race;
mod sweep;
mod teeth;
