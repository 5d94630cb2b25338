//! Neither the log nor the audit log has a secret of a second factor.

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::member::{Authenticator, Member, PASSWORD, read_codes};
use tests::sandbox::Sandbox;

/// Sends a request to a function. Returns the status and the body of the answer.
async fn send(sandbox: &mut Sandbox, member: &Member, method: &str, path: &str, body: Value) -> (u64, Value) {
    let mut event: Value = serde_json::from_str(&recorded_event("auth-login")).unwrap();
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["requestContext"]["http"]["method"] = method.into();
    event["headers"]["authorization"] = format!("Bearer {}", member.client.token()).into();
    event["body"] = body.to_string().into();
    sandbox.invoke_http(&event).await
}

#[tokio::test]
async fn no_log_has_a_secret_of_a_second_factor() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let mut variables = vault.variables();
    variables.insert("LOG_LEVEL", "trace".into());
    let mut own = Sandbox::start("account", &variables).await;
    let mut auth = Sandbox::start("auth", &variables).await;

    let (status, shown) =
        send(&mut own, &member, "POST", "/api/auth/totp/setup", json!({"password": PASSWORD})).await;
    assert_eq!(status, 200, "{shown}");
    let app = Authenticator::new(shown["secret"].as_str().unwrap());
    let (status, body) =
        send(&mut own, &member, "POST", "/api/auth/totp/enable", json!({"code": app.code()})).await;
    assert_eq!(status, 200, "{body}");
    let mut secrets = read_codes(&body);
    member.client = vault.caller_with(&member.client, &body).await;
    secrets.push(shown["secret"].as_str().unwrap().into());
    let login = json!({"email": member.email, "password": PASSWORD});
    for (code, expected) in
        [("wrong code".to_owned(), 401), (secrets[0].clone(), 200), (secrets[0].clone(), 401)]
    {
        let (_, challenge) = send(&mut auth, &member, "POST", "/api/auth/login", login.clone()).await;
        let challenge = challenge["challenge"].as_str().unwrap().to_owned();
        let body = json!({"challenge": challenge, "code": code});
        let (status, body) = send(&mut auth, &member, "POST", "/api/auth/login/factor", body).await;
        assert_eq!(status, expected, "{body}");
        secrets.push(challenge);
    }
    let body = json!({"password": PASSWORD, "code": secrets[1]});
    assert_eq!(send(&mut own, &member, "POST", "/api/auth/totp/disable", body).await.0, 204);

    secrets.extend([PASSWORD.into(), variables["FACTOR_KEYS"].clone(), member.client.token().to_owned()]);
    let logs =
        own.wait_for_lines(3, "request answered").await + &auth.wait_for_lines(2, "request refused").await;
    let audited = vault.rows().await["audit_log"].to_string();
    assert!(audited.contains("factor.enabled") && audited.contains("login.failed"), "{audited}");
    for secret in &secrets {
        for text in [secret.clone(), secret.replace('-', "")] {
            assert!(!logs.contains(&text), "{text}: {logs}");
            assert!(!audited.contains(&text), "{text}: {audited}");
        }
    }
}
