//! What is measured upon: a database, a bucket and one user who owns everything.

use anyhow::Result;
use docuvault::account::Role;
use docuvault::auth::Tokens;
use docuvault::db::account::NewAccount;
use docuvault::id::UserId;
use docuvault::{config, db};
use tests::{Environment, TestBucket, TestDatabase};

use crate::requests::Caller;
use crate::sandbox::Variables;

const SECRET: &str = "what the benchmark signs its tokens with";

/// A vault without functions.
pub struct World {
    /// Postgres.
    pub database: TestDatabase,
    /// MinIO.
    pub bucket: TestBucket,
    /// May do anything in the database.
    pub superuser: tokio_postgres::Client,
    /// The one user.
    pub user: UserId,
    tokens: Tokens,
}

impl World {
    /// With a user who owns nothing yet.
    pub async fn new() -> Result<Self> {
        let (database, bucket) = tokio::join!(TestDatabase::migrated(), TestBucket::create());
        let superuser = database.connect_as("postgres").await;
        let app = config::Database { url: database.url("docuvault_app").parse()? };
        let user = UserId::new();
        let account = NewAccount {
            id: user,
            email: "bench@example.com",
            password_hash: docuvault::password::NOBODY,
            role: Role::User,
            password_must_change: false,
        };
        db::account::create(&db::Database::new(app)?, account).await?;
        let tokens = Tokens::new(&config::Tokens { secret: SECRET.into() });
        Ok(Self { database, bucket, superuser, user, tokens })
    }

    /// The user with a fresh token, which lives for 15 minutes.
    pub fn caller(&self) -> Result<Caller> {
        let token = serde_json::to_value(self.tokens.issue(self.user)?)?;
        let token = token.get("access_token").and_then(|token| token.as_str()).unwrap_or_default().to_owned();
        Ok(Caller { user: self.user, token })
    }

    /// What functions are told.
    pub fn variables(&self) -> Variables {
        self.variables_by(&self.database.address(), &Environment::read().s3_endpoint)
    }

    /// The same with other addresses of Postgres and the store.
    pub fn variables_by(&self, postgres: &str, store: &str) -> Variables {
        let environment = Environment::read();
        vec![
            ("DATABASE_URL", self.database.url_by("docuvault_app", postgres)),
            ("S3_BUCKET", self.bucket.name.clone()),
            ("S3_ENDPOINT", store.to_owned()),
            ("SQS_ENDPOINT", environment.moto_endpoint.clone()),
            // Nothing is sent there: no measured request has a nudge to send.
            ("QUEUE_URL", format!("{}/123456789012/none", environment.moto_endpoint)),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", environment.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", environment.secret_access_key),
            ("JWT_SECRET", SECRET.into()),
            ("MAX_PENDING_UPLOADS", "1000000".into()),
        ]
    }
}
