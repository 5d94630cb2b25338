//! A passkey in software: it does what a browser and a security key do together.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value as Cbor;
use docuvault::auth::User;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::member::{Member, PASSWORD};
use crate::vault::WEB_ORIGIN;
use crate::{Client, Response};

/// The domain of the page of tests.
pub const DOMAIN: &str = "vault.example.com";

/// The flag of an authenticator that says that a user was there.
pub const USER_PRESENT: u8 = 0x01;
/// The flag that says that the user was verified, by a PIN or a fingerprint.
pub const USER_VERIFIED: u8 = 0x04;
/// The flag that says that a new key is in the data.
const HAS_KEY: u8 = 0x40;

/// The algorithm ES256, as COSE numbers it.
const ES256: i64 = -7;

/// A key of a security key.
pub struct SoftwarePasskey {
    /// The id that the security key has given the key.
    pub credential_id: Vec<u8>,
    /// The id of the account for which it was made.
    pub user_handle: Vec<u8>,
    key: SigningKey,
    /// The number of signatures that the key has counted.
    pub count: u32,
}

/// What goes into an answer. Tests change it to make wrong answers.
pub struct Answer {
    /// What the browser says that it does: `webauthn.create` or `webauthn.get`.
    pub ceremony: String,
    /// The challenge, in base64 for URLs.
    pub challenge: String,
    /// The origin of the page.
    pub origin: String,
    /// True if the page is inside a page of another origin.
    pub cross_origin: bool,
    /// The domain for which the key signs.
    pub domain: String,
    /// The flags of the security key.
    pub flags: u8,
    /// The number of signatures that the key says it has counted.
    pub count: u32,
    /// The algorithm that a new key says it has.
    pub algorithm: i64,
    /// The id of the key.
    pub credential_id: Vec<u8>,
    /// The id of the account.
    pub user_handle: Option<Vec<u8>>,
}

impl SoftwarePasskey {
    /// Makes a key for the account of the options.
    pub fn new(options: &Value) -> Self {
        let random = || [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
        let user_handle = decode(options["user"]["id"].as_str().unwrap());
        let key = SigningKey::from_slice(&random()).unwrap();
        Self { credential_id: random(), user_handle, key, count: 0 }
    }

    fn answer(&self, ceremony: &str, options: &Value) -> Answer {
        Answer {
            ceremony: ceremony.to_owned(),
            challenge: options["challenge"].as_str().unwrap().to_owned(),
            origin: WEB_ORIGIN.to_owned(),
            cross_origin: false,
            domain: DOMAIN.to_owned(),
            flags: USER_PRESENT | USER_VERIFIED,
            count: self.count,
            algorithm: ES256,
            credential_id: self.credential_id.clone(),
            user_handle: Some(self.user_handle.clone()),
        }
    }

    /// Answers a challenge for a new passkey, as `PublicKeyCredential.toJSON()` would. `change` may make the
    /// answer a wrong one.
    pub fn create(&self, options: &Value, change: impl FnOnce(&mut Answer)) -> Value {
        let mut answer = self.answer("webauthn.create", options);
        change(&mut answer);
        let object = attestation_object(&answer.authenticator_data(Some(&self.public_key(answer.algorithm))));
        registration(&answer, &object)
    }

    /// Answers a challenge for a sign-in. Counts the signature.
    pub fn get(&mut self, options: &Value, change: impl FnOnce(&mut Answer)) -> Value {
        self.count += 1;
        let mut answer = self.answer("webauthn.get", options);
        change(&mut answer);
        let (data, client) = (answer.authenticator_data(None), answer.client_data());
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client)].concat());
        let id = encode(&answer.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "cross-platform",
            "response": {
                "authenticatorData": encode(&data),
                "clientDataJSON": encode(&client),
                "signature": encode(signature.to_der().as_bytes()),
                "userHandle": answer.user_handle.as_deref().map(encode),
            },
        })
    }

    /// The public key in the form of COSE (RFC 9053, section 7.1.1).
    fn public_key(&self, algorithm: i64) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let number = |number: i64| Cbor::Integer(number.into());
        write_cbor(&Cbor::Map(vec![
            (number(1), number(2)),
            (number(3), number(algorithm)),
            (number(-1), number(1)),
            (number(-2), Cbor::Bytes(point.x().unwrap().to_vec())),
            (number(-3), Cbor::Bytes(point.y().unwrap().to_vec())),
        ]))
    }
}

impl Answer {
    fn client_data(&self) -> Vec<u8> {
        let Self { ceremony, challenge, origin, cross_origin, .. } = self;
        let data = json!({
            "type": ceremony, "challenge": challenge, "origin": origin, "crossOrigin": cross_origin,
        });
        data.to_string().into_bytes()
    }

