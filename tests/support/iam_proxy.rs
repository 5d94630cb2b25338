//! A server that stands in for RDS Proxy with IAM logins. It accepts connections with TLS only, asks for a
//! password, checks that it is a valid token, and passes the connection on to the real Postgres.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docuvault::config::IamLogin;
use docuvault::db::iam::IamTokens;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::sandbox::Variables;
use crate::store::store_credentials;

/// The access key id with which functions sign tokens.
const ACCESS_KEY_ID: &str = "AKIAFUNCTION";

/// A running proxy. Dropping it stops it.
pub struct IamProxy {
    address: String,
    certificate: PathBuf,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    address: String,
    upstream: String,
    /// How many minutes the clock of AWS is ahead of this machine's.
    minutes_ahead: AtomicI64,
    /// The tokens of all logins so far.
    tokens: Mutex<Vec<String>>,
}

impl IamProxy {
    /// Starts a proxy in front of Postgres at this host and port. Postgres must accept connections without a
    /// password.
    pub async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tls, certificate) = create_certificate();
        let (minutes_ahead, tokens) = (AtomicI64::new(0), Mutex::default());
        let shared = Arc::new(Shared { address: address.clone(), upstream, minutes_ahead, tokens });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, shared) = (tls.clone(), Arc::clone(&serving));
                // A connection that ends with an error is the client's concern.
                tokio::spawn(async move { serve(stream, &tls, &shared).await });
            }
        });
        Self { address, certificate, shared, task }
    }

    /// Makes a function connect to the proxy, and log in by tokens. `variable` has the connection string.
    pub fn provide(&self, variables: &mut Variables, variable: &'static str) {
        let (role, rest) = variables[variable].split_once('@').unwrap();
        let (_, database) = rest.trim_end_matches("?sslmode=disable").split_once('/').unwrap();
        let url = format!("{role}@{}/{database}", self.address);
        let certificate = self.certificate.to_str().unwrap().to_owned();
        variables.extend([
            (variable, url),
            ("DATABASE_AUTH", "iam".to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
            ("SSL_CERT_FILE", certificate.clone()),
            ("PGSSLROOTCERT", certificate),
        ]);
    }

    /// Sets the clock of AWS, by which the proxy judges tokens.
    pub fn set_minutes_ahead(&self, minutes: i64) {
        self.shared.minutes_ahead.store(minutes, Ordering::Relaxed);
    }

    /// Returns the tokens of all connections that have logged in so far.
    pub fn tokens(&self) -> Vec<String> {
        self.shared.tokens.lock().unwrap().clone()
    }
}

impl Drop for IamProxy {
    fn drop(&mut self) {
        self.task.abort();
        let _removed = std::fs::remove_file(&self.certificate);
    }
}

/// Creates a certificate for loopback, and writes it to a file.
pub(crate) fn create_certificate() -> (TlsAcceptor, PathBuf) {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    let file = std::env::temp_dir().join(format!("docuvault-test-{}.pem", uuid::Uuid::new_v4().simple()));
    let text = STANDARD.encode(own.cert.der());
    std::fs::write(&file, format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"))
        .unwrap();
    (TlsAcceptor::from(Arc::new(tls)), file)
}

/// Serves one connection until it ends.
async fn serve(mut stream: TcpStream, tls: &TlsAcceptor, shared: &Shared) -> std::io::Result<()> {
    let ssl_request = read_packet(&mut stream).await?;
    assert_eq!(ssl_request, 80_877_103_u32.to_be_bytes(), "a connection without TLS");
    stream.write_all(b"S").await?;
    let mut client = tls.accept(stream).await?;
    let startup = read_packet(&mut client).await?;
    // AuthenticationCleartextPassword
    client.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).await?;
    client.flush().await?;
    assert_eq!(client.read_u8().await?, b'p', "a password");
    let password = read_packet(&mut client).await?;
    let token = std::str::from_utf8(&password).unwrap().trim_end_matches('\0');
    if !shared.is_valid(token, &find_user(&startup)) {
        client.write_all(&refusal()).await?;
        return client.shutdown().await;
    }
    shared.tokens.lock().unwrap().push(token.to_owned());
    let mut server = TcpStream::connect(&shared.upstream).await?;
    server.write_u32(u32::try_from(startup.len()).unwrap() + 4).await?;
    server.write_all(&startup).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// Reads a length, and as many bytes as it says. The length includes itself.
async fn read_packet(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut packet = vec![0; stream.read_u32().await? as usize - 4];
    stream.read_exact(&mut packet).await?;
    Ok(packet)
}

/// Finds the user in a startup packet: names and values follow the version of the protocol.
fn find_user(startup: &[u8]) -> String {
    let mut words = startup[4..].split(|byte| *byte == 0);
    words.find(|word| *word == b"user").expect("a user");
    String::from_utf8(words.next().unwrap().to_vec()).unwrap()
}

/// Returns the error that RDS sends if a token is not valid.
fn refusal() -> Vec<u8> {
    let fields = b"SFATAL\0C28000\0MPAM authentication failed for the user\0\0";
    let length = u32::try_from(fields.len()).unwrap() + 4;
    [&b"E"[..], &length.to_be_bytes(), fields].concat()
}

impl Shared {
    /// Checks a token as AWS does: its signature is right, it is for this address and user, and its time is
    /// neither more than five minutes in the future nor more than fifteen in the past.
    fn is_valid(&self, token: &str, user: &str) -> bool {
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let date = token.split_once("X-Amz-Date=").map(|(_, rest)| &rest[..16]);
        let Some(Ok(date)) = date.map(|date| PrimitiveDateTime::parse(date, &format)) else { return false };
        let age = OffsetDateTime::now_utc() - date.assume_utc()
            + Duration::minutes(self.minutes_ahead.load(Ordering::Relaxed));
        let tokens = IamTokens::new(&IamLogin {
            address: self.address.parse().unwrap(),
            user: user.to_owned(),
            aws: store_credentials(ACCESS_KEY_ID),
        });
        tokens.create(date.assume_utc()).unwrap() == token
            && age < Duration::minutes(15)
            && age > Duration::minutes(-5)
    }
}
