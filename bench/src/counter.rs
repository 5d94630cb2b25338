//! A proxy that counts round trips. All that a client sends before it waits for an answer is one round trip.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The protocol, which decides what one round trip is.
#[derive(Clone, Copy)]
pub enum Protocol {
    /// A Sync message or a simple query ends the client's part of a round trip.
    Postgres,
    /// Each request is a round trip.
    Http,
}

/// A running proxy. Dropping it stops it.
pub struct Counter {
    /// The proxy's host and port.
    pub address: String,
    count: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Counter {
    /// Starts a proxy in front of `upstream`, a host and port.
    pub async fn start(upstream: &str, protocol: Protocol) -> Result<Self> {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, counted) = (upstream.clone(), Arc::clone(&counted));
                tokio::spawn(async move { forward(client, &upstream, protocol, &counted).await.ok() });
            }
        });
        Ok(Self { address, count, task })
    }

    /// Returns the number of round trips so far.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(client: TcpStream, upstream: &str, protocol: Protocol, count: &AtomicUsize) -> Result<()> {
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let client_to_server = async {
        let (mut unread, mut begun) = (Vec::new(), false);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_client.read(&mut buffer).await?;
            let Some(bytes @ [_, ..]) = buffer.get(..read) else { return Ok(()) };
            unread.extend_from_slice(bytes);
            let round_trips = match protocol {
                Protocol::Postgres => count_postgres(&mut unread, &mut begun),
                Protocol::Http => count_http(&mut unread)?,
            };
            count.fetch_add(round_trips, Ordering::Relaxed);
            to_server.write_all(bytes).await?;
        }
    };
    tokio::select! {
        ended = client_to_server => ended,
        ended = tokio::io::copy(&mut from_server, &mut to_client) => Ok(ended.map(drop)?),
    }
}

/// Removes complete messages and counts round trips. A message has a kind (except for the first), a length
/// that includes itself, and a body.
fn count_postgres(unread: &mut Vec<u8>, begun: &mut bool) -> usize {
    let mut round_trips = 0;
    loop {
        let kind = usize::from(*begun);
        let Some(length) = unread.get(kind..kind + 4).and_then(|four| four.try_into().ok()) else { break };
        let end = kind + u32::from_be_bytes(length) as usize;
        if unread.len() < end {
            break;
        }
        round_trips += usize::from(*begun && matches!(unread.first(), Some(b'S' | b'Q')));
        unread.drain(..end);
        *begun = true;
    }
    round_trips
}

/// Removes complete requests and counts them. A request without `content-length` has no body.
///
/// # Errors
/// A request has a chunked body.
fn count_http(unread: &mut Vec<u8>) -> Result<usize> {
    let mut round_trips = 0;
    while let Some(head) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
        let text = String::from_utf8_lossy(unread.get(..head).context("no head")?).to_ascii_lowercase();
        if text.contains("\r\ntransfer-encoding:") {
            bail!("a request with a chunked body cannot be counted");
        }
        let length = text.split_once("\r\ncontent-length:").map_or("0", |(_, rest)| rest);
        let end = head + 4 + length.split("\r\n").next().unwrap_or_default().trim().parse::<usize>()?;
        if unread.len() < end {
            break;
        }
        unread.drain(..end);
        round_trips += 1;
    }
    Ok(round_trips)
}

#[cfg(test)]
mod tests {
    use super::{count_http, count_postgres};

    #[test]
    fn a_statement_with_its_parameters_is_one_round_trip() {
        let message =
            |kind: &[u8], body: &[u8]| [kind, &(body.len() as u32 + 4).to_be_bytes(), body].concat();
        let mut sent = [message(b"", b"start-up"), message(b"P", b"select 1"), message(b"S", b"")].concat();
        sent.extend_from_slice(b"Q\0");
        let mut begun = false;
        assert_eq!(count_postgres(&mut sent, &mut begun), 1);
        assert_eq!(sent, b"Q\0");
    }

    #[test]
    fn a_request_counts_when_it_is_complete() {
        let mut sent = b"HEAD / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab".to_vec();
        assert_eq!(count_http(&mut sent).unwrap(), 1);
        sent.push(b'c');
        assert_eq!(count_http(&mut sent).unwrap(), 1);
        assert!(sent.is_empty());
    }
}
