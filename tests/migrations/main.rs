//! The migrations of the schema, forward and back.

mod access;
mod access_plans;
mod administrator;
mod audit_log_plans;
mod audit_plans;
mod comments;
mod concurrent_indexes;
mod name_keys;
mod owner_isolation;
mod refused_migrations;
mod releases;
mod round_trip;
mod schema_lines;
mod stopped_migrations;

use migrate::{Command, CommandOutput, Schema};
use tests::TestDatabase;

/// Runs a schema command of `migrate`. Returns the versions that are applied afterwards, and the outstanding
/// ones.
async fn run(database: &TestDatabase, schema: Schema) -> Result<(Vec<i64>, Vec<i64>), String> {
    match migrate::handle(&database.migrate_capabilities(), Command::Migrate(schema)).await {
        Ok(CommandOutput::Schema { applied, outstanding, .. }) => Ok((applied, outstanding)),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}
