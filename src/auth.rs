//! Access tokens. A token names the account that sends a request, and the session. It does not say what the
//! account may do, nor whether the session has ended: each SQL statement checks that in the database.
//!
//! The secret that signs tokens can be replaced while the functions run. The current version of the secret
//! signs, and both the current and the previous version are accepted. A token names its version (`kid`).

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::config::ConfigError;
use crate::id::{SessionId, UserId};
use crate::secret::{CachedSecret, FromSecret};
use crate::{Error, Result, config};

/// The lifetime of an access token, in seconds.
const LIFETIME_SECONDS: i64 = 15 * 60;

/// The issuer (`iss`) and the audience (`aud`) of tokens.
const ISSUER: &str = "docuvault";

/// The claim `typ` of access tokens. [`Tokens::check`] refuses tokens of any other type.
const ACCESS_TYPE: &str = "access";

/// The label that is hashed with a key. The hash is the key's id.
const KEY_ID_LABEL: &[u8] = b"key id";

/// The length of a key's id, in characters of 6 bits.
const KEY_ID_LENGTH: usize = 16;

/// Issues and checks access tokens. They are JWTs, signed with HS256. A clone is cheap, because all clones
/// share the keys.
#[derive(Clone)]
pub struct Tokens {
    keys: CachedSecret<Keys>,
    rules: Arc<Validation>,
}

/// The keys of the secret's versions.
struct Keys {
    current: Key,
    previous: Option<Key>,
}

struct Key {
    /// The hash of a label with the secret, which does not disclose the secret.
    id: String,
    signing: EncodingKey,
    checking: DecodingKey,
}

/// The account that sends a request, and its session. The token was valid. The SQL statements of the request
/// check the account's role, and whether the session is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The session's id.
    pub session: SessionId,
}

/// An access token, as in the answer to a login.
#[derive(Serialize, ToSchema)]
pub struct AccessToken {
    /// The token. Send it as the header `Authorization: Bearer <access_token>`.
    #[schema(examples("eyJhbGciOi..."))]
    access_token: String,
    /// The type of the token; always `Bearer`.
    #[schema(value_type = String, pattern = "^Bearer$", examples("Bearer"))]
    token_type: &'static str,
    /// The lifetime of the token, in seconds.
    #[schema(examples(900))]
    expires_in: i64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    sid: SessionId,
    iss: String,
    aud: String,
    exp: i64,
    iat: i64,
    typ: String,
}

impl Tokens {
    /// Derives the keys from the secret. A secret in Secrets Manager is read when it is used first.
    pub fn new(config: config::TokenConfig) -> Self {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let keys = match config.secret {
            config::Secret::Value(secret) => {
                CachedSecret::fixed(Keys { current: Key::new(&secret), previous: None })
            }
            config::Secret::Stored(secret) => CachedSecret::stored(secret),
        };
        Self { keys, rules: Arc::new(rules) }
    }

    /// Reads the variables of [`config::TokenConfig`].
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(config::TokenConfig::from_env()?))
    }

    /// Reads the secret now, so that the first request need not ([`CachedSecret::warm`]).
    pub async fn warm(self) -> Self {
        Self { keys: self.keys.warm().await, ..self }
    }

    /// Issues a token for `user`, which is valid for [`LIFETIME_SECONDS`].
    ///
    /// # Errors
    /// [`Error::Secret`] if the secret is unavailable.
    pub async fn issue(&self, user: User) -> Result<AccessToken> {
        let key = &self.keys.get(|_| true).await?.current;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let (iss, aud, typ) = (ISSUER.into(), ISSUER.into(), ACCESS_TYPE.into());
        let User { id: sub, session: sid } = user;
        let claims = Claims { sub, sid, iss, aud, exp: now + LIFETIME_SECONDS, iat: now, typ };
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        let access_token = jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Error::internal)?;
        Ok(AccessToken { access_token, token_type: "Bearer", expires_in: LIFETIME_SECONDS })
    }

    /// Checks a token, and returns the account and the session to which it was issued. A token that names an
    /// unknown key may be signed with a new secret, so the secret is read again, but not for each such token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the token is malformed, expired, of another kind, or has a wrong
    /// signature. [`Error::Secret`] if the secret is unavailable.
    pub async fn check(&self, token: &str) -> Result<User> {
        let kid = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?.kid;
        let keys = self.keys.get(|keys| keys.find(kid.as_deref()).next().is_some()).await?;
        let claims = keys
            .find(kid.as_deref())
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, &key.checking, &self.rules).ok())
            .ok_or(Error::Unauthenticated)?
            .claims;
        if claims.typ != ACCESS_TYPE {
            return Err(Error::Unauthenticated);
        }
        Ok(User { id: claims.sub, session: claims.sid })
    }
}

impl FromSecret for Keys {
    const NEEDS_PREVIOUS: bool = true;

    /// The previous version is not checked: it was the current one.
    fn from_secret(current: &str, previous: Option<&str>) -> std::result::Result<Self, String> {
        config::TokenConfig::check_length(current)?;
        Ok(Self { current: Key::new(current), previous: previous.map(Key::new) })
    }
}

impl Keys {
    /// Returns the keys that may have signed a token: those with this id, or all if the token names no key.
    fn find(&self, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let all = std::iter::once(&self.current).chain(&self.previous);
        all.filter(move |key| id.is_none_or(|id| id == key.id))
    }
}

