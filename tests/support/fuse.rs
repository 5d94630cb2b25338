//! A way to end a sandbox between two of its requests. A fuse counts the requests on its lines to the
//! services, and cuts the line at a chosen one.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The moment at which the fuse cuts the line: before the service gets the request, or after it has executed
/// the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The request never arrives.
    Before,
    /// The service carries out the request; its answer never arrives.
    After,
}

/// A counter of the requests on all its lines together. It cuts the line at the request for which it is
/// armed.
#[derive(Clone)]
pub struct Fuse(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    blown: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    requests: usize,
    cut: Option<(usize, Side)>,
}

/// The decision about the current request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    LoseRequest,
    LoseAnswer,
}

impl Default for Fuse {
    fn default() -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), blown: watch::Sender::new(false) }))
    }
}

impl Fuse {
    /// Opens a line to `upstream`, a host and port.
    pub async fn open_line(&self, upstream: &str) -> Line {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let fuse = self.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, upstream.clone(), fuse.clone()));
            }
        });
        Line { address, task }
    }

    /// Starts counting anew and blows at the `step`-th request. The first request is 1.
    pub fn arm(&self, step: usize, side: Side) {
        self.0.blown.send_replace(false);
        *self.state() = State { requests: 0, cut: Some((step, side)) };
    }

    /// Starts counting anew and never blows.
    pub fn disarm(&self) {
        self.0.blown.send_replace(false);
        *self.state() = State::default();
    }

    /// Returns how many requests there were since the fuse was armed or disarmed.
    pub fn requests(&self) -> usize {
        self.state().requests
    }

    /// Waits until the fuse blows.
    pub async fn wait_until_blown(&self) {
        let mut blown = self.0.blown.subscribe();
        if blown.wait_for(|blown| *blown).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_request(&self) -> Verdict {
        let mut state = self.state();
        state.requests += 1;
        match state.cut {
            Some((step, Side::Before)) if step == state.requests => Verdict::LoseRequest,
            Some((step, Side::After)) if step == state.requests => Verdict::LoseAnswer,
            _ => Verdict::Pass,
        }
    }
}

/// A local address that leads through the fuse to a service. Dropping the line closes it.
pub struct Line {
    address: String,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// Returns the line's host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the line as an HTTP endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries bytes both ways. A request begins when the client sends after the service did, which holds for
/// both Postgres' protocol and HTTP.
async fn carry(mut client: TcpStream, upstream: String, fuse: Fuse) {
    let Ok(mut server) = TcpStream::connect(&upstream).await else { return };
    let _ignored = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut in_request, mut verdict) = (false, Verdict::Pass);
    let (mut request, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(read @ 1..) = read else { break };
                if !in_request {
                    (in_request, verdict) = (true, fuse.count_request());
                }
                if verdict == Verdict::LoseRequest || server.write_all(&request[..read]).await.is_err() {
                    break;
                }
            }
            read = server.read(&mut answer) => {
                let Ok(read @ 1..) = read else { break };
                in_request = false;
                if verdict == Verdict::LoseAnswer || client.write_all(&answer[..read]).await.is_err() {
                    break;
                }
            }
        }
    }
    if verdict != Verdict::Pass {
        fuse.0.blown.send_replace(true);
    }
}
