//! The example server in `docs/PROVIDERS.md`.

use std::path::Path;
use std::process::Stdio;

use tests::Environment;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::api_formats::Api;
use crate::fake_provider::Reply;
use crate::fixture::{Fixture, topics};

/// Starts the script. Returns the process, which ends when dropped, and its URL.
async fn start_server() -> (Child, String) {
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
async fn the_documented_example_server_classifies_documents() {
    let (_server, address) = start_server().await;
    let mut fixture = Fixture::new(Api::OpenAi, |_| Reply::Hangup).await;
    fixture.vault.classification.model = "parrot".into();
    fixture.vault.classification.providers.openai_url = Some(address);
    fixture.vault.classification.providers.openai_key = None;
    let document = fixture.classify(b"Two invoices and the stars of May").await;
    assert_eq!(topics(&document), ["Invoices", "Stars"]);
    assert_eq!(document["classification"]["model"], "parrot");
    fixture.vault.tamper("delete from topics").await;
    assert_eq!(topics(&fixture.classify(b"Two invoices").await), Vec::<&str>::new());
    assert_eq!(fixture.provider.requests().len(), 0);
}
