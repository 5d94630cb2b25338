//! What is measured upon: the tests' vault, and one user who owns everything.

use docuvault::id::UserId;
use tests::TestVault;

use crate::requests::Caller;
use crate::sandbox::Variables;

/// A vault without functions.
pub struct World {
    /// Its database, bucket and queue.
    pub vault: TestVault,
    /// May do anything in the database.
    pub superuser: tokio_postgres::Client,
    /// The one user.
    pub user: UserId,
}

impl World {
    /// With a user who owns nothing yet.
    pub async fn new() -> Self {
        let vault = TestVault::new().await;
        let superuser = vault.database.connect_as("postgres").await;
        let user = vault.user().await.id();
        Self { vault, superuser, user }
    }

    /// The user with a fresh token, which lives for 15 minutes.
    pub fn caller(&self) -> Caller {
        Caller { user: self.user, token: self.vault.token(self.user) }
    }

    /// What functions are told.
    pub fn variables(&self) -> Variables {
        let mut variables = self.vault.variables();
        for limit in ["MAX_PENDING_UPLOADS", "UPLOAD_URLS_PER_HOUR", "CLASSIFICATIONS_PER_HOUR"] {
            variables.insert(limit, "1000000".into());
        }
        variables
    }

    /// The same with other addresses of Postgres and the store.
    pub fn variables_by(&self, postgres: &str, store: &str) -> Variables {
        let mut variables = self.variables();
        variables.insert("DATABASE_URL", self.vault.database.url_by("docuvault_app", postgres));
        variables.insert("S3_ENDPOINT", format!("http://{store}"));
        variables
    }
}
