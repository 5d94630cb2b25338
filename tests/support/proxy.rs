//! A TCP proxy in front of Postgres or the store, which can fail in every way that a network can.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::{Parts, TestVault};

/// How the proxy treats its clients from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything.
    Pass,
    /// Closes every connection, old and new.
    Down,
    /// Holds every answer back for this long.
    Slow(Duration),
    /// Answers every HTTP request itself, with this status.
    Status(u16),
    /// Passes everything, but that a 404 is told by another status.
    Absent(u16),
    /// Passes requests, and closes the connection in place of the answer.
    LoseAnswers,
}

/// A running proxy; it ends with its owner.
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    connections: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// In front of `upstream`, a host and port.
    pub async fn before(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, modes) = watch::channel(Mode::Pass);
        let connections = Arc::new(AtomicUsize::new(0));
        let answered = Arc::new(AtomicUsize::new(0));
        let (counted, passed) = (Arc::clone(&connections), Arc::clone(&answered));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(client, upstream.clone(), modes.clone(), Arc::clone(&passed)));
            }
        });
        Self { address, mode, connections, answered, task }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// As an HTTP endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the mode, for connections that are open, too.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// How many bytes of answers it has passed on so far.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestVault {
    /// A sandbox's clients that reach Postgres through a proxy.
    pub async fn postgres_by_proxy(&self) -> (Proxy, Parts) {
        let proxy = Proxy::before(&self.database.address()).await;
        let parts = self.parts_by(&proxy.address(), self.bucket.config(), self.queue.clone());
        (proxy, parts)
    }

    /// A sandbox's clients that reach the store through a proxy.
    pub async fn store_by_proxy(&self) -> (Proxy, Parts) {
        let proxy = Proxy::before(self.bucket.config().endpoint.as_deref().unwrap()).await;
        let storage = self.bucket.config_by(&proxy.endpoint());
        let parts = self.parts_by(&self.database.address(), storage, self.queue.clone());
        (proxy, parts)
    }

    /// A sandbox's clients that reach the queue through a proxy.
    pub async fn queue_by_proxy(&self) -> (Proxy, Parts) {
        let proxy = Proxy::before(self.queue.endpoint.as_deref().unwrap()).await;
        let queue = docuvault::config::Queue { endpoint: Some(proxy.endpoint()), ..self.queue.clone() };
        let parts = self.parts_by(&self.database.address(), self.bucket.config(), queue);
        (proxy, parts)
    }
}

async fn serve(
    client: TcpStream,
    upstream: String,
    mut modes: watch::Receiver<Mode>,
    answered: Arc<AtomicUsize>,
) {
    let first = *modes.borrow_and_update();
    match first {
        Mode::Down => {}
        Mode::Status(status) => answer(client, status).await,
        _ => {
            let Ok(server) = TcpStream::connect(&upstream).await else { return };
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let by_answer = modes.clone();
            let changed = async {
                // An open connection ends when the mode that it lives by ends it.
                let ends = |mode: &Mode| matches!(mode, Mode::Down | Mode::Status(_));
                if modes.wait_for(ends).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
                () = answers(&mut from_server, &mut to_client, by_answer, &answered) => {}
                () = changed => {}
            }
        }
    }
}

async fn answers(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    modes: watch::Receiver<Mode>,
    answered: &AtomicUsize,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mode = *modes.borrow();
        match mode {
            Mode::LoseAnswers => return,
            Mode::Slow(delay) => tokio::time::sleep(delay).await,
            _ => {}
        }
        if let Mode::Absent(status) = mode
            && buffer.starts_with(b"HTTP/1.1 404")
        {
            buffer[9..12].copy_from_slice(status.to_string().as_bytes());
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        answered.fetch_add(read, Ordering::Relaxed);
    }
}

async fn answer(mut client: TcpStream, status: u16) {
    let mut buffer = vec![0; 64 * 1024];
    let _read = client.read(&mut buffer).await;
    let head = format!("HTTP/1.1 {status} Played\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    if client.write_all(head.as_bytes()).await.is_ok() {
        let _closed = client.shutdown().await;
    }
}
