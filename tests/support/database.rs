//! A database for each test, cloned from a template that is migrated once.

use std::time::Duration;

use docuvault::auth::User;
use docuvault::id::{SessionId, UserId};
use migrate::{Capabilities, Command, Schema};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

use crate::Environment;

/// The prefix of every test database's name. Tests drop no database without it.
const PREFIX: &str = "docuvault_test_";

/// The name of the template. The first test that needs the template creates it, under an advisory lock, so
/// that several test processes do not create it twice.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database for one test. Dropping the value drops the database.
pub struct TestDatabase {
    superuser: Config,
    name: String,
    /// The host and port of the pooler in front of the server, if there is one.
    pooler: Option<String>,
    /// The superuser's connection, opened once: a long test checks the database after every step.
    connection: OnceCell<Client>,
}

impl TestDatabase {
    /// Creates a database with the newest schema and no rows.
    pub async fn migrated() -> Self {
        let template = TEMPLATE.get_or_init(create_template).await;
        Self::create(&format!(" template {template}")).await
    }

    /// Creates a database without a schema, in which the migrating role may create one.
    pub async fn empty() -> Self {
        TEMPLATE.get_or_init(create_template).await;
        let database = Self::create("").await;
        database.grant_roles().await;
        database
    }

    /// Creates a migrated database on another server than the shared one.
    pub async fn migrated_on(server: &str) -> Self {
        let database = Self::create_on(server.parse().unwrap(), "").await;
        database.grant_roles().await;
        migrate::handle(&database.migrate_capabilities(), Command::Migrate(Schema::Up)).await.unwrap();
        database
    }

    /// Returns the name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns another database of the server, such as an older state of this one. Dropping the value drops
    /// that database.
    pub fn other(&self, name: String) -> Self {
        Self::with_name(self.superuser.clone(), name)
    }

    /// Closes the superuser's connection. The next use opens another one, to the database that has this name
    /// then.
    pub fn reconnect(&mut self) {
        self.connection = OnceCell::const_new();
    }

    async fn create(from: &str) -> Self {
        let Environment { postgres_url, pooler, .. } = Environment::read();
        let mut database = Self::create_on(postgres_url.parse().unwrap(), from).await;
        database.pooler = pooler;
        database
    }

    async fn create_on(superuser: Config, from: &str) -> Self {
        let name = format!("{PREFIX}{}", uuid::Uuid::new_v4().simple());
        connect(&superuser).await.batch_execute(&format!("create database {name}{from}")).await.unwrap();
        Self::with_name(superuser, name)
    }

    const fn with_name(superuser: Config, name: String) -> Self {
        Self { superuser, name, pooler: None, connection: OnceCell::const_new() }
    }

    /// Creates the roles and their rights. Uses a connection of its own, because Postgres clones no template
    /// that has open connections.
    async fn grant_roles(&self) {
        self.connect_as_superuser()
            .await
            .batch_execute(include_str!("../../migrations/roles.sql"))
            .await
            .unwrap();
    }

    /// Returns the DSN for a role at the server itself.
    pub fn url(&self, role: &str) -> String {
        self.url_at(role, &self.server_address())
    }

    /// Returns the DSN for a role at another address, such as a proxy's.
    pub fn url_at(&self, role: &str, address: &str) -> String {
        format!("postgres://{role}@{address}/{}?sslmode=disable", self.name)
    }

    /// Returns the host and port at which functions reach the database: the pooler's if there is one.
    pub fn address(&self) -> String {
        self.pooler.clone().unwrap_or_else(|| self.server_address())
    }

    /// Returns the host and port of the server itself.
    pub fn server_address(&self) -> String {
        let host = match &self.superuser.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(host) => host.clone(),
            other => panic!("TEST_POSTGRES_URL names {other:?}, not a TCP host"),
        };
        format!("{host}:{}", self.superuser.get_ports().first().copied().unwrap_or(5432))
    }

    /// Returns the superuser's connection to this database, the same at every call.
    pub async fn superuser(&self) -> &Client {
        self.connection.get_or_init(|| self.connect_as_superuser()).await
    }

    async fn connect_as_superuser(&self) -> Client {
        let mut config = self.superuser.clone();
        connect(config.dbname(&self.name)).await
    }

    /// Opens a connection to the server itself as this role.
    pub async fn connect_as(&self, role: &str) -> Client {
        connect(&self.url(role).parse().unwrap()).await
    }

    /// Waits until this query returns true, for 30 s at most.
    pub async fn wait_until(&self, statement: &str) {
        let client = self.superuser().await;
        let yes = async {
            while !client.query_one(statement, &[]).await.unwrap().get::<_, bool>(0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), yes).await.expect(statement);
    }

    /// Starts a session for an account. It has no refresh token. Uses a connection of its own, because a test
    /// may restart the server before it uses the superuser's connection.
    pub async fn start_session(&self, id: UserId) -> User {
        let session = SessionId::new();
        let statement = "insert into sessions (id, user_id, expires_at, ends_at)
            values ($1, $2, now() + interval '30 days', now() + interval '90 days')";
        self.connect_as_superuser().await.execute(statement, &[&session, &id]).await.unwrap();
        User { id, session }
    }

    /// Returns the clients and limits that `migrate` uses, for this database and without a bucket.
    pub fn migrate_capabilities(&self) -> Capabilities {
        let url = self.url("docuvault_migrate");
        let database = docuvault::config::DatabaseConfig { url: url.parse().unwrap(), iam: None };
        let db = docuvault::db::Database::new(database);
        let migrations = migrate::own_migrations();
        let audit_log = docuvault::config::AuditLogConfig { days: docuvault::config::AuditLogConfig::DAYS };
        Capabilities { db, url, iam: None, app_password: None, storage: None, audit_log, migrations }
    }
}

impl Drop for TestDatabase {
    /// Drops the database on a thread of its own, because the test's runtime may have ended already.
    fn drop(&mut self) {
        let (config, statement) =
            (self.superuser.clone(), format!("drop database if exists {} with (force)", self.name));
        assert!(self.name.starts_with(PREFIX), "not a test database");
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&config).await.batch_execute(&statement).await })
        });
        if !matches!(dropping.join(), Ok(Ok(()))) && !std::thread::panicking() {
            panic!("{} could not be dropped", self.name);
        }
    }
}

async fn create_template() -> String {
    let superuser: Config = Environment::read().postgres_url.parse().unwrap();
    let name = format!("{PREFIX}template");
    let client = connect(&superuser).await;
    client.batch_execute("select pg_advisory_lock(5433)").await.unwrap();
    let existing = client.query("select from pg_database where datname = $1", &[&name]).await.unwrap();
    if existing.is_empty() {
        // The template is built under another name, so that an existing template is always complete.
        let building = TestDatabase::with_name(superuser.clone(), format!("{PREFIX}building"));
        client.batch_execute(&format!("create database {}", building.name)).await.unwrap();
        building.grant_roles().await;
        migrate::handle(&building.migrate_capabilities(), Command::Migrate(Schema::Up)).await.unwrap();
        client.batch_execute(&format!("alter database {} rename to {name}", building.name)).await.unwrap();
    }
    client.batch_execute("select pg_advisory_unlock(5433)").await.unwrap();
    name
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
