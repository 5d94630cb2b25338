//! The server that `docs/PROVIDERS.md` has people try.

use std::path::Path;
use std::process::Stdio;

use tests::Environment;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::played::Reply;
use crate::stage::{Stage, topics};
use crate::wire::Api;

/// The running script, which ends with its owner, and its address.
async fn server() -> (Child, String) {
    let script = Path::new(&Environment::read().dev).with_file_name("docs").join("openai-server.py");
    let mut server = Command::new("python3")
        .arg(script)
        .arg("0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap();
    (server, address)
}

#[tokio::test]
async fn the_server_in_the_documentation_files_documents() {
    let (_server, address) = server().await;
    let mut stage = Stage::new(Api::OpenAi, |_| Reply::Hangup).await;
    stage.vault.classification.model = "parrot".into();
    stage.vault.classification.providers.openai_url = Some(address);
    stage.vault.classification.providers.openai_key = None;
    let document = stage.filed(b"Two invoices and the stars of May").await;
    assert_eq!(topics(&document), ["Invoices", "Stars"]);
    assert_eq!(document["classification"]["model"], "parrot");
    stage.vault.tamper("delete from topics").await;
    assert_eq!(topics(&stage.filed(b"Two invoices").await), Vec::<&str>::new());
    assert_eq!(stage.played.received().len(), 0);
}
