//! The end of a sandbox between two of its steps: lines to the services that are counted and cut at a chosen request.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// On which side of a step the line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The request never arrives.
    Before,
    /// The service has done what was asked; its answer never arrives.
    After,
}

/// Counts the requests of all its lines together, and blows at the one it is set to.
#[derive(Clone)]
pub struct Fuse(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    blown: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    steps: usize,
    cut: Option<(usize, Side)>,
}

/// What becomes of the exchange under way.
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
    /// A line to `upstream`, a host and port.
    pub async fn line(&self, upstream: &str) -> Line {
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

    /// Counts from here on; blows at the `step`-th request, the first being 1.
    pub fn set(&self, step: usize, side: Side) {
        self.0.blown.send_replace(false);
        *self.state() = State { steps: 0, cut: Some((step, side)) };
    }

    /// Blows no more.
    pub fn clear(&self) {
        self.0.blown.send_replace(false);
        *self.state() = State::default();
    }

    /// How many requests there were since it was set or cleared.
    pub fn steps(&self) -> usize {
        self.state().steps
    }

    /// Waits until it blows.
    pub async fn blown(&self) {
        let mut blown = self.0.blown.subscribe();
        if blown.wait_for(|blown| *blown).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self) -> Verdict {
        let mut state = self.state();
        state.steps += 1;
        match state.cut {
            Some((step, Side::Before)) if step == state.steps => Verdict::LoseRequest,
            Some((step, Side::After)) if step == state.steps => Verdict::LoseAnswer,
            _ => Verdict::Pass,
        }
    }
}

/// One address under a fuse; it ends with its owner.
pub struct Line {
    address: String,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// As an HTTP endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request begins where the client speaks after the service has: so both protocols, Postgres' and HTTP, are counted alike.
async fn carry(mut client: TcpStream, upstream: String, fuse: Fuse) {
    let Ok(mut server) = TcpStream::connect(&upstream).await else { return };
    let _ignored = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut asked, mut verdict) = (false, Verdict::Pass);
    let (mut question, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut question) => {
                let Ok(read @ 1..) = read else { break };
                if !asked {
                    (asked, verdict) = (true, fuse.request());
                }
                if verdict == Verdict::LoseRequest || server.write_all(&question[..read]).await.is_err() {
                    break;
                }
            }
            read = server.read(&mut answer) => {
                let Ok(read @ 1..) = read else { break };
                asked = false;
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