    /// The data that the security key signs (WebAuthn, section 6.1). `key` is the new public key.
    fn authenticator_data(&self, key: Option<&[u8]>) -> Vec<u8> {
        let flags = self.flags | if key.is_some() { HAS_KEY } else { 0 };
        let mut data = Sha256::digest(&self.domain).to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        if let Some(key) = key {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
            data.extend(&self.credential_id);
            data.extend(key);
        }
        data
    }
}

/// Puts an attestation object into an answer to a challenge for a new passkey.
pub fn registration(answer: &Answer, object: &[u8]) -> Value {
    let id = encode(&answer.credential_id);
    json!({
        "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {"credProps": {"rk": true}},
        "authenticatorAttachment": "cross-platform",
        "response": {
            "attestationObject": encode(object),
            "clientDataJSON": encode(&answer.client_data()),
            "transports": ["usb"],
        },
    })
}

/// An attestation object without an attestation (WebAuthn, sections 6.5.4 and 8.7).
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let text = |text: &str| Cbor::Text(text.to_owned());
    write_cbor(&Cbor::Map(vec![
        (text("fmt"), text("none")),
        (text("attStmt"), Cbor::Map(vec![])),
        (text("authData"), Cbor::Bytes(data.to_vec())),
    ]))
}

fn write_cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Encodes bytes as WebAuthn does in JSON: base64 for URLs, without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes what [`encode`] has encoded.
pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A challenge and the options for a browser.
pub struct Challenge {
    /// The challenge's id.
    pub id: Value,
    /// The options.
    pub options: Value,
}

impl Challenge {
    /// Reads the answer to a request for a challenge.
    pub fn read(answer: Response) -> Self {
        let mut body = answer.expect(200);
        Self { id: body["challenge_id"].take(), options: body["options"].take() }
    }
}

impl Member {
    /// Gets a challenge for a new passkey of an account without TOTP.
    pub async fn get_passkey_challenge(&self) -> Challenge {
        let body = json!({"password": PASSWORD});
        Challenge::read(self.client.post("/api/auth/me/passkeys/challenge", body).await)
    }

    /// Sends an answer to a challenge for a new passkey. If it is accepted, goes on in the new session.
    pub async fn send_passkey(&mut self, challenge: &Challenge, name: &str, credential: Value) -> Response {
        let body = json!({"challenge_id": challenge.id, "name": name, "credential": credential});
        let answer = self.client.post("/api/auth/me/passkeys", body).await;
        self.go_on(&answer);
        answer
    }

    /// Registers a new passkey. Returns it with its id.
    pub async fn add_passkey(&mut self, name: &str) -> (SoftwarePasskey, String) {
        let challenge = self.get_passkey_challenge().await;
        let passkey = SoftwarePasskey::new(&challenge.options);
        let answer = passkey.create(&challenge.options, |_| {});
        let body = self.send_passkey(&challenge, name, answer).await.expect(201);
        (passkey, body["id"].as_str().unwrap().to_owned())
    }

    /// Removes a passkey of an account without TOTP. If it is removed, goes on in the new session.
    pub async fn remove_passkey(&mut self, id: &str, password: &str) -> Response {
        let body = json!({"password": password});
        let answer = self.client.send("DELETE", &format!("/api/auth/me/passkeys/{id}"), Some(body)).await;
        self.go_on(&answer);
        answer
    }

    /// Takes the access token of a new session, if the answer has one.
    fn go_on(&mut self, answer: &Response) {
        if let Some(token) = answer.body["access_token"].as_str() {
            let claims: Value = serde_json::from_slice(&decode(token.split('.').nth(1).unwrap())).unwrap();
            let session = serde_json::from_value(claims["sid"].clone()).unwrap();
            self.client = self.client.signed_in(User { id: self.id(), session }, token.to_owned());
        }
    }
}

/// Gets a challenge for a sign-in.
pub async fn get_challenge(anybody: &Client) -> Challenge {
    Challenge::read(anybody.anonymous().send("POST", "/api/auth/passkeys/challenge", None).await)
}

/// Sends an answer to a challenge for a sign-in.
pub async fn send_answer(anybody: &Client, challenge: &Challenge, credential: Value) -> Response {
    let body = json!({"challenge_id": challenge.id, "credential": credential});
    anybody.anonymous().post("/api/auth/passkeys", body).await
}

/// Signs in with a passkey.
pub async fn sign_in(anybody: &Client, passkey: &mut SoftwarePasskey) -> Response {
    let challenge = get_challenge(anybody).await;
    let credential = passkey.get(&challenge.options, |_| {});
    send_answer(anybody, &challenge, credential).await
}
