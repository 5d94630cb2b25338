//! The schema, forward and back.

mod administrator;
mod catalogue;
mod comments;
mod isolation;
mod names;
mod refused;
mod round_trip;

use migrate::{Answer, Command, Schema};
use tests::TestDatabase;

/// One command to `migrate`; what is applied afterwards, and what is not.
async fn run(database: &TestDatabase, schema: Schema) -> Result<(Vec<i64>, Vec<i64>), String> {
    match migrate::handle(&database.migrations(), Command::Migrate(schema)).await {
        Ok(Answer::Schema { applied, outstanding, .. }) => Ok((applied, outstanding)),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}
