//! Accounts that log in with a password, and their authenticator apps.

use docuvault::id::UserId;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{Client, Response, TestVault};

/// The password of every member.
pub const PASSWORD: &str = "Correct-Horse-7";

/// The seconds of a time step (RFC 6238).
const STEP_SECONDS: u64 = 30;

/// An account that was registered, and a session of it.
pub struct Member {
    /// The e-mail address.
    pub email: String,
    /// The account in a session.
    pub client: Client,
}

/// An authenticator app with the secret of one account.
pub struct Authenticator(totp_rs::Totp);

/// An account with TOTP.
pub struct TwoFactorMember {
    /// The account.
    pub member: Member,
    /// The code that has enabled TOTP.
    pub used_code: String,
    /// Its authenticator app.
    pub app: Authenticator,
    /// Its backup codes.
    pub backup_codes: Vec<String>,
}

impl Authenticator {
    /// Enters a secret, in base 32.
    pub fn new(secret: &str) -> Self {
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        Self(totp_rs::Builder::new().with_secret(secret).build_noncompliant())
    }

    /// Returns the code of the current time step.
    pub fn code(&self) -> String {
        self.code_after(0)
    }

    /// Returns the code of the next time step. It is accepted, too, because clocks may differ by a step.
    pub fn next_code(&self) -> String {
        self.code_after(STEP_SECONDS)
    }

    /// Returns the code that the app will show after this many seconds.
    pub fn code_after(&self, seconds: u64) -> String {
        let now = u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap();
        self.0.generate(now + seconds).to_string()
    }
}

impl Member {
    /// The account's id.
    pub fn id(&self) -> UserId {
        self.client.id()
    }

    /// Sends the password as `POST /api/auth/login`.
    pub async fn log_in(&self) -> Response {
        let body = json!({"email": self.email, "password": PASSWORD});
        self.client.anonymous().post("/api/auth/login", body).await
    }

    /// Logs in as far as the challenge.
    pub async fn get_challenge(&self) -> String {
        let answer = self.log_in().await.expect(200);
        answer["challenge"].as_str().unwrap_or_else(|| panic!("no challenge: {answer}")).to_owned()
    }

    /// Sends a challenge and a code as the second step of a login.
    pub async fn send_code(&self, challenge: &str, code: &str) -> Response {
        let body = json!({"challenge": challenge, "code": code});
        self.client.anonymous().post("/api/auth/login/factor", body).await
    }

    /// Logs in with a code. Returns the answer to the second step.
    pub async fn log_in_with(&self, code: &str) -> Response {
        self.send_code(&self.get_challenge().await, code).await
    }

    /// Sets TOTP up, without enabling it. Returns the app with the secret.
    pub async fn set_up_totp(&self) -> Authenticator {
        let body = self.client.post("/api/auth/totp/setup", json!({"password": PASSWORD})).await.expect(200);
        Authenticator::new(body["secret"].as_str().unwrap())
    }

    /// Enables TOTP with a code.
    pub async fn enable_totp(&self, code: &str) -> Response {
        self.client.post("/api/auth/totp/enable", json!({"code": code})).await
    }

    /// Disables TOTP with a code.
    pub async fn disable_totp(&self, code: &str) -> Response {
        let body = json!({"password": PASSWORD, "code": code});
        self.client.post("/api/auth/totp/disable", body).await
    }

    /// Replaces the backup codes with a code.
    pub async fn renew_backup_codes(&self, code: &str) -> Response {
        let body = json!({"password": PASSWORD, "code": code});
        self.client.post("/api/auth/backup-codes", body).await
    }
}

/// Reads the backup codes in an answer.
pub fn read_codes(body: &Value) -> Vec<String> {
    body["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

impl TestVault {
    /// Registers a user and logs in.
    pub async fn create_member(&self) -> Member {
        // One long word: a password that has a word of the address is refused, and `Battery` has `a773`.
        let email = format!("{}@example.com", UserId::new()).replace('-', "");
        let anonymous = self.anonymous();
        let body = json!({"email": email, "password": PASSWORD});
        anonymous.post("/api/auth/register", body.clone()).await.expect(201);
        let answer = anonymous.post("/api/auth/login", body).await.expect(200);
        Member { email, client: self.caller_with(&anonymous, &answer).await }
    }

    /// Returns the caller to whom the answer to a login gives an access token.
    pub async fn caller_with(&self, served: &Client, answer: &Value) -> Client {
        let token =
            answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned();
        served.signed_in(self.tokens().check(&token).await.unwrap(), token)
    }

    /// Registers a user with TOTP.
    pub async fn create_two_factor_member(&self) -> TwoFactorMember {
        let mut member = self.create_member().await;
        let app = member.set_up_totp().await;
        let used_code = app.code();
        let enabled = member.enable_totp(&used_code).await.expect(200);
        let backup_codes = read_codes(&enabled);
        member.client = self.caller_with(&member.client, &enabled).await;
        TwoFactorMember { member, used_code, app, backup_codes }
    }

    /// Forgets all attempts that were counted, as if much time had passed.
    pub async fn forget_attempts(&self) {
        self.tamper("delete from allowances").await;
    }

    /// Forgets which time steps were accepted, as if much time had passed.
    pub async fn forget_steps(&self) {
        self.tamper("update users set last_totp_step = null").await;
    }
}
