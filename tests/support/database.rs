//! A fresh database per test, from a template that is migrated once.

use migrate::{Capabilities, Command, Schema};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

use crate::Environment;

/// Every test database's name begins so; no other is ever touched.
const PREFIX: &str = "docuvault_test_";

/// Once per process; processes agree by an advisory lock.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database that is dropped with its owner.
pub struct TestDatabase {
    superuser: Config,
    name: String,
    /// Opened once: checks after every step of a long test must be cheap.
    connection: OnceCell<Client>,
}

impl TestDatabase {
    /// Migrated to the newest schema, without rows.
    pub async fn migrated() -> Self {
        let template = TEMPLATE.get_or_init(template).await;
        Self::create(&format!(" template {template}")).await
    }

    /// Without a schema, owned by the migrating role.
    pub async fn empty() -> Self {
        TEMPLATE.get_or_init(template).await;
        let database = Self::create("").await;
        database.grant_roles().await;
        database
    }

    /// Migrated, on another server than the tests share.
    pub async fn migrated_on(server: &str) -> Self {
        let database = Self::create_on(server.parse().unwrap(), "").await;
        database.grant_roles().await;
        migrate::handle(&database.migrations(), Command::Migrate(Schema::Up)).await.unwrap();
        database
    }

    async fn create(from: &str) -> Self {
        Self::create_on(Environment::read().postgres_url.parse().unwrap(), from).await
    }

    async fn create_on(superuser: Config, from: &str) -> Self {
        let name = format!("{PREFIX}{}", uuid::Uuid::new_v4().simple());
        connect(&superuser).await.batch_execute(&format!("create database {name}{from}")).await.unwrap();
        Self::named(superuser, name)
    }

    const fn named(superuser: Config, name: String) -> Self {
        Self { superuser, name, connection: OnceCell::const_new() }
    }

    /// On a connection of its own: a template must not have one that stays.
    async fn grant_roles(&self) {
        self.open().await.batch_execute(include_str!("../../migrations/roles.sql")).await.unwrap();
    }

    /// The DSN of one of the vault's two roles.
    pub fn url(&self, role: &str) -> String {
        self.url_by(role, &self.address())
    }

    /// The same by another address, such as a proxy's.
    pub fn url_by(&self, role: &str, address: &str) -> String {
        format!("postgres://{role}@{address}/{}?sslmode=disable", self.name)
    }

    /// Host and port of the server.
    pub fn address(&self) -> String {
        let host = match &self.superuser.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(host) => host.clone(),
            other => panic!("TEST_POSTGRES_URL names {other:?}, not a TCP host"),
        };
        format!("{host}:{}", self.superuser.get_ports().first().copied().unwrap_or(5432))
    }

    /// The connection that may do anything here, the same at every call.
    pub async fn superuser(&self) -> &Client {
        self.connection.get_or_init(|| self.open()).await
    }

    async fn open(&self) -> Client {
        let mut config = self.superuser.clone();
        connect(config.dbname(&self.name)).await
    }

    /// A connection as one of the vault's roles.
    pub async fn connect_as(&self, role: &str) -> Client {
        connect(&self.url(role).parse().unwrap()).await
    }

    /// What `migrate` works with.
    pub fn migrations(&self) -> Capabilities {
        let url = self.url("docuvault_migrate");
        let database = docuvault::config::Database { url: url.parse().unwrap() };
        Capabilities { db: docuvault::db::Database::new(database), url, storage: None }
    }
}

impl Drop for TestDatabase {
    /// On a thread of its own: a test's runtime may be gone already.
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

async fn template() -> String {
    let superuser: Config = Environment::read().postgres_url.parse().unwrap();
    let name = format!("{PREFIX}template");
    let client = connect(&superuser).await;
    client.batch_execute("select pg_advisory_lock(5433)").await.unwrap();
    let there = client.query("select from pg_database where datname = $1", &[&name]).await.unwrap();
    if there.is_empty() {
        // Built under another name: a template that is there is whole.
        let building = TestDatabase::named(superuser.clone(), format!("{PREFIX}building"));
        client.batch_execute(&format!("create database {}", building.name)).await.unwrap();
        building.grant_roles().await;
        migrate::handle(&building.migrations(), Command::Migrate(Schema::Up)).await.unwrap();
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
