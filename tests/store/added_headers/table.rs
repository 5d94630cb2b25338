//! The additions, and what each store does with them.

use Verdict::{Copied, Harmless, Refused, Unreadable};

/// The effect of an addition at a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The store refuses the PUT with this status, and nothing is stored.
    Refused(u16),
    /// The object and its download are the same as without the addition.
    Harmless,
    /// The object is stored, but nobody can read it. This harms only the uploader.
    Unreadable,
    /// The object is a copy of another one. Such a store is not safe for the vault.
    Copied,
}
/// An addition, and what each store does with it.
pub struct Addition {
    /// Names and values of the added headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// The text that is appended to the query, or empty.
    pub query: &'static str,
    pub minio: Verdict,
    pub moto: Verdict,
}

const fn header(headers: &'static [(&'static str, &'static str)], minio: Verdict, moto: Verdict) -> Addition {
    Addition { headers, query: "", minio, moto }
}

const fn query(query: &'static str, minio: Verdict, moto: Verdict) -> Addition {
    Addition { headers: &[], query, minio, moto }
}

/// A placeholder for the path of another user's object.
pub const VICTIM: &str = "{another object}";
/// The uploader's encryption key.
const OWN_KEY: &[(&str, &str)] = &[
    ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    ("x-amz-server-side-encryption-customer-key", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="),
    ("x-amz-server-side-encryption-customer-key-md5", "XdPDZbqiTiSmaGKTQC2U0w=="),
];

/// The encryption key of an object to copy.
const COPIED_KEY: &[(&str, &str)] = &[
    ("x-amz-copy-source-server-side-encryption-customer-algorithm", "AES256"),
    ("x-amz-copy-source-server-side-encryption-customer-key", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="),
    ("x-amz-copy-source-server-side-encryption-customer-key-md5", "XdPDZbqiTiSmaGKTQC2U0w=="),
];

const LOCK: &[(&str, &str)] = &[
    ("x-amz-object-lock-mode", "COMPLIANCE"),
    ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"),
];

const CHUNKED: &[(&str, &str)] =
    &[("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ("x-amz-decoded-content-length", "5")];

const SEALED: &[(&str, &str)] = &[("x-minio-replication-server-side-encryption-sealed-key", "abc")];

const SERVED_AS: &[(&str, &str)] = &[
    ("content-disposition", "inline"),
    ("cache-control", "public"),
    ("content-language", "de"),
    ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
];

/// Every addition, in the order of `docs/STORES.md`.
pub const ALL: &[Addition] = &[
    header(&[("x-amz-copy-source", VICTIM)], Refused(403), Copied),
    header(&[("x-amz-copy-source", VICTIM), ("x-amz-copy-source-range", "bytes=0-3")], Refused(403), Copied),
    header(&[("x-amz-copy-source", VICTIM), ("x-amz-metadata-directive", "REPLACE")], Refused(403), Copied),
    header(&[("x-amz-copy-source-if-match", "*")], Harmless, Harmless),
    header(&[("x-amz-tagging", "a=b")], Harmless, Harmless),
    header(&[("x-amz-acl", "public-read")], Harmless, Harmless),
    header(
        &[("x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers")],
        Harmless,
        Harmless,
    ),
    header(
        &[("x-amz-grant-full-control", "uri=http://acs.amazonaws.com/groups/global/AllUsers")],
        Harmless,
        Harmless,
    ),
    header(&[("x-amz-storage-class", "REDUCED_REDUNDANCY")], Harmless, Harmless),
    header(&[("x-amz-storage-class", "GLACIER")], Refused(400), Unreadable),
    header(&[("x-amz-website-redirect-location", "https://elsewhere.example")], Harmless, Harmless),
    header(&[("x-amz-server-side-encryption", "AES256")], Refused(501), Harmless),
    header(&[("x-amz-server-side-encryption", "aws:kms")], Refused(501), Harmless),
    header(&[("x-amz-server-side-encryption-aws-kms-key-id", "abc")], Refused(400), Harmless),
    header(&[("x-amz-server-side-encryption-context", "e30=")], Refused(400), Harmless),
    header(&[("x-amz-server-side-encryption-bucket-key-enabled", "true")], Harmless, Harmless),
    header(OWN_KEY, Refused(400), Harmless),
    header(COPIED_KEY, Refused(400), Harmless),
    header(LOCK, Refused(400), Refused(400)),
    header(&[("x-amz-object-lock-legal-hold", "ON")], Refused(400), Refused(400)),
    header(&[("x-amz-meta-a", "b")], Refused(400), Harmless),
    header(&[("x-amz-meta-snowball-auto-extract", "true")], Refused(400), Harmless),
    header(&[("x-minio-meta-a", "b")], Harmless, Harmless),
    header(&[("x-minio-extract", "true")], Harmless, Harmless),
    header(&[("x-minio-force-delete", "true")], Harmless, Harmless),
    header(&[("x-minio-source-replication-request", "true")], Harmless, Harmless),
    header(&[("x-minio-source-replication-check", "true")], Refused(400), Harmless),
    header(&[("x-minio-source-etag", "00000000000000000000000000000000")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "2001-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "1970-01-01T00:00:00Z")], Refused(500), Harmless),
    header(&[("x-minio-source-mtime", "1970-01-01T00:00:00.000000001Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "0001-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-mtime", "2099-01-01T00:00:00Z")], Harmless, Harmless),
    header(&[("x-minio-source-deletemarker", "true")], Harmless, Harmless),
    header(&[("x-minio-source-proxy-request", "true")], Harmless, Harmless),
    header(&[("x-amz-bucket-replication-status", "REPLICA")], Harmless, Harmless),
    header(&[("x-minio-replication-actual-object-size", "0")], Harmless, Harmless),
    header(&[("x-minio-replication-ssec-crc", "abc")], Harmless, Harmless),
    header(&[("x-minio-replication-encrypted-multipart", "")], Unreadable, Harmless),
    header(SEALED, Unreadable, Harmless),
    header(&[("x-minio-replication-server-side-encryption-seal-algorithm", "abc")], Unreadable, Harmless),
    header(&[("x-minio-replication-server-side-encryption-iv", "abc")], Unreadable, Harmless),
    header(&[("x-minio-internal-actual-size", "1")], Refused(400), Harmless),
    header(&[("x-minio-internal-compression", "klauspost/compress/s2")], Refused(400), Harmless),
    header(
        &[("x-minio-internal-server-side-encryption-seal-algorithm", "DAREv2-HMAC-SHA256")],
        Harmless,
        Harmless,
    ),
    header(&[("x-amz-checksum-crc32", "AAAAAA==")], Refused(400), Harmless),
    header(&[("x-amz-sdk-checksum-algorithm", "SHA256")], Harmless, Harmless),
    header(&[("content-encoding", "gzip")], Harmless, Harmless),
    header(SERVED_AS, Harmless, Harmless),
    header(&[("if-match", "*")], Refused(404), Refused(404)),
    header(&[("x-amz-write-offset-bytes", "5")], Refused(400), Harmless),
    header(CHUNKED, Refused(400), Refused(500)),
    header(&[("x-amz-trailer", "x-amz-checksum-crc32")], Refused(400), Harmless),
    header(&[("x-amz-decoded-content-length", "1")], Harmless, Harmless),
    query("tagging", Refused(500), Refused(404)),
    query("acl", Refused(403), Refused(404)),
    query("retention", Refused(403), Refused(400)),
    query("legal-hold", Refused(403), Refused(400)),
    query("partNumber=1&uploadId=x", Refused(403), Refused(500)),
    query("versionId=null", Refused(403), Harmless),
    query("restore", Refused(403), Harmless),
    query("torrent", Refused(501), Harmless),
    query("x-amz-copy-source={another object}", Refused(403), Harmless),
    query("x-amz-tagging=a%3Db", Refused(403), Harmless),
    query("x-minio-source-etag=abc", Refused(403), Harmless),
];
