//! The vault's side of WebAuthn, which calls it the relying party. The library makes challenges and checks
//! the answers: the challenge, the origin of the page, the domain, the flags, the signature, and the number
//! of signatures. It follows <https://www.w3.org/TR/webauthn-3/>, sections 7.1 and 7.2.

use std::sync::Arc;

use docuvault::auth::User;
use docuvault::config::PasskeyConfig;
use docuvault::db::passkey::SignIn;
use docuvault::id::ChallengeId;
use docuvault::limits::CHALLENGE_LIFETIME;
use docuvault::passkey::{Holder, Key, KnownPasskey, NewChallenge};
use docuvault::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    COSEAlgorithm, COSEKey, COSEKeyType, Credential, DiscoverableAuthentication, ECDSACurve,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
    WebauthnError,
};

/// The name of the vault that browsers show.
const NAME: &str = "DocuVault";

/// The most bytes that the id of a key may have (WebAuthn, section 7.1, step 25).
const MAX_KEY_ID_BYTES: usize = 1_023;

/// Makes challenges, and checks the answers of passkeys. A clone is cheap.
#[derive(Clone)]
pub struct RelyingParty(Arc<Webauthn>);

/// A challenge, and what the browser needs to get it answered.
pub(crate) struct Challenge {
    /// What the vault keeps.
    pub kept: NewChallenge,
    /// The options for the browser.
    pub options: Value,
}

/// The part of the client's data that the library does not check in a sign-in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    cross_origin: Option<bool>,
}

impl RelyingParty {
    /// Reads the domain and the origins.
    ///
    /// # Errors
    /// An origin is not in the domain.
    pub fn new(config: &PasskeyConfig) -> std::result::Result<Self, WebauthnError> {
        let PasskeyConfig { domain, origins } = config;
        let origins: std::result::Result<Vec<Url>, _> = origins.iter().map(|origin| origin.parse()).collect();
        let origins = origins.map_err(|_| WebauthnError::Configuration)?;
        let (first, others) = origins.split_first().ok_or(WebauthnError::Configuration)?;
        let builder = WebauthnBuilder::new(domain, first)?.rp_name(NAME).timeout(CHALLENGE_LIFETIME);
        let builder = others.iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        Ok(Self(Arc::new(builder.build()?)))
    }

    /// Makes a challenge for a new passkey of the account.
    ///
    /// # Errors
    /// A defect of the vault.
    pub(crate) fn begin_registration(&self, user: User, holder: Holder) -> Result<Challenge> {
        let Holder { email, credential_ids, .. } = holder;
        let begun = self.0.start_passkey_registration(user.id.0, &email, &email, Some(credential_ids));
        let (options, state) = begun.map_err(Error::internal)?;
        let mut challenge = Challenge::new(&options.public_key, &state)?;
        // A sign-in gives no address, so the key must know by itself for which account it is. The library
        // asks for that in no workflow without attestation.
        let selection = challenge.options.get_mut("authenticatorSelection").and_then(Value::as_object_mut);
        let selection =
            selection.ok_or_else(|| Error::internal("the options have no authenticatorSelection"))?;
        selection.insert("residentKey".into(), json!("required"));
        selection.insert("requireResidentKey".into(), json!(true));
        Ok(challenge)
    }

    /// Checks the answer to a challenge for a new passkey.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the answer is wrong.
    pub(crate) fn finish_registration(
        &self,
        state: &Value,
        answer: &RegisterPublicKeyCredential,
    ) -> Result<Key> {
        let state: PasskeyRegistration = read(state)?;
        let refuse = |error| Error::Invalid(format!("credential is not an answer to the challenge: {error}"));
        let passkey = self.0.finish_passkey_registration(answer, &state).map_err(refuse)?;
        let credential = Credential::from(passkey);
        if !is_usable(&credential.cred) {
            return Err(refuse(WebauthnError::COSEKeyInvalidType));
        }
        if credential.cred_id.len() > MAX_KEY_ID_BYTES {
            return Err(Error::Invalid(format!("the key's id has more than {MAX_KEY_ID_BYTES} bytes")));
        }
        Ok(Key {
            credential_id: credential.cred_id.clone(),
            sign_count: credential.counter,
            credential: write(&credential)?,
        })
    }

    /// Makes a challenge for a sign-in with any passkey.
    ///
    /// # Errors
    /// A defect of the vault.
    pub(crate) fn begin_sign_in(&self) -> Result<Challenge> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(Error::internal)?;
        Challenge::new(&options.public_key, &state)
    }

    /// Checks the answer to a challenge for a sign-in.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`] if the answer is wrong. [`Error::PasskeyCopied`] if the key has not counted
    /// more signatures than before.
    pub(crate) fn finish_sign_in(
        &self,
        known: &KnownPasskey,
        answer: &PublicKeyCredential,
    ) -> Result<SignIn> {
        let state: DiscoverableAuthentication = read(&known.state)?;
        let mut credential: Credential = read(&known.credential)?;
        if is_cross_origin(answer) {
            return Err(Error::PasskeyRefused);
        }
        let checked = self.0.finish_discoverable_authentication_v2(answer, state, &credential);
        let result = checked.map_err(|error| match error {
            WebauthnError::CredentialPossibleCompromise => Error::PasskeyCopied,
            _ => Error::PasskeyRefused,
        })?;
        credential.counter = result.counter();
        credential.backup_state = result.backup_state();
        Ok(SignIn { passkey: known.id, credential: write(&credential)?, sign_count: result.counter() })
    }
}

impl Challenge {
    fn new(options: &impl Serialize, state: &impl Serialize) -> Result<Self> {
        let (state, options) = (write(state)?, write(options)?);
        Ok(Self { kept: NewChallenge { id: ChallengeId::new(), state }, options })
    }
}

/// Reads what [`write()`] has written.
fn read<T: DeserializeOwned>(stored: &Value) -> Result<T> {
    T::deserialize(stored).map_err(Error::internal)
}

fn write(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// Returns true if the key is of the kind that its algorithm needs (WebAuthn, section 5.8.5). The library
/// looks at the curve alone.
fn is_usable(key: &COSEKey) -> bool {
    match (key.type_, &key.key) {
        (COSEAlgorithm::ES256, COSEKeyType::EC_EC2(point)) => point.curve == ECDSACurve::SECP256R1,
        (COSEAlgorithm::ES384, COSEKeyType::EC_EC2(point)) => point.curve == ECDSACurve::SECP384R1,
        (COSEAlgorithm::RS256, COSEKeyType::RSA(_)) => true,
        _ => false,
    }
}

/// Returns true if the page that got the answer was inside a page of another origin. Malformed data is left
/// to the library.
fn is_cross_origin(answer: &PublicKeyCredential) -> bool {
    let data: Option<ClientData> = serde_json::from_slice(&answer.response.client_data_json).ok();
    data.and_then(|data| data.cross_origin).unwrap_or(false)
}
