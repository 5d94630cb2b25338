//! The services that `./dev test` has started.

/// Addresses, programs and credentials that tests share.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The DSN of Postgres' superuser.
    pub postgres_url: String,
    /// The folder of `initdb`, `postgres` and `pg_ctl`.
    pub postgres_bin: String,
    /// The host and port of the pooler in front of Postgres, if functions use one.
    pub pooler: Option<String>,
    /// The system user that runs Postgres, if the tests run as root. Empty if they do not.
    pub postgres_user: String,
    /// MinIO's endpoint.
    pub s3_endpoint: String,
    /// The path of the program `minio`.
    pub minio: String,
    /// The command that creates users in MinIO: Python and a script.
    pub store_users: String,
    /// moto's endpoint. moto serves as SQS, and as a second S3.
    pub moto_endpoint: String,
    /// The path of the program `moto_server`.
    pub moto_server: String,
    /// The path of the script `./dev`.
    pub dev: String,
    /// The access key id of MinIO's root user. moto accepts any.
    pub access_key_id: String,
    /// The secret of MinIO's users; all have the same one.
    pub secret_access_key: String,
}

impl Environment {
    /// Reads the variables that `./dev test` has set.
    pub fn read() -> Self {
        Self {
            postgres_url: read_variable("TEST_POSTGRES_URL"),
            postgres_bin: read_variable("TEST_POSTGRES_BIN"),
            pooler: Some(read_variable("TEST_POOLER")).filter(|address| !address.is_empty()),
            postgres_user: read_variable("TEST_POSTGRES_USER"),
            s3_endpoint: read_variable("TEST_S3_ENDPOINT"),
            minio: read_variable("TEST_MINIO"),
            store_users: read_variable("TEST_STORE_USERS"),
            moto_endpoint: read_variable("TEST_MOTO_ENDPOINT"),
            moto_server: read_variable("TEST_MOTO_SERVER"),
            dev: read_variable("TEST_DEV"),
            access_key_id: read_variable("AWS_ACCESS_KEY_ID"),
            secret_access_key: read_variable("AWS_SECRET_ACCESS_KEY"),
        }
    }
}

/// Returns the folder of Schemathesis and of the generator of clients. It is not in [`Environment`], because
/// the benchmark runs without it.
pub fn api_tools() -> String {
    read_variable("TEST_API_TOOLS")
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn read_variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: start the tests with ./dev test"))
}
