//! A network gateway that drops connections without telling either end, as NAT gateways do after minutes of
//! idleness.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A running gateway. Dropping it stops it.
pub struct NatGateway {
    address: String,
    drops: watch::Sender<u64>,
    task: tokio::task::JoinHandle<()>,
}

impl NatGateway {
    /// Starts a gateway to `upstream`, a host and port.
    pub async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (drops, known) = watch::channel(0);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, upstream.clone(), known.clone()));
            }
        });
        Self { address, drops, task }
    }

    /// Returns the gateway's host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Stops passing on data on the open connections. New connections work.
    pub fn drop_connections(&self) {
        self.drops.send_modify(|times| *times += 1);
    }
}

impl Drop for NatGateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(mut client: TcpStream, upstream: String, mut known: watch::Receiver<u64>) {
    known.borrow_and_update();
    let mut server = TcpStream::connect(&upstream).await.unwrap();
    tokio::select! {
        biased;
        _ = known.changed() => discard(client, server).await,
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
    }
}

/// Reads and discards what the client sends, so that TCP acknowledges it, and keeps both ends open until the
/// client closes.
async fn discard(mut client: TcpStream, server: TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(1..) = client.read(&mut buffer).await {}
    let _closed = client.shutdown().await;
    drop(server);
}
