//! An account that has a token of each kind, and the requests that take one.

use std::collections::BTreeMap;

use axum::http::Request;
use serde_json::{Value, json};
use tests::member::{Authenticator, Member, PASSWORD, TwoFactorMember};
use tests::passkey::{Challenge, SoftwarePasskey, get_challenge};
use tests::{Browser, ReadMail, Response, TestVault};

use crate::password_resets::{CONFIRM, RESET};

const NEW_PASSWORD: &str = "Another-Horse-8";
const NEW_ADDRESS: &str = "ann@example.org";
const DEVICE: &str = "__Host-device";
const REFRESH: &str = "__Host-refresh";

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Access,
    Refresh,
    Device,
    LoginChallenge,
    ResetLink,
    VerificationLink,
    /// The id of a challenge for a sign-in with a passkey.
    SignIn,
    /// The id of a challenge for a new passkey.
    NewPasskey,
}

/// What a request does with the token that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Authorize,
    Refresh,
    LogOut,
    /// The device in a login that needs no second factor.
    KnowAtLogin,
    /// The device in the second step of a login.
    KnowAtSecondStep,
    /// The device in a sign-in with a passkey.
    KnowAtSignIn,
    CompleteLogin,
    ResetPassword,
    VerifyAddress,
    SignIn,
    RegisterPasskey,
}

/// An account with TOTP and a passkey, and a token of each kind that is valid for it.
pub struct Account<'a> {
    vault: &'a TestVault,
    member: Member,
    app: Authenticator,
    /// A backup code that was not used.
    backup_code: String,
    passkey: SoftwarePasskey,
    /// A browser in which the account is signed in.
    browser: Browser,
    sign_in: Challenge,
    new_passkey: Challenge,
    /// The tokens.
    pub tokens: BTreeMap<Kind, String>,
}

impl<'a> Account<'a> {
    /// Creates the account.
    pub async fn create(vault: &'a TestVault) -> Self {
        let TwoFactorMember { mut member, app, backup_codes: codes, .. } =
            vault.create_two_factor_member().await;
        let challenge = ask_for_new_passkey(&member, &codes[0]).await;
        let passkey = SoftwarePasskey::new(&challenge.options);
        let answer = passkey.create(&challenge.options, |_| {});
        member.send_passkey(&challenge, "Phone", answer).await.expect(201);
        let mut browser = Browser::open(vault);
        let body = json!({"challenge": member.get_challenge().await, "code": codes[1]});
        browser.send("POST", "/api/auth/login/factor", Some(body)).await.expect(200);
        let new_passkey = ask_for_new_passkey(&member, &codes[2]).await;
        let (sign_in, backup_code) = (get_challenge(&member.client).await, codes[3].clone());
        let tokens = BTreeMap::new();
        let mut account =
            Self { vault, member, app, backup_code, passkey, browser, sign_in, new_passkey, tokens };
        account.tokens = account.collect_tokens().await;
        account
    }

    async fn collect_tokens(&self) -> BTreeMap<Kind, String> {
        let cookie = |name: &str| self.browser.cookies[name].clone();
        let id = |challenge: &Challenge| challenge.id.as_str().unwrap().to_owned();
        let client = &self.member.client;
        let change = json!({"password": PASSWORD, "email": NEW_ADDRESS});
        client.put("/api/auth/me/email", change).await.expect(202);
        client.anonymous().post(RESET, json!({"email": self.member.email})).await.expect(202);
        self.vault.send_mails().await;
        let mails = self.vault.mails.read();
        let link = |address: &str, page: &str| {
            let has_link = |mail: &&ReadMail| mail.to == address && mail.plain.contains("#token=");
            mails.iter().rfind(has_link).unwrap().token(page).to_text()
        };
        BTreeMap::from([
            (Kind::Access, self.browser.access_token.clone().unwrap()),
            (Kind::Refresh, cookie(REFRESH)),
            (Kind::Device, cookie(DEVICE)),
            (Kind::LoginChallenge, self.member.get_challenge().await),
            (Kind::ResetLink, link(&self.member.email, "password-reset")),
            (Kind::VerificationLink, link(NEW_ADDRESS, "verify")),
            (Kind::SignIn, id(&self.sign_in)),
            (Kind::NewPasskey, id(&self.new_passkey)),
        ])
    }

