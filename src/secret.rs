//! Secrets in Secrets Manager. A function reads a secret when it starts, keeps it, and reads it again from
//! time to time, so that a new secret needs no deployment.

mod manager;
mod schedule;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use crate::{Error, Result, config};
use manager::SecretClient;
use schedule::Schedule;

/// A value that is made of a secret.
pub trait FromSecret: Sized {
    /// Whether the value also contains the previous version of the secret, if there is one.
    const NEEDS_PREVIOUS: bool;

    /// Makes the value of the current and the previous version of the secret.
    ///
    /// # Errors
    /// The secret is not valid. The text says why, without quoting it.
    fn from_secret(current: &str, previous: Option<&str>) -> std::result::Result<Self, String>;
}

/// The whole text of a secret.
impl FromSecret for String {
    const NEEDS_PREVIOUS: bool = false;

    fn from_secret(current: &str, _: Option<&str>) -> std::result::Result<Self, String> {
        Ok(current.to_owned())
    }
}

/// A secret that is kept for some time. Clones share it.
pub struct CachedSecret<T>(Arc<Source<T>>);

#[expect(clippy::large_enum_variant, reason = "there are few secrets, and each is on the heap")]
enum Source<T> {
    /// The value does not change.
    Fixed(Arc<T>),
    /// The value is in Secrets Manager.
    Stored { client: SecretClient, state: Mutex<State<T>> },
}

/// What is known of a secret in Secrets Manager.
struct State<T> {
    /// The value, if it was ever read.
    value: Option<Arc<T>>,
    /// The reason why the last reading failed. `None` if it succeeded.
    failure: Option<String>,
    schedule: Schedule,
}

impl<T> Clone for CachedSecret<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: FromSecret> CachedSecret<T> {
    /// Keeps a value that does not change.
    pub fn fixed(value: T) -> Self {
        Self(Arc::new(Source::Fixed(Arc::new(value))))
    }

    /// Creates the client of a secret in Secrets Manager, which is read when it is used first.
    pub fn stored(secret: config::StoredSecret) -> Self {
        let state = State { value: None, failure: None, schedule: Schedule::new(Instant::now()) };
        Self(Arc::new(Source::Stored { client: SecretClient::new(secret), state: Mutex::new(state) }))
    }

    /// Reads the secret now, so that the first request need not. A failure is logged and is no error: the
    /// function starts nevertheless, and the first request that uses the secret tries again.
    pub async fn warm(self) -> Self {
        let _logged = self.get(|_| true).await;
        self
    }

    /// Returns the value. Reads the secret if it is not known, if it is old ([`crate::limits::SECRET_AGE`]),
    /// or if `suffices` returns false for the known value, but then not more often than
    /// [`crate::limits::SECRET_PAUSE`] allows. The returned value may still not suffice. If the secret cannot
    /// be read, the known value remains in use until [`crate::limits::SECRET_MAX_AGE`]. After that, one call
    /// in each pause reads the secret, and the others fail at once.
    ///
    /// # Errors
    /// [`Error::Secret`] if no value is known, or if it does not suffice and the last reading failed.
    pub async fn get(&self, suffices: impl Fn(&T) -> bool) -> Result<Arc<T>> {
        let (client, state) = match &*self.0 {
            Source::Fixed(value) => return Ok(Arc::clone(value)),
            Source::Stored { client, state } => (client, state),
        };
        // The lock is held while the secret is read, so that requests at the same time cause one reading.
        let mut state = state.lock().await;
        let known = state.value.as_deref().map(&suffices);
        if state.schedule.is_due(known, Instant::now()) {
            state.read(client, known == Some(false)).await;
        }
        if state.schedule.has_ended(Instant::now()) {
            state.value = None;
        }
        match (&state.value, &state.failure) {
            (Some(value), failure) if failure.is_none() || suffices(value) => Ok(Arc::clone(value)),
            (_, failure) => Err(Error::Secret(failure.clone().unwrap_or_default().into())),
        }
    }
}

impl<T: FromSecret> State<T> {
    /// Reads the secret. `insists` is true if it is read because the known value does not suffice.
    async fn read(&mut self, client: &SecretClient, insists: bool) {
        let read = client.read().await;
        self.schedule.note(read.is_ok(), insists, Instant::now());
        self.failure = read.as_ref().err().map(ToString::to_string);
        match read {
            Ok(value) => self.value = Some(Arc::new(value)),
            Err(error) => {
                let (variable, secret) = (client.variable(), client.name());
                tracing::warn!(variable, secret, %error, "a secret was not read");
            }
        }
    }
}

/// Reads a secret once.
///
/// # Errors
/// [`Error::Secret`] if the secret cannot be read or is not valid.
pub async fn read<T: FromSecret>(secret: config::StoredSecret) -> Result<T> {
    SecretClient::new(secret).read().await.map_err(|error| Error::Secret(error.into()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use aws_credential_types::Credentials;

    use super::*;
    use crate::limits::{SECRET_AGE, SECRET_MAX_AGE, SECRET_PAUSE};

    /// Serves these versions of a secret, one to each request. Returns the server's URL.
    fn serve(versions: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        serve_at(listener, versions);
        url
    }

    fn serve_at(listener: TcpListener, versions: &'static [&'static str]) {
        std::thread::spawn(move || {
            for version in versions {
                let (mut stream, mut request) = (listener.accept().unwrap().0, Vec::new());
                // The request ends with its JSON object.
                while request.last() != Some(&b'}') {
                    let mut buffer = [0; 4_096];
                    let read = stream.read(&mut buffer).unwrap();
                    request.extend_from_slice(&buffer[..read]);
                }
                let body = format!(r#"{{"SecretString": "{version}"}}"#);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        });
    }

    fn secret_at(url: String) -> CachedSecret<String> {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        CachedSecret::stored(config::StoredSecret {
            variable: "JWT_SECRET_ARN",
            arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:vault".into(),
            aws: config::AwsConfig { region: "us-east-1".into(), credentials },
            endpoint: Some(url),
        })
    }

    /// Makes the known value this much older.
    async fn age(secret: &CachedSecret<String>, by: Duration) {
        let Source::Stored { state, .. } = &*secret.0 else { panic!("a stored secret") };
        state.lock().await.schedule.bring_forward(by);
    }

    #[tokio::test]
    async fn an_old_value_is_read_again_and_stays_in_use_for_some_time_if_that_fails() {
        let secret = secret_at(serve(&["first", "second"]));
        for _ in 0..2 {
            assert_eq!(*secret.get(|_| true).await.unwrap(), "first");
        }
        age(&secret, SECRET_AGE).await;
        assert_eq!(*secret.get(|_| true).await.unwrap(), "second");
        age(&secret, SECRET_AGE).await;
        assert_eq!(*secret.get(|_| true).await.unwrap(), "second");
        secret.get(|_| false).await.unwrap_err();
        age(&secret, SECRET_MAX_AGE - SECRET_AGE).await;
        secret.get(|_| true).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_value_that_has_ended_is_read_again_once_in_each_pause() {
        let url = serve(&["first"]);
        let secret = secret_at(url.clone());
        secret.get(|_| true).await.unwrap();
        age(&secret, SECRET_MAX_AGE).await;
        let failure = secret.get(|_| true).await.unwrap_err();
        serve_at(TcpListener::bind(url.trim_start_matches("http://")).unwrap(), &["second"]);
        let noted = secret.get(|_| true).await.unwrap_err();
        assert_eq!(noted.to_string(), failure.to_string());
        age(&secret, SECRET_PAUSE).await;
        assert_eq!(*secret.get(|_| true).await.unwrap(), "second");
    }
}
