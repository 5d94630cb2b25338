//! The part of Lambda's Runtime API that functions use. It is written by hand to use little CPU time: an HTTP
//! server library would be a large part of what is measured.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// The timeout of an invocation.
pub const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// A call of a function to the Runtime API.
pub enum RuntimeCall {
    /// The function asks for an event, which is then sent into this channel.
    Next(Instant, oneshot::Sender<String>),
    /// The function answers.
    Answer(Instant, Vec<u8>),
    /// The function reports an error, at init or later.
    Error(Vec<u8>),
}

/// The server for one function. Dropping it stops it.
pub struct Runtime {
    /// The server's host and port.
    pub address: String,
    /// The calls of the function.
    pub calls: mpsc::UnboundedReceiver<RuntimeCall>,
    task: tokio::task::JoinHandle<()>,
}

impl Runtime {
    /// Listens on a free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (sender, calls) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // The function's connections end with the function.
                let sender = sender.clone();
                tokio::spawn(async move { serve(connection, &sender).await.ok() });
            }
        });
        Ok(Self { address, calls, task })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut connection: TcpStream, sender: &mpsc::UnboundedSender<RuntimeCall>) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let Request { path, body } = read(&mut connection, &mut buffer).await?;
        let now = Instant::now();
        if path.ends_with("/next") {
            let (work, event) = oneshot::channel();
            sender.send(RuntimeCall::Next(now, work))?;
            connection.write_all(&invocation(&event.await?)?).await?;
        } else {
            let answered = path.ends_with("/response");
            sender.send(if answered { RuntimeCall::Answer(now, body) } else { RuntimeCall::Error(body) })?;
            connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await?;
        }
    }
}

struct Request {
    path: String,
    body: Vec<u8>,
}

async fn read(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Request> {
    loop {
        if let Some((length, request)) = parse(buffer)? {
            buffer.drain(..length);
            return Ok(request);
        }
        if connection.read_buf(buffer).await? == 0 {
            bail!("the connection is closed");
        }
    }
}

/// Parses a request, and returns its length, too. Returns `None` if it is not complete yet. A request without
/// `content-length` has no body.
fn parse(bytes: &[u8]) -> Result<Option<(usize, Request)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, rest) = bytes.split_at(end + 4);
    let head = std::str::from_utf8(head)?.to_ascii_lowercase();
    let path = head.split(' ').nth(1).context("a request without a path")?.to_owned();
    if head.contains("\r\ntransfer-encoding:") {
        bail!("a request with a chunked body is not supported");
    }
    let length = match head.split_once("\r\ncontent-length:") {
        Some((_, value)) => value.split("\r\n").next().unwrap_or_default().trim().parse()?,
        None => 0,
    };
    Ok(rest.get(..length).map(|body| (head.len() + length, Request { path, body: body.to_vec() })))
}

/// Builds the response with an event. Each invocation has its own id and trace, as on Lambda.
fn invocation(event: &str) -> Result<Vec<u8>> {
    let id = uuid::Uuid::new_v4();
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH)?.as_millis();
    let text = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
         lambda-runtime-trace-id: Root=1-5759e988-{};Parent=53995c3f42cd8ad8;Sampled=0\r\n\r\n{event}",
        event.len(),
        &id.simple().to_string().get(8..).unwrap_or_default(),
    );
    Ok(text.into_bytes())
}
