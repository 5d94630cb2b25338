//! Where `./dev test` has started things.

/// The services that tests share.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Superuser's DSN.
    pub postgres_url: String,
    /// Folder of `initdb`, `postgres` and `pg_ctl`.
    pub postgres_bin: String,
    /// The account to run Postgres as, where the tests run as root; else empty.
    pub postgres_user: String,
    /// MinIO.
    pub s3_endpoint: String,
    /// The program.
    pub minio: String,
    /// Python, and what makes users of MinIO with it.
    pub store_users: String,
    /// moto, as SQS and as a second S3.
    pub moto_endpoint: String,
    /// The program.
    pub moto_server: String,
    /// The `dev` script.
    pub dev: String,
    /// For MinIO; moto takes any.
    pub access_key_id: String,
    /// For MinIO.
    pub secret_access_key: String,
}

impl Environment {
    /// Reads what `./dev test` has set.
    pub fn read() -> Self {
        Self {
            postgres_url: variable("TEST_POSTGRES_URL"),
            postgres_bin: variable("TEST_POSTGRES_BIN"),
            postgres_user: variable("TEST_POSTGRES_USER"),
            s3_endpoint: variable("TEST_S3_ENDPOINT"),
            minio: variable("TEST_MINIO"),
            store_users: variable("TEST_STORE_USERS"),
            moto_endpoint: variable("TEST_MOTO_ENDPOINT"),
            moto_server: variable("TEST_MOTO_SERVER"),
            dev: variable("TEST_DEV"),
            access_key_id: variable("AWS_ACCESS_KEY_ID"),
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: start the tests with ./dev test"))
}
