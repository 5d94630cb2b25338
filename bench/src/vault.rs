//! The vault that is measured: a vault of the tests with one user who owns everything.

use docuvault::auth::User;
use docuvault::id::UserId;
use tests::TestVault;

use crate::requests::Caller;
use crate::sandbox::Variables;

/// A vault and its user. The functions run in sandboxes.
pub struct MeasuredVault {
    /// The database, the bucket and the queue.
    pub test: TestVault,
    /// The superuser's connection to the database.
    pub superuser: tokio_postgres::Client,
    /// The user who owns all documents.
    pub user: UserId,
    /// The user's session.
    session: User,
}

impl MeasuredVault {
    /// Creates a vault and a user without documents.
    pub async fn new() -> Self {
        let test = TestVault::new().await;
        let superuser = test.database.connect_as("postgres").await;
        let session = test.create_user().await.user();
        Self { test, superuser, user: session.id, session }
    }

    /// Returns the user with a new access token, which lives for 15 minutes.
    pub fn caller(&self) -> Caller {
        Caller { user: self.session, token: self.test.issue_token(self.session) }
    }

    /// Returns the environment variables of functions, with limits that no measurement reaches.
    pub fn variables(&self) -> Variables {
        let mut variables = self.test.variables();
        for limit in [
            "MAX_PENDING_UPLOADS",
            "UPLOAD_URLS_PER_HOUR",
            "CLASSIFICATIONS_PER_HOUR",
            "ADDRESS_LIMIT_FACTOR",
        ] {
            variables.insert(limit, "1000000".into());
        }
        variables
    }

    /// Returns the environment variables of functions, with these addresses of Postgres and the store.
    pub fn variables_at(&self, postgres: &str, store: &str) -> Variables {
        let mut variables = self.variables();
        variables.insert("DATABASE_URL", self.test.database.url_at("docuvault_app", postgres));
        variables.insert("S3_ENDPOINT", format!("http://{store}"));
        variables
    }
}
