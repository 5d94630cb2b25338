//! Neither the log nor the audit log has an answer of a passkey, and a wrong answer is no error of the vault.

use serde_json::{Value, json};
use tests::TestVault;
use tests::functions::recorded_event;
use tests::member::{Member, PASSWORD};
use tests::passkey::SoftwarePasskey;
use tests::sandbox::Sandbox;

/// Sends a request to the function. Returns the status and the body of the answer.
async fn send(sandbox: &mut Sandbox, member: &Member, path: &str, body: Value) -> (u64, Value) {
    let mut event: Value = serde_json::from_str(&recorded_event("auth-login")).unwrap();
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["headers"]["authorization"] = format!("Bearer {}", member.client.token()).into();
    event["body"] = body.to_string().into();
    sandbox.invoke_http(&event).await
}

/// Replaces the end of a text in an answer by other characters.
fn damage(answer: &Value, part: &str) -> Value {
    let mut damaged = answer.clone();
    let text = answer["response"][part].as_str().unwrap();
    damaged["response"][part] = json!(format!("{}AAAA", &text[..text.len() / 4 * 4 - 4]));
    damaged
}

#[tokio::test]
async fn answers_of_passkeys_are_not_logged() {
    let vault = TestVault::new().await;
    let member = vault.create_member().await;
    let mut variables = vault.variables();
    variables.insert("LOG_LEVEL", "trace".into());
    let mut sandbox = Sandbox::start("passkeys", &variables).await;
    let mut secrets = vec![PASSWORD.to_owned(), member.client.token().to_owned()];
    let mut known: Option<SoftwarePasskey> = None;
    for (damaged, expected) in [(true, 422), (false, 201)] {
        let path = "/api/auth/me/passkeys/challenge";
        let (_, challenge) = send(&mut sandbox, &member, path, json!({"password": PASSWORD})).await;
        let passkey = SoftwarePasskey::new(&challenge["options"]);
        let right = passkey.create(&challenge["options"], |_| {});
        let answer = if damaged { damage(&right, "attestationObject") } else { right };
        let body =
            json!({"challenge_id": challenge["challenge_id"], "name": "My phone", "credential": answer});
        assert_eq!(send(&mut sandbox, &member, "/api/auth/me/passkeys", body).await.0, expected);
        secrets.push(answer["response"]["attestationObject"].as_str().unwrap().to_owned());
        secrets.push(challenge["options"]["challenge"].as_str().unwrap().to_owned());
        known = Some(passkey);
    }
    let mut passkey = known.unwrap();
    for (damaged, expected) in [(true, 401), (false, 200)] {
        let path = "/api/auth/passkeys/challenge";
        let (_, challenge) = send(&mut sandbox, &member, path, json!({})).await;
        let right = passkey.get(&challenge["options"], |_| {});
        let answer = if damaged { damage(&right, "authenticatorData") } else { right };
        let body = json!({"challenge_id": challenge["challenge_id"], "credential": answer});
        let (status, body) = send(&mut sandbox, &member, "/api/auth/passkeys", body).await;
        assert_eq!(status, expected, "{body}");
        secrets.extend(
            ["signature", "authenticatorData"].map(|part| answer["response"][part].as_str().unwrap().into()),
        );
        secrets.extend(body["access_token"].as_str().map(str::to_owned));
    }
    let log = sandbox.wait_for_lines(6, "request answered").await;
    let audited = vault.rows().await["audit_log"].to_string();
    for secret in secrets.iter().map(String::as_str).chain(["My phone"]) {
        assert!(!log.contains(secret) && !audited.contains(secret), "{secret}: {log} {audited}");
    }
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "INFO", "{line}");
        assert!(line["message"].as_str().unwrap().starts_with("request "), "{line}");
    }
}
