//! The parts of the work of a request, and the share of its instructions that each part takes. Each function
//! of a program belongs to the first part in [`PARTS`] that has a piece of its name, and counts with its own
//! instructions, without those of the functions that it calls. A function that the compiler has inlined
//! counts as its caller.

use std::collections::HashMap;

/// A part of the work, and pieces of the names of its functions.
type Part = (&'static str, &'static [&'static str]);

/// The parts, in the order in which names are compared with them.
const PARTS: [Part; 11] = [
    (
        "allocator and copies",
        &["malloc", "_int_free", "free", "calloc", "memcpy", "memmove", "memset", "unlink_chunk", "raw_vec"],
    ),
    ("log line", &["tracing", "telemetry"]),
    ("token", &["jsonwebtoken", "auth::", "sha256_block", "aws_lc", "HMAC", "EVP_", "base64"]),
    (
        "store client and signing",
        &["storage::", "sigv4", "sha2::", "hmac::", "digest::", "percent_encoding", "aws_smithy", "aws_cred"],
    ),
    (
        "Postgres: encoding",
        &["postgres_protocol::message::frontend", "to_sql", "ToSql", "db::param", "grams"],
    ),
    (
        "Postgres: decoding, connection, pool",
        &["postgres", "deadpool", "docuvault::db", "fallible_iterator", "from_sql", "FromSql", "QueryError"],
    ),
    ("JSON", &["serde_json", "serde", "Serialize", "Deserialize", "escape"]),
    ("routing and extraction", &["axum", "matchit", "docuvault::http", "_url::", "documents::", "quota::"]),
    (
        "runtime's HTTP",
        &["hyper", "lambda_", "aws_lambda", "http", "HeaderMap", "tower", "bytes::", "futures_", "url::"],
    ),
    ("Tokio", &["tokio", "mio::", "epoll", "futex"]),
    ("rest", &[""]),
];

/// Reads a file of callgrind's counts. Returns the share of each part, in percent of all instructions, or
/// `None` if the program has no names of functions.
pub fn read(counts: &str) -> Option<Vec<(&'static str, f64)>> {
    let own = count_own_instructions(counts);
    let all: u64 = own.values().sum();
    let named: u64 = own.iter().filter(|(name, _)| !name.starts_with("0x")).map(|(_, count)| count).sum();
    if named < all / 2 {
        return None;
    }
    let mut parts = PARTS.map(|(part, _)| (part, 0.0));
    for (name, count) in own {
        let found = PARTS.iter().position(|(_, pieces)| pieces.iter().any(|piece| name.contains(piece)));
        if let Some((_, share)) = found.and_then(|at| parts.get_mut(at)) {
            *share += count as f64 * 100.0 / all as f64;
        }
    }
    Some(parts.into())
}

/// Counts each function's own instructions, without those of the functions that it calls. In the file,
/// `fn=(7) name` begins a function, `fn=(7)` returns to it, and a line `<position> <count>` adds to its
/// count. Such a line after `calls=` is the cost of a call and does not count.
fn count_own_instructions(counts: &str) -> HashMap<&str, u64> {
    let (mut names, mut own) = (HashMap::new(), HashMap::new());
    let (mut function, mut after_call) = ("", false);
    for line in counts.lines() {
        if let Some((kind, id)) = line.split_once("fn=(") {
            let Some((id, name)) = id.split_once(')') else { continue };
            let name = name.trim_start();
            let known = *names.entry(id).or_insert(name);
            if kind.is_empty() {
                function = known;
            }
        } else if line.starts_with("calls=") {
            after_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let count: Option<u64> = line.split_once(' ').and_then(|(_, count)| count.parse().ok());
            if !std::mem::take(&mut after_call) {
                *own.entry(function).or_default() += count.unwrap_or_default();
            }
        }
    }
    own
}
