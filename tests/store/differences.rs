//! Where the two stores are known to differ. A difference that disappears turns a test red; `docs/STORES.md` has the same table.

/// The number that either store answers in one situation: a status, unless it says otherwise.
pub struct Difference {
    /// The situation.
    pub what: &'static str,
    /// MinIO's answer, which is that of S3.
    pub minio: u16,
    /// moto's answer.
    pub moto: u16,
}

const fn differ(what: &'static str, minio: u16, moto: u16) -> Difference {
    Difference { what, minio, moto }
}

pub const FORGED_PUT: Difference = differ("PUT whose signature is wrong", 403, 200);
pub const FORGED_GET: Difference = differ("GET whose signature is wrong", 403, 200);
pub const EXPIRED_PUT: Difference = differ("PUT by an expired URL", 403, 200);
pub const EXPIRED_GET: Difference = differ("GET by an expired URL", 403, 200);
pub const OTHER_TYPE: Difference = differ("PUT with another content-type than the signed one", 403, 200);
pub const OTHER_LENGTH: Difference = differ("PUT of more bytes than the signed content-length", 403, 200);
pub const NO_CONDITION: Difference = differ("PUT without the signed if-none-match", 400, 200);
pub const NO_CHECKSUM: Difference = differ("PUT without the signed checksum", 400, 200);
pub const OTHER_BYTES: Difference = differ("PUT of other bytes than the signed checksum says", 400, 200);
pub const TOLD_CHECKSUMS: Difference =
    differ("HEAD of an object put with a checksum: how many it tells", 1, 0);

/// All of them, in the order of the document.
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
    &TOLD_CHECKSUMS,
];

#[test]
fn the_document_has_the_same_table() {
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
fn what_is_listed_differs() {
    for difference in ALL {
        assert_ne!(difference.minio, difference.moto, "{}", difference.what);
    }
}
