//! The ledger under concurrent requests. Concurrent operations run in sandboxes of their own, for many
//! rounds. The promises are checked after each round. One test restores a backup instead.

mod charge_races;
mod confirm;
mod delete;
mod events;
mod limits;
mod mixed_operations;
mod naive_statements;
mod race;
mod race_detection;
mod restored_backup;
mod sweep;
