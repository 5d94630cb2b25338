//! A mail server for tests. It keeps what it takes, and fails as a test tells it to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docuvault::config::{Encryption, Outlet, SmtpConfig};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::ReadMail;
use crate::iam_proxy::create_certificate;
use crate::sandbox::Variables;

/// The login that the server knows.
pub const LOGIN: (&str, &str) = ("vault", "hunter2-of-the-mail-server");

/// A running mail server. Dropping it stops it.
pub struct SmtpServer {
    port: u16,
    encryption: Encryption,
    certificate: PathBuf,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

/// What the server does.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// The pause before each answer.
    pub pause: Duration,
    /// The answer to recipients whose address begins with this text.
    pub refused: Option<(&'static str, &'static str)>,
    /// The answer to every sender, if it is not 250.
    pub to_senders: Option<&'static str>,
    /// The answer to the end of each message, if it is not 250.
    pub to_messages: Option<&'static str>,
    /// How many messages the server takes without saying so: it closes the connection instead.
    pub lost_answers: usize,
    /// Whether the server asks for a login.
    pub needs_login: bool,
    /// Whether the server does not offer STARTTLS although it has TLS.
    pub hides_starttls: bool,
}

#[derive(Default)]
struct State {
    behaviour: Behaviour,
    taken: Vec<(String, Vec<u8>)>,
    connections: usize,
    encrypted: bool,
}

impl SmtpServer {
    /// Starts a server without TLS.
    pub async fn start() -> Self {
        Self::start_with(Encryption::Off).await
    }

    /// Starts a server with this kind of TLS.
    pub async fn start_with(encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tls, certificate) = create_certificate();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, state) = (tls.clone(), Arc::clone(&shared));
                state.lock().unwrap().connections += 1;
                // A connection that ends with an error is the client's concern.
                tokio::spawn(async move { serve(stream, &tls, encryption, state).await });
            }
        });
        Self { port, encryption, certificate, state, task }
    }

    /// Changes what the server does.
    pub fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
    }

    /// Returns the mails that the server has taken, in their order, each with the recipient of the envelope.
    pub fn taken(&self) -> Vec<(String, ReadMail)> {
        self.state().taken.iter().map(|(to, bytes)| (to.clone(), ReadMail::parse(bytes))).collect()
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Returns whether the last message came over TLS.
    pub fn was_encrypted(&self) -> bool {
        self.state().encrypted
    }

    /// Returns the outlet that leads to the server, without a login.
    pub fn outlet(&self) -> Outlet {
        let (host, port) = ("127.0.0.1".to_owned(), self.port);
        Outlet::Smtp(SmtpConfig { host, port, encryption: self.encryption, login: None })
    }

    /// Makes the program of `mail` use the server, and trust its certificate.
    pub fn provide(&self, variables: &mut Variables) {
        variables.remove("MAIL_FOLDER");
        let encryption = match self.encryption {
            Encryption::Off => "off",
            Encryption::StartTls => "starttls",
            Encryption::Implicit => "implicit",
        };
        variables.extend([
            ("SMTP_HOST", "127.0.0.1".to_owned()),
            ("SMTP_PORT", self.port.to_string()),
            ("SMTP_TLS", encryption.to_owned()),
            ("SSL_CERT_FILE", self.certificate.to_str().unwrap().to_owned()),
        ]);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
        let _removed = std::fs::remove_file(&self.certificate);
    }
}

async fn serve(
    stream: TcpStream,
    tls: &TlsAcceptor,
    encryption: Encryption,
    state: Arc<Mutex<State>>,
) -> std::io::Result<()> {
    if encryption == Encryption::Implicit {
        return Dialogue::new(tls.accept(stream).await?, state, true, false).run(true).await.map(drop);
    }
    let offers_tls = encryption == Encryption::StartTls && !state.lock().unwrap().behaviour.hides_starttls;
    let plain = Dialogue::new(stream, Arc::clone(&state), false, offers_tls).run(true).await?;
    if let Some(stream) = plain {
        Dialogue::new(tls.accept(stream).await?, state, true, false).run(false).await?;
    }
    Ok(())
}

