//! A proxy in front of Postgres that records the statements of its clients, with their parameters.

use std::error::Error;
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A statement as a client has sent it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The text of the statement.
    pub text: String,
    /// The time at which it was sent.
    pub sent_at: OffsetDateTime,
    types: Vec<Type>,
    values: Vec<Value>,
}

/// A parameter in Postgres' own form.
#[derive(Clone, Debug)]
struct Value(Option<Vec<u8>>);

impl Recorded {
    /// Returns the parameters, in the form in which another statement can be sent with them.
    pub fn params(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter().map(|value| value as &(dyn ToSql + Sync));
        values.zip(self.types.iter().cloned()).collect()
    }

    /// Returns the type and the bytes of each parameter. A null has no bytes.
    pub fn bytes(&self) -> impl Iterator<Item = (&Type, Option<&[u8]>)> {
        self.types.iter().zip(self.values.iter().map(|value| value.0.as_deref()))
    }
}

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A running proxy. Dropping it stops it.
pub struct Recorder {
    /// The proxy's host and port.
    pub address: String,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Recorder {
    /// Starts a proxy in front of `upstream`, a host and port.
    pub async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let recorded = Arc::<Mutex<Vec<_>>>::default();
        let records = Arc::clone(&recorded);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&upstream).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&records)));
            }
        });
        Self { address, recorded, task }
    }

    /// Returns the statements so far, in order.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorded.lock().unwrap().clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, server: TcpStream, recorded: Arc<Mutex<Vec<Recorded>>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let (mut unread, mut begun, mut buffer) = (Vec::new(), false, vec![0; 64 * 1024]);
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        unread.extend_from_slice(&buffer[..read]);
        record(&mut unread, &mut begun, &mut recorded.lock().unwrap());
        if to_server.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    answers.abort();
}

/// Removes complete messages and records statements. A message has a kind (except for the first), a length
/// that includes itself, and a body.
fn record(unread: &mut Vec<u8>, begun: &mut bool, recorded: &mut Vec<Recorded>) {
    loop {
        let kind = usize::from(*begun);
        let Some(length) = unread.get(kind..kind + 4) else { return };
        let end = kind + u32::from_be_bytes(length.try_into().unwrap()) as usize;
        if unread.len() < end {
            return;
        }
        let message: Vec<u8> = unread.drain(..end).collect();
        let mut body = Body(&message[kind + 4..]);
        match message[0] {
            b'P' if *begun => recorded.push(body.read_parse()),
            b'B' if *begun => recorded.last_mut().unwrap().values = body.read_bind(),
            _ => *begun = true,
        }
    }
}

/// The unread part of a message.
struct Body<'a>(&'a [u8]);

impl Body<'_> {
    /// Reads a Parse message: the statement's name, its text, and the types of its parameters.
    fn read_parse(&mut self) -> Recorded {
        let (_name, text) = (self.read_text(), self.read_text());
        let types = (0..self.read_i16()).map(|_| Type::from_oid(self.read_i32() as u32).unwrap()).collect();
        Recorded { text, sent_at: OffsetDateTime::now_utc(), types, values: Vec::new() }
    }

    /// Reads a Bind message: the names of portal and statement, the formats of the parameters, and the
    /// parameters.
    fn read_bind(&mut self) -> Vec<Value> {
        let _names = (self.read_text(), self.read_text());
        for _ in 0..self.read_i16() {
            self.read_i16();
        }
        (0..self.read_i16())
            .map(|_| {
                let length = usize::try_from(self.read_i32()).ok();
                Value(length.map(|length| self.read_bytes(length).to_vec()))
            })
            .collect()
    }

    fn read_text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap();
        let text = String::from_utf8(self.read_bytes(end).to_vec()).unwrap();
        self.read_bytes(1);
        text
    }

    fn read_i16(&mut self) -> i16 {
        i16::from_be_bytes(self.read_bytes(2).try_into().unwrap())
    }

    fn read_i32(&mut self) -> i32 {
        i32::from_be_bytes(self.read_bytes(4).try_into().unwrap())
    }

    fn read_bytes(&mut self, length: usize) -> &[u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}