impl Key {
    fn new(secret: &str) -> Self {
        let signing = EncodingKey::from_secret(secret.as_bytes());
        #[expect(clippy::expect_used, reason = "fails only for keys of another algorithm")]
        let mut id = jsonwebtoken::crypto::sign(KEY_ID_LABEL, &signing, Algorithm::HS256)
            .expect("HMAC takes every secret");
        id.truncate(KEY_ID_LENGTH);
        Self { id, signing, checking: DecodingKey::from_secret(secret.as_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of the tests, 32 bytes!";
    const OTHER: &str = "another secret of at least 32 bytes";

    fn tokens_of(secret: &str) -> Tokens {
        Tokens::new(config::TokenConfig { secret: config::Secret::Value(secret.into()) })
    }

    fn somebody() -> User {
        User { id: UserId::new(), session: SessionId::new() }
    }

    async fn is_accepted(token: &str) -> bool {
        tokens_of(SECRET).check(token).await.is_ok()
    }

    fn signed(header: &Header, change: impl FnOnce(&mut serde_json::Value), secret: &str) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = serde_json::json!({
            "sub": UserId::new(), "sid": SessionId::new(), "iss": ISSUER, "aud": ISSUER, "exp": now + 60, "iat": now, "typ": ACCESS_TYPE,
        });
        change(&mut claims);
        jsonwebtoken::encode(header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    #[tokio::test]
    async fn an_issued_token_names_its_user_and_its_key() {
        let user = somebody();
        let token = tokens_of(SECRET).issue(user).await.unwrap().access_token;
        assert_eq!(tokens_of(SECRET).check(&token).await.unwrap(), user);
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        assert_eq!(kid, Key::new(SECRET).id);
        assert_eq!(kid.len(), KEY_ID_LENGTH);
        assert_ne!(kid, Key::new(OTHER).id);
    }

    #[tokio::test]
    async fn a_token_without_a_key_id_is_accepted() {
        assert!(is_accepted(&signed(&Header::new(Algorithm::HS256), |_| (), SECRET)).await);
    }

    #[tokio::test]
    async fn a_token_with_another_key_id_is_refused() {
        for kid in [Key::new(OTHER).id, String::new()] {
            let header = Header { kid: Some(kid), ..Header::new(Algorithm::HS256) };
            assert!(!is_accepted(&signed(&header, |_| (), SECRET)).await);
        }
    }

    #[tokio::test]
    async fn both_versions_of_a_secret_check_tokens_and_the_current_one_signs() {
        let keys = Keys::from_secret(OTHER, Some(SECRET)).unwrap();
        let rotated = Tokens { keys: CachedSecret::fixed(keys), ..tokens_of(OTHER) };
        let old = tokens_of(SECRET).issue(somebody()).await.unwrap().access_token;
        let without_key_id = signed(&Header::new(Algorithm::HS256), |_| (), SECRET);
        let new = rotated.issue(somebody()).await.unwrap().access_token;
        for token in [&old, &without_key_id, &new] {
            assert!(rotated.check(token).await.is_ok(), "{token}");
        }
        assert!(tokens_of(OTHER).check(&new).await.is_ok());
        assert!(tokens_of(OTHER).check(&old).await.is_err());
    }

    #[tokio::test]
    async fn a_clock_that_is_ten_minutes_wrong_signs_tokens_that_are_accepted() {
        for minutes in [-10, 10] {
            let shift = |claims: &mut serde_json::Value| {
                let now = OffsetDateTime::now_utc().unix_timestamp() + minutes * 60;
                (claims["iat"], claims["exp"]) = (now.into(), (now + LIFETIME_SECONDS).into());
            };
            let token = signed(&Header::new(Algorithm::HS256), shift, SECRET);
            assert!(is_accepted(&token).await, "{minutes}");
        }
    }

    #[tokio::test]
    async fn a_token_with_a_wrong_or_missing_claim_or_signature_is_refused() {
        let hs256 = Header::new(Algorithm::HS256);
        assert!(is_accepted(&signed(&hs256, |_| (), SECRET)).await);
        for claim in ["sub", "sid", "iss", "aud", "exp", "iat", "typ"] {
            let token = signed(&hs256, |claims| drop(claims.as_object_mut().unwrap().remove(claim)), SECRET);
            assert!(!is_accepted(&token).await, "without {claim}");
        }
        for (claim, value) in [
            ("exp", serde_json::json!(OffsetDateTime::now_utc().unix_timestamp() - 1)),
            ("iss", "other".into()),
            ("aud", "other".into()),
            ("typ", "refresh".into()),
            ("sub", "not-a-uuid".into()),
            ("sid", "not-a-uuid".into()),
            ("sid", serde_json::Value::Null),
        ] {
            let token = signed(&hs256, |claims| claims[claim] = value, SECRET);
            assert!(!is_accepted(&token).await, "wrong {claim}");
        }
        assert!(!is_accepted(&signed(&Header::new(Algorithm::HS512), |_| (), SECRET)).await, "algorithm");
        assert!(!is_accepted(&signed(&hs256, |_| (), OTHER)).await, "secret");
        let token = signed(&hs256, |_| (), SECRET);
        let unsigned = token.rsplit_once('.').unwrap().0;
        for token in ["", ".", "..", "a.b.c", &format!("{unsigned}."), &token[1..]] {
            assert!(!is_accepted(token).await, "{token}");
        }
    }
}
