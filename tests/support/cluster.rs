//! A Postgres server of one test's own, which can be stopped and started again.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Environment;

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Clients are told, transactions rolled back.
    Fast,
    /// As in a crash: recovery follows at the next start.
    Immediate,
}

/// A server and its data; both end with their owner.
pub struct Cluster {
    environment: Environment,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// A fresh one that runs.
    pub async fn start() -> Self {
        let environment = Environment::read();
        let folder = std::env::temp_dir().join(format!("docuvault-test-{}", uuid::Uuid::new_v4().simple()));
        let mut cluster = Self { environment, folder, port: free_port(), server: None };
        std::fs::create_dir(&cluster.folder).unwrap();
        if let Some((user, group)) = cluster.account() {
            std::os::unix::fs::chown(&cluster.folder, Some(user), Some(group)).unwrap();
        }
        let mut initdb = cluster.program("initdb");
        initdb.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        assert!(initdb.status().unwrap().success(), "initdb");
        cluster.resume().await;
        cluster
    }

    /// The superuser's DSN.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Ends the server; nothing listens on its port afterwards.
    pub fn stop(&mut self, how: Stop) {
        let mode = if how == Stop::Fast { "fast" } else { "immediate" };
        let mut stop = self.program("pg_ctl");
        assert!(stop.args(["stop", "-w", "-m", mode]).status().unwrap().success(), "pg_ctl stop");
        self.server.take().unwrap().wait().unwrap();
    }

    /// Starts the server again, on the same port, and waits until it answers.
    pub async fn resume(&mut self) {
        let mut postgres = self.program("postgres");
        postgres.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        postgres.args(["-c", "unix_socket_directories=", "-c", "fsync=off"]);
        self.server = Some(postgres.spawn().unwrap());
        let began = Instant::now();
        while let Err(error) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not come up: {error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// One of Postgres' programs on this cluster, run by whom the tests were told to.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(PathBuf::from(&self.environment.postgres_bin).join(name));
        command.arg("-D").arg(&self.folder).current_dir("/").env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.account() {
            command.uid(user).gid(group);
        }
        command
    }

    /// User and group, where it is not our own: Postgres refuses to run as root.
    fn account(&self) -> Option<(u32, u32)> {
        let name = &self.environment.postgres_user;
        let id = |which| {
            let output = Command::new("id").args([which, name.as_str()]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
        };
        (!name.is_empty()).then(|| (id("-u"), id("-g")))
    }
}

impl Drop for Cluster {
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

/// Below the ports that connections are given: nobody takes it while the server is down.
fn free_port() -> u16 {
    let start = u16::from_le_bytes([uuid::Uuid::new_v4().as_bytes()[0], uuid::Uuid::new_v4().as_bytes()[0]]);
    let mut ports = (0..8_000).map(|step| 20_000 + start.wrapping_add(step) % 8_000);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
