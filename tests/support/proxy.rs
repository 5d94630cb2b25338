//! A TCP proxy in front of Postgres, the store or the queue. It can fail in the ways in which a network
//! fails.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::{Services, TestVault};

/// The behaviour of the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything on.
    Pass,
    /// Closes every open connection and every new one.
    Down,
    /// Delays every answer by this time.
    Slow(Duration),
    /// Holds every answer back until the mode changes.
    Hold,
    /// Answers every HTTP request itself with this status.
    Status(u16),
    /// Passes everything on, but changes the status of a 404 to this one.
    NotFoundAs(u16),
    /// Passes requests on, and closes the connection instead of passing on the answer.
    LoseAnswers,
}

/// A running proxy. Dropping it stops it.
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    connections: Arc<AtomicUsize>,
    answers: Arc<Answers>,
    task: tokio::task::JoinHandle<()>,
}

/// What happened to the service's answers.
#[derive(Default)]
struct Answers {
    /// The bytes that were passed on.
    passed_bytes: AtomicUsize,
    /// The answers that are held back now.
    held: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy in front of `upstream`, a host and port.
    pub async fn start(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, modes) = watch::channel(Mode::Pass);
        let connections = Arc::new(AtomicUsize::new(0));
        let answers = Arc::<Answers>::default();
        let (counted, seen) = (Arc::clone(&connections), Arc::clone(&answers));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(client, upstream.clone(), modes.clone(), Arc::clone(&seen)));
            }
        });
        Self { address, mode, connections, answers, task }
    }

    /// Returns the proxy's host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Returns the proxy as an HTTP endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the mode, also for connections that are open.
    pub fn set_mode(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Returns how many connections clients have opened so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Waits until a client has opened a connection, for 30 s at most.
    pub async fn wait_for_connection(&self) {
        wait_for("nobody has connected to the proxy", || self.connections() > 0).await;
    }

    /// Waits until an answer is held back (`Mode::Hold`), for 30 s at most.
    pub async fn wait_for_held_answer(&self) {
        wait_for("no answer is held back", || self.answers.held.load(Ordering::Relaxed) > 0).await;
    }

    /// Returns how many bytes of answers the proxy has passed on so far.
    pub fn answered_bytes(&self) -> usize {
        self.answers.passed_bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestVault {
    /// Starts a proxy in front of Postgres, and returns services that use it.
    pub async fn proxy_postgres(&self) -> (Proxy, Services) {
        let proxy = Proxy::start(&self.database.address()).await;
        let services = self.services_at(&proxy.address(), self.bucket.config(), self.queue.clone());
        (proxy, services)
    }

    /// Starts a proxy in front of the store, and returns services that use it.
    pub async fn proxy_store(&self) -> (Proxy, Services) {
        let proxy = Proxy::start(self.bucket.config().endpoint.as_deref().unwrap()).await;
        let storage = self.bucket.config_at(&proxy.endpoint());
        let services = self.services_at(&self.database.address(), storage, self.queue.clone());
        (proxy, services)
    }

    /// Starts a proxy in front of the queue, and returns services that use it.
    pub async fn proxy_queue(&self) -> (Proxy, Services) {
        let proxy = Proxy::start(self.queue.endpoint.as_deref().unwrap()).await;
        let queue = docuvault::config::QueueConfig { endpoint: Some(proxy.endpoint()), ..self.queue.clone() };
        let services = self.services_at(&self.database.address(), self.bucket.config(), queue);
        (proxy, services)
    }
}

async fn wait_for(missing: &str, is_done: impl Fn() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while !is_done() {
        assert!(Instant::now() < give_up, "{missing}");
        tokio::task::yield_now().await;
    }
}

async fn serve(client: TcpStream, upstream: String, mut modes: watch::Receiver<Mode>, answers: Arc<Answers>) {
    let first = *modes.borrow_and_update();
    match first {
        Mode::Down => {}
        Mode::Status(status) => send_status(client, status).await,
        _ => {
            let Ok(server) = TcpStream::connect(&upstream).await else { return };
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let by_answer = modes.clone();
            let changed = async {
                // These modes end open connections.
                let ends = |mode: &Mode| matches!(mode, Mode::Down | Mode::Status(_));
                if modes.wait_for(ends).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
                () = pass_answers(&mut from_server, &mut to_client, by_answer, &answers) => {}
                () = changed => {}
            }
        }
    }
}

async fn pass_answers(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    mut modes: watch::Receiver<Mode>,
    answers: &Answers,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mode = *modes.borrow();
        match mode {
            Mode::LoseAnswers => return,
            Mode::Slow(delay) => tokio::time::sleep(delay).await,
            Mode::Hold => {
                answers.held.fetch_add(1, Ordering::Relaxed);
                let changed = modes.wait_for(|mode| *mode != Mode::Hold).await.is_ok();
                answers.held.fetch_sub(1, Ordering::Relaxed);
                if !changed {
                    return;
                }
            }
            _ => {}
        }
        if let Mode::NotFoundAs(status) = mode
            && buffer.starts_with(b"HTTP/1.1 404")
        {
            buffer[9..12].copy_from_slice(status.to_string().as_bytes());
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        answers.passed_bytes.fetch_add(read, Ordering::Relaxed);
    }
}

async fn send_status(mut client: TcpStream, status: u16) {
    let mut buffer = vec![0; 64 * 1024];
    let _read = client.read(&mut buffer).await;
    let head = format!("HTTP/1.1 {status} Proxied\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    if client.write_all(head.as_bytes()).await.is_ok() {
        let _closed = client.shutdown().await;
    }
}
