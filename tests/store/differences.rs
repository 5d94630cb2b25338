//! A table of the known differences between the two stores. A test fails when a difference disappears.
//! `docs/STORES.md` has the same table.

/// A situation in which the stores answer differently, and the number that each answers: a status, unless the
/// situation says otherwise.
pub struct Difference {
    /// The situation.
    pub what: &'static str,
    /// MinIO's answer, which is also that of S3.
    pub minio: u16,
    /// moto's answer.
    pub moto: u16,
}

const fn difference(what: &'static str, minio: u16, moto: u16) -> Difference {
    Difference { what, minio, moto }
}

pub const FORGED_PUT: Difference = difference("PUT whose signature is wrong", 403, 200);
pub const FORGED_GET: Difference = difference("GET whose signature is wrong", 403, 200);
pub const EXPIRED_PUT: Difference = difference("PUT by an expired URL", 403, 200);
pub const EXPIRED_GET: Difference = difference("GET by an expired URL", 403, 200);
pub const OTHER_TYPE: Difference = difference("PUT with another content-type than the signed one", 403, 200);
pub const OTHER_LENGTH: Difference = difference("PUT of more bytes than the signed content-length", 403, 200);
pub const NO_CONDITION: Difference = difference("PUT without the signed if-none-match", 400, 200);
pub const NO_CHECKSUM: Difference = difference("PUT without the signed checksum", 400, 200);
pub const OTHER_BYTES: Difference = difference("PUT of other bytes than the signed checksum says", 400, 200);
pub const REPORTED_CHECKSUMS: Difference =
    difference("HEAD of an object with a checksum: how many checksums it reports", 1, 0);

/// Every difference, in the order of `docs/STORES.md`.
pub const ALL: [&Difference; 10] = [
    &FORGED_PUT,
    &FORGED_GET,
    &EXPIRED_PUT,
    &EXPIRED_GET,
    &OTHER_TYPE,
    &OTHER_LENGTH,
    &NO_CONDITION,
    &NO_CHECKSUM,
    &OTHER_BYTES,
    &REPORTED_CHECKSUMS,
];

#[test]
fn stores_md_has_the_same_differences() {
    let document = include_str!("../../docs/STORES.md");
    let rows: Vec<_> = document
        .lines()
        .filter(|line| ["| PUT", "| GET", "| HEAD"].iter().any(|verb| line.starts_with(verb)))
        .map(str::to_owned)
        .collect();
    let expected: Vec<_> = ALL.iter().map(|d| format!("| {} | {} | {} |", d.what, d.minio, d.moto)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn every_listed_situation_has_different_answers() {
    for difference in ALL {
        assert_ne!(difference.minio, difference.moto, "{}", difference.what);
    }
}
