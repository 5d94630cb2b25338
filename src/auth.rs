//! Access tokens. A token names the account that sends a request. It does not say what the account may do:
//! each SQL statement checks that in the database.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::config::ConfigError;
use crate::id::UserId;
use crate::{Error, Result, config};

/// The lifetime of an access token, in seconds.
const LIFETIME_SECONDS: i64 = 15 * 60;

/// The issuer (`iss`) and the audience (`aud`) of tokens.
const ISSUER: &str = "docuvault";

/// The claim `typ` of access tokens. [`Tokens::check`] refuses tokens of any other type.
const ACCESS_TYPE: &str = "access";

/// Issues and checks access tokens. They are JWTs, signed with HS256. A clone is cheap, because all clones
/// share the keys.
#[derive(Clone)]
pub struct Tokens(Arc<Keys>);

struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
}

/// The account that sends a request. Its token was valid. The SQL statements of the request check its role.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// The account's id.
    pub id: UserId,
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
    iss: String,
    aud: String,
    exp: i64,
    iat: i64,
    typ: String,
}

impl Tokens {
    /// Derives the keys from the secret.
    pub fn new(config: &config::TokenConfig) -> Self {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self(Arc::new(Keys {
            signing: EncodingKey::from_secret(&config.secret),
            checking: DecodingKey::from_secret(&config.secret),
            rules,
        }))
    }

    /// Reads the secret from `JWT_SECRET`.
    ///
    /// # Errors
    /// The variable is missing or too short.
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Ok(Self::new(&config::TokenConfig::from_env()?))
    }

    /// Issues a token for `user`, which is valid for [`LIFETIME_SECONDS`].
    pub fn issue(&self, user: UserId) -> Result<AccessToken> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let (iss, aud, typ) = (ISSUER.into(), ISSUER.into(), ACCESS_TYPE.into());
        let claims = Claims { sub: user, iss, aud, exp: now + LIFETIME_SECONDS, iat: now, typ };
        let access_token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0.signing)
            .map_err(Error::internal)?;
        Ok(AccessToken { access_token, token_type: "Bearer", expires_in: LIFETIME_SECONDS })
    }

    /// Checks a token, and returns the account to which it was issued.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the token is malformed, expired, of another kind, or has a wrong
    /// signature.
    pub fn check(&self, token: &str) -> Result<User> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.0.checking, &self.0.rules)
            .map_err(|_| Error::Unauthenticated)?
            .claims;
        if claims.typ != ACCESS_TYPE {
            return Err(Error::Unauthenticated);
        }
        Ok(User { id: claims.sub })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret of the tests, 32 bytes!";

    fn tokens() -> Tokens {
        Tokens::new(&config::TokenConfig { secret: SECRET.to_vec() })
    }

    fn signed(header: &Header, change: impl FnOnce(&mut serde_json::Value), secret: &[u8]) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = serde_json::json!({
            "sub": UserId::new(), "iss": ISSUER, "aud": ISSUER, "exp": now + 60, "iat": now, "typ": ACCESS_TYPE,
        });
        change(&mut claims);
        jsonwebtoken::encode(header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    #[test]
    fn an_issued_token_names_its_user() {
        let user = UserId::new();
        let issued = tokens().issue(user).unwrap();
        assert_eq!(tokens().check(&issued.access_token).unwrap().id, user);
    }

    #[test]
    fn a_token_with_a_wrong_or_missing_claim_or_signature_is_refused() {
        let hs256 = Header::new(Algorithm::HS256);
        assert!(tokens().check(&signed(&hs256, |_| (), SECRET)).is_ok());
        for claim in ["sub", "iss", "aud", "exp", "iat", "typ"] {
            let token = signed(&hs256, |claims| drop(claims.as_object_mut().unwrap().remove(claim)), SECRET);
            assert!(tokens().check(&token).is_err(), "without {claim}");
        }
        for (claim, value) in [
            ("exp", serde_json::json!(OffsetDateTime::now_utc().unix_timestamp() - 1)),
            ("iss", "other".into()),
            ("aud", "other".into()),
            ("typ", "refresh".into()),
            ("sub", "not-a-uuid".into()),
        ] {
            let token = signed(&hs256, |claims| claims[claim] = value, SECRET);
            assert!(tokens().check(&token).is_err(), "wrong {claim}");
        }
        assert!(
            tokens().check(&signed(&Header::new(Algorithm::HS512), |_| (), SECRET)).is_err(),
            "algorithm"
        );
        assert!(
            tokens().check(&signed(&hs256, |_| (), b"another secret of at least 32 bytes")).is_err(),
            "secret"
        );
        let token = signed(&hs256, |_| (), SECRET);
        let unsigned = token.rsplit_once('.').unwrap().0;
        for token in ["", ".", "..", "a.b.c", &format!("{unsigned}."), &token[1..]] {
            assert!(tokens().check(token).is_err(), "{token}");
        }
    }
}
