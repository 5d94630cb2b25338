//! The commands of `docs/OPERATIONS.md`, Backup and restore.

use std::collections::BTreeMap;

use tests::postgres_server::PostgresServer;
use tests::{Environment, TestDatabase};
use tokio::process::Command;

/// The folder of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The commands of the page, with the values of their variables.
pub struct Commands {
    blocks: std::vec::IntoIter<String>,
    variables: BTreeMap<&'static str, String>,
}

impl Commands {
    /// Reads the page.
    pub fn new(server: &PostgresServer, database: &TestDatabase) -> Self {
        let page = std::fs::read_to_string(format!("{ROOT}/docs/OPERATIONS.md")).unwrap();
        let section = page.split("\n## ").find(|section| section.starts_with("Backup and restore")).unwrap();
        // The other blocks of the page are for `bash`, and need an account at AWS.
        let blocks =
            section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
        let dump = std::env::temp_dir().join(format!("{}.dump", database.name()));
        let variables = BTreeMap::from([
            ("PATH", format!("{}:/usr/bin:/bin", Environment::read().postgres_bin)),
            ("ADMIN", server.url().replace("//postgres@", "//docuvault_migrate@")),
            ("VAULT", database.url("docuvault_migrate")),
            ("NAME", database.name().to_owned()),
            ("DUMP", dump.to_str().unwrap().to_owned()),
        ]);
        Self { blocks: blocks.collect::<Vec<_>>().into_iter(), variables }
    }

    /// Runs the next block, which has this command.
    pub async fn paste_next(&mut self, command: &str) {
        let block = self.blocks.next().unwrap();
        assert!(block.contains(command), "{block}");
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &block]).envs(&self.variables).current_dir(ROOT);
        let output = shell.output().await.unwrap();
        assert!(output.status.success(), "{block}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        let _removed = std::fs::remove_file(&self.variables["DUMP"]);
    }
}