    /// Sends the token in the request of this use. Returns whether it has passed.
    pub async fn try_use(&mut self, action: Use, token: &str) -> bool {
        match action {
            Use::Authorize => {
                let request = Request::get("/api/auth/me").header("authorization", format!("Bearer {token}"));
                passes(self.member.client.anonymous().request(request.body("".into()).unwrap()).await)
            }
            Use::Refresh => passes(self.send_cookie("/api/auth/refresh", REFRESH, token, json!({})).await),
            Use::LogOut => {
                self.send_cookie("/api/auth/logout", REFRESH, token, json!({})).await.expect(204);
                self.browser.send("GET", "/api/auth/me", None).await.status == 401
            }
            Use::KnowAtLogin | Use::KnowAtSecondStep | Use::KnowAtSignIn => {
                keeps_device(&self.log_in_with(action, token).await, token)
            }
            _ => {
                let (path, body) = self.body_with(action, token);
                passes(self.member.client.post(path, body).await)
            }
        }
    }

    /// Signs in with the token as that of the device.
    async fn log_in_with(&mut self, action: Use, token: &str) -> Response {
        if action == Use::KnowAtSignIn {
            let challenge = get_challenge(&self.member.client).await;
            let credential = self.passkey.get(&challenge.options, |_| {});
            let body = json!({"challenge_id": challenge.id, "credential": credential});
            return self.send_cookie("/api/auth/passkeys", DEVICE, token, body).await;
        }
        if action == Use::KnowAtSecondStep {
            self.vault.forget_steps().await;
            let body = json!({"challenge": self.member.get_challenge().await, "code": self.app.code()});
            return self.send_cookie("/api/auth/login/factor", DEVICE, token, body).await;
        }
        // A login of an account with TOTP does not say whether it knows the device.
        self.vault.tamper("update users set totp_enabled = false").await;
        let body = json!({"email": self.member.email, "password": PASSWORD});
        let answer = self.send_cookie("/api/auth/login", DEVICE, token, body).await;
        self.vault.tamper("update users set totp_enabled = true").await;
        answer
    }

    /// Returns the path and the body of a request that has the token in its body.
    fn body_with(&mut self, action: Use, token: &str) -> (&'static str, Value) {
        match action {
            Use::CompleteLogin => {
                ("/api/auth/login/factor", json!({"challenge": token, "code": self.backup_code}))
            }
            Use::ResetPassword => (CONFIRM, json!({"token": token, "new_password": NEW_PASSWORD})),
            Use::VerifyAddress => ("/api/auth/verify", json!({"token": token})),
            Use::SignIn => {
                let credential = self.passkey.get(&self.sign_in.options, |_| {});
                ("/api/auth/passkeys", json!({"challenge_id": token, "credential": credential}))
            }
            Use::RegisterPasskey => {
                let options = &self.new_passkey.options;
                let credential = SoftwarePasskey::new(options).create(options, |_| {});
                let body = json!({"challenge_id": token, "name": "Key", "credential": credential});
                ("/api/auth/me/passkeys", body)
            }
            _ => panic!("{action:?} takes no token in a body"),
        }
    }

    /// Sends a request of nobody with the token in this cookie.
    async fn send_cookie(&self, path: &str, cookie: &str, token: &str, body: Value) -> Response {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("cookie", format!("{cookie}={token}"));
        self.member.client.anonymous().request(request.body(body.to_string().into()).unwrap()).await
    }
}

async fn ask_for_new_passkey(member: &Member, code: &str) -> Challenge {
    let body = json!({"password": PASSWORD, "code": code});
    Challenge::read(member.client.post("/api/auth/me/passkeys/challenge", body).await)
}

/// Returns whether the request has succeeded. If it has not, it must be a refusal.
fn passes(answer: Response) -> bool {
    let refused = [401, 422].contains(&answer.status);
    assert!(refused || [200, 201, 204].contains(&answer.status), "{}: {}", answer.status, answer.body);
    !refused
}

/// Returns whether the answer to a login leaves the browser its token, because the account knows it.
fn keeps_device(answer: &Response, token: &str) -> bool {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    cookies.any(|cookie| cookie.starts_with(&format!("{DEVICE}={token};")))
}