/// The dialogue on one connection.
struct Dialogue<S> {
    stream: BufReader<S>,
    state: Arc<Mutex<State>>,
    encrypted: bool,
    offers_tls: bool,
    logged_in: bool,
    recipient: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    fn new(stream: S, state: Arc<Mutex<State>>, encrypted: bool, offers_tls: bool) -> Self {
        let stream = BufReader::new(stream);
        Self { stream, state, encrypted, offers_tls, logged_in: false, recipient: String::new() }
    }

    /// Answers commands until the client ends the dialogue. Returns the connection if it changes to TLS.
    async fn run(mut self, greets: bool) -> std::io::Result<Option<S>> {
        if greets {
            self.answer("220 mail.example.com ready").await?;
        }
        loop {
            let line = self.read_line().await?;
            let command = line.get(..4).unwrap_or_default().to_uppercase();
            match command.as_str() {
                "" => return Ok(None),
                "EHLO" => self.greet().await?,
                "STAR" if self.offers_tls => {
                    self.answer("220 go ahead").await?;
                    return Ok(Some(self.stream.into_inner()));
                }
                "AUTH" => self.log_in(&line).await?,
                "MAIL" => self.meet_sender().await?,
                "RCPT" => self.meet_recipient(&line).await?,
                "DATA" => {
                    self.answer("354 end with a dot").await?;
                    if !self.take_message().await? {
                        return Ok(None);
                    }
                }
                "RSET" | "NOOP" => self.answer("250 fine").await?,
                "QUIT" => {
                    self.answer("221 goodbye").await?;
                    return Ok(None);
                }
                _ => self.answer("500 unknown command").await?,
            }
        }
    }

    async fn greet(&mut self) -> std::io::Result<()> {
        let starttls = if self.offers_tls { "250-STARTTLS\r\n" } else { "" };
        self.answer(&format!("250-mail.example.com\r\n{starttls}250-SMTPUTF8\r\n250 AUTH PLAIN")).await
    }

    async fn log_in(&mut self, line: &str) -> std::io::Result<()> {
        let expected = STANDARD.encode(format!("\0{}\0{}", LOGIN.0, LOGIN.1));
        self.logged_in = line.trim_end().ends_with(&expected);
        let answer = if self.logged_in { "235 welcome" } else { "535 wrong password for ada@example.com" };
        self.answer(answer).await
    }

    async fn meet_sender(&mut self) -> std::io::Result<()> {
        let Behaviour { to_senders, needs_login, .. } = self.behaviour();
        let refusal = if needs_login && !self.logged_in { Some("530 log in first") } else { to_senders };
        self.answer(refusal.unwrap_or("250 fine")).await
    }

    async fn meet_recipient(&mut self, line: &str) -> std::io::Result<()> {
        let address = line.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>')).unwrap().0;
        address.clone_into(&mut self.recipient);
        let refused = self.behaviour().refused.filter(|(start, _)| address.starts_with(start));
        let answer = refused.map_or("250 fine".to_owned(), |(_, answer)| format!("{answer} <{address}>"));
        self.answer(&answer).await
    }

    /// Takes a message. Returns false if the connection is to be closed without an answer.
    async fn take_message(&mut self) -> std::io::Result<bool> {
        let mut message = Vec::new();
        loop {
            let line = self.read_line().await?;
            match line.as_str() {
                ".\r\n" => break,
                "" => return Ok(false),
                line => message.extend_from_slice(line.strip_prefix('.').unwrap_or(line).as_bytes()),
            }
        }
        let Behaviour { to_messages, pause, .. } = self.behaviour();
        tokio::time::sleep(pause).await;
        if let Some(refusal) = to_messages {
            self.answer(refusal).await?;
            return Ok(true);
        }
        let is_lost = {
            let mut state = self.state.lock().unwrap();
            state.taken.push((self.recipient.clone(), message));
            state.encrypted = self.encrypted;
            let lost = state.behaviour.lost_answers;
            state.behaviour.lost_answers = lost.saturating_sub(1);
            lost > 0
        };
        if is_lost {
            return Ok(false);
        }
        self.answer("250 taken").await?;
        Ok(true)
    }

    fn behaviour(&self) -> Behaviour {
        self.state.lock().unwrap().behaviour.clone()
    }

    async fn read_line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        Ok(line)
    }

    async fn answer(&mut self, text: &str) -> std::io::Result<()> {
        tokio::time::sleep(self.behaviour().pause).await;
        self.stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.get_mut().flush().await
    }
}
