//! A fake provider: a local server that records every request, and answers or fails as the test wants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request that the server got.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// Method and path.
    pub line: String,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body as text.
    pub raw: String,
    /// The body as JSON; null if it is not JSON.
    pub body: Value,
}

/// A way to answer a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Sends this status, one added header, and this body.
    Whole(u16, &'static str, String),
    /// Sends the first half of this body, and closes the connection.
    Half(String),
    /// Sends a body slowly, byte by byte, and never ends it.
    Drip,
    /// Sends an endless body.
    Endless,
    /// Sends another reply after this time.
    Late(Duration, Box<Reply>),
    /// Sends nothing, and keeps the connection open.
    NoAnswer,
    /// Closes the connection.
    Hangup,
}

type AnswerFn = Box<dyn Fn(&ReceivedRequest) -> Reply + Send>;

/// A running server. Dropping it stops it.
pub struct FakeProvider {
    /// The server's URL.
    pub url: String,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    received: Mutex<Vec<ReceivedRequest>>,
    answer: Mutex<AnswerFn>,
}

impl FakeProvider {
    /// Starts a server that answers with the result of this function.
    pub async fn start(answer: impl Fn(&ReceivedRequest) -> Reply + Send + 'static) -> Self {
        Self::serve("http", None, Box::new(answer)).await
    }

    /// Starts a server with a self-signed certificate.
    pub async fn start_self_signed(answer: impl Fn(&ReceivedRequest) -> Reply + Send + 'static) -> Self {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
        Self::serve("https", Some(TlsAcceptor::from(Arc::new(tls))), Box::new(answer)).await
    }

    async fn serve(scheme: &str, tls: Option<TlsAcceptor>, answer: AnswerFn) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let state = Arc::new(State { received: Mutex::default(), answer: Mutex::new(answer) });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve_connection(stream, &state).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            serve_connection(stream, &state).await;
                        }
                    }
                });
            }
        });
        Self { url, state, task }
    }

    /// Changes the answer: from now on the server answers with the result of this function.
    pub fn answer_with(&self, answer: impl Fn(&ReceivedRequest) -> Reply + Send + 'static) {
        *self.state.answer.lock().unwrap() = Box::new(answer);
    }

    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.state.received.lock().unwrap().clone()
    }

    /// Asserts that there was one request so far, and returns it.
    #[track_caller]
    pub fn only_request(&self) -> ReceivedRequest {
        let received = self.requests();
        assert_eq!(received.len(), 1);
        received.into_iter().next().unwrap()
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve_connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    let Some(request) = read(&mut stream).await else { return };
    let reply = (state.answer.lock().unwrap())(&request);
    state.received.lock().unwrap().push(request);
    // The vault may close the connection before the end.
    let _gone = write(&mut stream, reply).await;
    let _closed = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<ReceivedRequest> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<ReceivedRequest> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..at]).unwrap();
    let (line, fields) = head.split_once("\r\n").unwrap();
    let field =
        |field: &str| field.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: HashMap<_, _> = fields.split("\r\n").filter_map(field).collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let raw = String::from_utf8(bytes.get(at + 4..at + 4 + length)?.to_vec()).unwrap();
    let line = line.strip_suffix(" HTTP/1.1").unwrap().to_owned();
    Some(ReceivedRequest { line, headers, body: serde_json::from_str(&raw).unwrap_or_default(), raw })
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Whole(status, header, body) => {
            stream.write_all(head(status, header, body.len()).as_bytes()).await?;
            stream.write_all(body.as_bytes()).await
        }
        Reply::Half(body) => {
            stream.write_all(head(200, "", body.len()).as_bytes()).await?;
            stream.write_all(&body.as_bytes()[..body.len() / 2]).await
        }
        Reply::Drip => {
            stream.write_all(head(200, "", 1_000_000).as_bytes()).await?;
            loop {
                stream.write_all(b" ").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 Played\r\ncontent-type: application/json\r\n\r\n").await?;
            loop {
                stream.write_all(&[b' '; 16 * 1024]).await?;
            }
        }
        Reply::Late(pause, reply) => {
            tokio::time::sleep(pause).await;
            Box::pin(write(stream, *reply)).await
        }
        Reply::NoAnswer => std::future::pending().await,
        Reply::Hangup => Ok(()),
    }
}

fn head(status: u16, header: &str, length: usize) -> String {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    format!(
        "HTTP/1.1 {status} Played\r\ncontent-type: application/json\r\n{header}content-length: {length}\r\n\r\n"
    )
}
