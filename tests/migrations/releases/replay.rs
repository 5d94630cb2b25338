//! Sends the statements of a release again, and compares the answers.

use std::error::Error;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use tests::TestDatabase;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row};

use super::record::{Record, Statement, Step};

/// Sends all statements, each as the role that sent it, and returns the record with the answers of this
/// database.
///
/// # Errors
/// A statement failed.
pub async fn replay(database: &TestDatabase, record: &Record) -> Result<Record, String> {
    let app = database.connect_as("docuvault_app").await;
    let owner = database.connect_as("docuvault_migrate").await;
    let mut answered = record.clone();
    for step in &mut answered.steps {
        let client = if step.role == "docuvault_app" { &app } else { &owner };
        let statement = answered.statements.get_mut(&step.statement).unwrap();
        send(client, statement, step).await.map_err(|error| {
            let reason = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{}: {error}: {reason}", step.statement)
        })?;
    }
    Ok(answered)
}

/// Compares the answers with those in the record. A statement may return more columns than the record has.
///
/// # Errors
/// The first difference.
pub fn compare(record: &Record, answered: &Record) -> Result<(), String> {
    for (name, statement) in &record.statements {
        let mut columns = answered.statements[name].columns.iter();
        let lost = statement.columns.iter().find(|&column| !columns.any(|other| other == column));
        if let Some(lost) = lost {
            return Err(format!("{name}: the column `{lost}` is missing, or has another place or type"));
        }
    }
    for (number, (before, now)) in record.steps.iter().zip(&answered.steps).enumerate() {
        let (name, columns) = (&before.statement, &record.statements[&before.statement].columns);
        if before.rows != now.rows {
            return Err(format!("{name} (step {number}): {} rows instead of {}", now.rows, before.rows));
        }
        let nulls: Vec<_> = now.nulls.iter().map(|row| known_columns(row, columns)).collect();
        if before.nulls != nulls {
            return Err(format!("{name} (step {number}): nulls in {nulls:?} instead of {:?}", before.nulls));
        }
    }
    Ok(())
}

/// Removes columns that the record does not have from a list of names.
fn known_columns(names: &str, columns: &[String]) -> String {
    let is_known = |name: &&str| columns.iter().any(|column| column.split(' ').next() == Some(name));
    names.split(' ').filter(is_known).collect::<Vec<_>>().join(" ")
}

/// Sends a statement, and writes down its answer.
async fn send(
    client: &Client,
    statement: &mut Statement,
    step: &mut Step,
) -> Result<(), tokio_postgres::Error> {
    let (types, values): (Vec<_>, Vec<_>) = step.parameters.iter().map(|text| read_parameter(text)).unzip();
    let prepared = client.prepare_typed(&statement.text, &types).await?;
    statement.columns =
        prepared.columns().iter().map(|column| format!("{} {}", column.name(), column.type_())).collect();
    let mut rows =
        pin!(client.query_raw(&prepared, values.iter().map(|value| value as &(dyn ToSql + Sync))).await?);
    step.nulls.clear();
    while let Some(row) = rows.try_next().await? {
        step.nulls.push(list_nulls(&row));
    }
    // Some statements return their rows in no particular order.
    step.nulls.sort();
    step.rows = rows.rows_affected().unwrap_or_default();
    Ok(())
}

/// Returns the names of the columns that are null.
fn list_nulls(row: &Row) -> String {
    let is_null = |place: usize| matches!(row.try_get::<_, Option<AnyValue>>(place), Ok(None));
    let names = row.columns().iter().enumerate().filter(|(place, _)| is_null(*place));
    names.map(|(_, column)| column.name()).collect::<Vec<_>>().join(" ")
}

/// Reads the type and the value of a parameter, as a record writes them.
fn read_parameter(text: &str) -> (Type, TextValue) {
    let (kind, value) = text.split_once(": ").map_or((text, None), |(kind, value)| (kind, Some(value)));
    let kind = type_by_name(kind);
    let is_time = matches!(kind, Type::TIMESTAMPTZ | Type::TIMESTAMPTZ_ARRAY);
    let value = value.map(|value| if is_time { with_times(value) } else { value.to_owned() });
    (kind, TextValue(value))
}

/// Returns the types that `src/db/param.rs` uses, by name.
fn type_by_name(name: &str) -> Type {
    let types = [
        Type::BOOL,
        Type::INT4,
        Type::INT8,
        Type::FLOAT4,
        Type::FLOAT8,
        Type::TEXT,
        Type::TIMESTAMPTZ,
        Type::UUID,
        Type::BYTEA,
        Type::JSONB,
        Type::BOOL_ARRAY,
        Type::INT4_ARRAY,
        Type::INT8_ARRAY,
        Type::FLOAT4_ARRAY,
        Type::FLOAT8_ARRAY,
        Type::TEXT_ARRAY,
        Type::TIMESTAMPTZ_ARRAY,
        Type::UUID_ARRAY,
        Type::BYTEA_ARRAY,
    ];
    types.into_iter().find(|kind| kind.to_string() == name).unwrap_or_else(|| panic!("the type {name}"))
}

/// Replaces distances from the time of sending (`now+15min`) by times.
fn with_times(text: &str) -> String {
    let mut parts = text.split("now");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |written, part| {
        let (minutes, rest) = part.split_once("min").unwrap();
        let time = OffsetDateTime::now_utc() + Duration::minutes(minutes.parse().unwrap());
        written + &time.format(&Rfc3339).unwrap() + rest
    })
}

/// A parameter as text, which Postgres reads itself.
#[derive(Debug)]
struct TextValue(Option<String>);

impl ToSql for TextValue {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value of any type, whose content does not matter.
struct AnyValue;

impl FromSql<'_> for AnyValue {
    fn from_sql(_: &Type, _: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
