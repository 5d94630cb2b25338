//! A Postgres server for one test, which the test can stop and start again.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Environment, free_port};

/// A way to stop a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Rolls back open transactions and disconnects clients.
    Fast,
    /// Acts like a crash: the next start runs a recovery.
    Immediate,
}

/// A Postgres server and its data folder. Dropping it stops the server and removes the folder.
pub struct PostgresServer {
    environment: Environment,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl PostgresServer {
    /// Creates an empty data folder and starts a server on a free port.
    pub async fn start() -> Self {
        let environment = Environment::read();
        let folder = std::env::temp_dir().join(format!("docuvault-test-{}", uuid::Uuid::new_v4().simple()));
        let mut server = Self { environment, folder, port: free_port(), server: None };
        std::fs::create_dir(&server.folder).unwrap();
        if let Some((user, group)) = server.account() {
            std::os::unix::fs::chown(&server.folder, Some(user), Some(group)).unwrap();
        }
        let mut initdb = server.program("initdb");
        initdb.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        assert!(initdb.status().unwrap().success(), "initdb");
        server.start_again().await;
        server
    }

    /// Returns the superuser's DSN.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Returns the server's host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns the DSN of the database `docuvault` for a role with this password.
    pub fn url_for(&self, role: &str, password: &str) -> String {
        let password = utf8_percent_encode(password, NON_ALPHANUMERIC);
        format!("postgres://{role}:{password}@{}/docuvault?sslmode=disable", self.address())
    }

    /// Asks all roles but the superuser for their passwords from now on.
    pub async fn require_passwords(&self, superuser: &tokio_postgres::Client) {
        let rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(self.folder.join("pg_hba.conf"), rules).unwrap();
        superuser.execute("select pg_reload_conf()", &[]).await.unwrap();
        // The server reads the rules in the background.
        let read = "select count(*) from pg_hba_file_rules";
        assert_eq!(superuser.query_one(read, &[]).await.unwrap().get::<_, i64>(0), 2);
    }

    /// Stops the server. Nothing listens on its port afterwards.
    pub fn stop(&mut self, how: Stop) {
        let mode = if how == Stop::Fast { "fast" } else { "immediate" };
        let mut stop = self.program("pg_ctl");
        assert!(stop.args(["stop", "-w", "-m", mode]).status().unwrap().success(), "pg_ctl stop");
        self.server.take().unwrap().wait().unwrap();
    }

    /// Starts the server again, on the same port, and waits until it answers.
    pub async fn start_again(&mut self) {
        let mut postgres = self.program("postgres");
        postgres.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        postgres.args(["-c", "unix_socket_directories=", "-c", "fsync=off"]);
        self.server = Some(postgres.spawn().unwrap());
        let began = Instant::now();
        while let Err(error) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "Postgres does not answer after 60 s: {error}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns a command of Postgres for this data folder, run as `TEST_POSTGRES_USER`.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(PathBuf::from(&self.environment.postgres_bin).join(name));
        command.arg("-D").arg(&self.folder).current_dir("/").env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.account() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Returns the user id and group id to run Postgres as, if the tests run as root: Postgres refuses that.
    fn account(&self) -> Option<(u32, u32)> {
        let name = &self.environment.postgres_user;
        let id = |which| {
            let output = Command::new("id").args([which, name.as_str()]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
        };
        (!name.is_empty()).then(|| (id("-u"), id("-g")))
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.server.is_some() {
            let _stopped = self.program("pg_ctl").args(["stop", "-w", "-m", "immediate"]).status();
        }
        if let Some(mut server) = self.server.take() {
            let _reaped = (server.kill(), server.wait());
        }
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}
