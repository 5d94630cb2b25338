//! The statements that a release sends, with the answers that they get on the release's own schema.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tests::recorder::Recorded;
use time::OffsetDateTime;
use tokio_postgres::Client;
use tokio_postgres::types::{FromSql as _, Type};
use uuid::Uuid;

/// The file with the statements of the previous release.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/previous.toml");

/// The first line of the file.
const HEAD: &str =
    "# The statements of a release, with their answers. `./dev record` has written this file.\n";

/// The statements of a release.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// The release's version in `CHANGELOG.md`, or `Unreleased`.
    pub release: String,
    /// The number of the release's newest migration.
    pub migration: i64,
    /// The different statements, by name. Statements that share a name have numbers.
    pub statements: BTreeMap<String, Statement>,
    /// What was sent, in order.
    pub steps: Vec<Step>,
}

/// A statement and what it returns.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Statement {
    /// The text of the statement.
    pub text: String,
    /// Names and types of the columns of its answers.
    pub columns: Vec<String>,
}

/// A statement that was sent with these parameters, and its answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Step {
    /// The name of the statement in [`Record::statements`].
    pub statement: String,
    /// The role that sent it.
    pub role: String,
    /// The type of each parameter, and after a colon its value, unless that is null. Times are stated as the
    /// distance from the time of sending: `now+15min`.
    pub parameters: Vec<String>,
    /// The number of rows that it returned or changed.
    pub rows: u64,
    /// For each returned row, the names of the columns that are null.
    pub nulls: Vec<String>,
}

impl Record {
    /// Reads the file with the statements of the previous release.
    pub fn read() -> Self {
        toml::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()
    }

    /// Writes the file.
    pub fn write(&self) {
        std::fs::write(FILE, HEAD.to_owned() + &toml::to_string_pretty(self).unwrap()).unwrap();
    }

    /// Adds statements that a role has sent. Their answers are not known yet.
    pub async fn add(&mut self, role: &str, sent: &[Recorded], client: &Client) {
        for recorded in sent {
            let parameters = write_parameters(recorded, client).await;
            let statement = self.name_of(&recorded.text);
            self.steps.push(Step {
                statement,
                role: role.to_owned(),
                parameters,
                rows: 0,
                nulls: Vec::new(),
            });
        }
    }

    /// Returns the name of a statement, and adds the statement if it is new.
    fn name_of(&mut self, text: &str) -> String {
        let (name, mut number) = (name_in(text), 1);
        loop {
            let unique = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
            let known = self.statements.entry(unique.clone()).or_default();
            if known.text.is_empty() {
                known.text = text.to_owned();
            }
            if known.text == text {
                return unique;
            }
            number += 1;
        }
    }

    /// Replaces the ids, which are chosen at random, by numbers in the order of their first use. So two
    /// records differ only where the statements do.
    pub fn number_ids(&mut self) {
        let mut ids = Vec::new();
        for parameter in self.steps.iter_mut().flat_map(|step| &mut step.parameters) {
            *parameter = with_numbered_ids(parameter, &mut ids);
        }
    }
}

/// Returns the name in the comment with which a statement begins.
pub fn name_in(text: &str) -> &str {
    let name = text.lines().next().unwrap().strip_prefix("-- ");
    name.unwrap_or_else(|| panic!("a statement begins with its name: {text}")).trim()
}

/// Writes parameters as text. Postgres converts all but the times.
async fn write_parameters(recorded: &Recorded, client: &Client) -> Vec<String> {
    let count = recorded.params().len();
    let texts: Vec<_> = (1..=count).map(|number| format!("${number}::text")).collect();
    let texts = format!("select array[{}]::text[]", texts.join(", "));
    let row = client.query_typed(&texts, &recorded.params()).await.unwrap();
    let texts: Vec<Option<String>> = row[0].get(0);
    let written = texts.into_iter().zip(recorded.bytes()).map(|(text, (kind, bytes))| match bytes {
        None => kind.to_string(),
        Some(bytes) => {
            format!("{kind}: {}", write_times(kind, bytes, recorded.sent_at).or(text).unwrap())
        }
    });
    written.collect()
}

/// Writes a time or a list of times, as distances from the time of sending. They are rounded to minutes, so
/// that they do not depend on the speed of the machine. `None` for other types.
fn write_times(kind: &Type, bytes: &[u8], sent_at: OffsetDateTime) -> Option<String> {
    let write = |time: OffsetDateTime| {
        let minutes = ((time - sent_at).as_seconds_f64() / 60.0).round() as i64;
        format!("now{:+}min", minutes)
    };
    match *kind {
        Type::TIMESTAMPTZ => Some(write(OffsetDateTime::from_sql(kind, bytes).unwrap())),
        Type::TIMESTAMPTZ_ARRAY => {
            let times = Vec::<Option<OffsetDateTime>>::from_sql(kind, bytes).unwrap();
            let times: Vec<_> = times.into_iter().map(|time| time.map_or("NULL".into(), write)).collect();
            Some(format!("{{{}}}", times.join(",")))
        }
        _ => None,
    }
}

fn with_numbered_ids(text: &str, ids: &mut Vec<Uuid>) -> String {
    let (mut written, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let id = rest.get(..36).and_then(|start| Uuid::try_parse(start).ok());
        if let Some(id) = id {
            let place = ids.iter().position(|known| *known == id).unwrap_or(ids.len());
            ids.extend((place == ids.len()).then_some(id));
            written += &Uuid::from_u128(place as u128 + 1).to_string();
        } else {
            written.push(first);
        }
        rest = &rest[if id.is_some() { 36 } else { first.len_utf8() }..];
    }
    written
}
