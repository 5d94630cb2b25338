//! Answers of passkeys that are wrong, forged or damaged. None of them registers a passkey or signs in.

use serde_json::{Value, json};
use tests::TestVault;
use tests::member::Member;
use tests::passkey::{
    Answer, Challenge, SoftwarePasskey, USER_PRESENT, USER_VERIFIED, decode, encode, get_challenge,
    send_answer,
};

use crate::assert_problem;

/// A change that makes an answer wrong, and what it is.
type Change = (&'static str, fn(&mut Answer));

/// Changes that concern both kinds of answers.
const CHANGES: &[Change] = &[
    ("another origin", |answer| answer.origin = "https://evil.example".into()),
    ("the origin as a part of another", |answer| {
        answer.origin = "https://vault.example.com.evil.example".into()
    }),
    ("a subdomain", |answer| answer.origin = "https://www.vault.example.com".into()),
    ("plain HTTP", |answer| answer.origin = "http://vault.example.com".into()),
    ("another port", |answer| answer.origin = "https://vault.example.com:8443".into()),
    ("no origin", |answer| answer.origin = "null".into()),
    ("a page inside another page", |answer| answer.cross_origin = true),
    ("another domain", |answer| answer.domain = "evil.example".into()),
    ("the domain above", |answer| answer.domain = "example.com".into()),
    ("another challenge", |answer| answer.challenge = encode(&[7; 32])),
    ("a part of the challenge", |answer| answer.challenge.truncate(40)),
    ("no challenge", |answer| answer.challenge.clear()),
    ("a user who was not verified", |answer| answer.flags = USER_PRESENT),
    ("a user who was not there", |answer| answer.flags = USER_VERIFIED),
    ("no flags", |answer| answer.flags = 0),
    ("a backup of a key that cannot have one", |answer| answer.flags |= 0x10),
];

/// Changes of answers to challenges for new passkeys.
const OF_REGISTRATIONS: &[Change] = &[
    ("the other kind of answer", |answer| answer.ceremony = "webauthn.get".into()),
    ("EdDSA, which was not asked for", |answer| answer.algorithm = -8),
    ("RS256 with a key of another kind", |answer| answer.algorithm = -257),
    ("ES384 with a key of another curve", |answer| answer.algorithm = -35),
    ("RS1", |answer| answer.algorithm = -65_535),
    ("an unknown algorithm", |answer| answer.algorithm = 0),
    ("an id of 1,024 bytes", |answer| answer.credential_id = vec![7; 1_024]),
];

/// Changes of answers to challenges for sign-ins.
const OF_SIGN_INS: &[Change] = &[
    ("the other kind of answer", |answer| answer.ceremony = "webauthn.create".into()),
    ("a key that does not exist", |answer| answer.credential_id = vec![7; 32]),
    ("no key", |answer| answer.credential_id.clear()),
    ("an account that does not exist", |answer| answer.user_handle = Some(vec![7; 16])),
    ("a malformed account", |answer| answer.user_handle = Some(vec![7; 1_000])),
    ("no account", |answer| answer.user_handle = None),
];

/// Sends an answer to a new challenge for a new passkey, and asserts that it changes nothing.
async fn assert_not_registered(
    vault: &TestVault,
    member: &mut Member,
    what: &str,
    make: impl FnOnce(&SoftwarePasskey, &Challenge) -> Value,
) {
    let before = vault.rows().await;
    let challenge = member.get_passkey_challenge().await;
    let credential = make(&SoftwarePasskey::new(&challenge.options), &challenge);
    let answer = member.send_passkey(&challenge, "Phone", credential).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!("invalid")), "{what}: {}", answer.body);
    assert_eq!(vault.rows().await, before, "{what}");
}

/// Sends an answer to a new challenge for a sign-in, and asserts that it does not sign in.
async fn assert_not_signed_in(
    vault: &TestVault,
    member: &Member,
    what: &str,
    make: impl FnOnce(&Challenge) -> Value,
) {
    let before = vault.rows().await;
    let challenge = get_challenge(&member.client).await;
    let answer = send_answer(&member.client, &challenge, make(&challenge)).await;
    assert!(!answer.headers.contains_key("set-cookie"));
    let expected = if answer.status == 422 { (422, "invalid") } else { (401, "passkey_refused") };
    assert_eq!((answer.status, &answer.body["code"]), (expected.0, &json!(expected.1)), "{what}");
    let after = vault.rows().await;
    for table in ["passkeys", "sessions", "refresh_tokens", "devices", "users"] {
        assert_eq!(after[table], before[table], "{what}: {table}");
    }
}

#[tokio::test]
async fn a_wrong_answer_registers_nothing() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    for (what, change) in CHANGES.iter().chain(OF_REGISTRATIONS) {
        assert_not_registered(&vault, &mut member, what, |passkey, challenge| {
            passkey.create(&challenge.options, change)
        })
        .await;
    }
}

#[tokio::test]
async fn a_wrong_answer_signs_nobody_in() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (mut passkey, _) = member.add_passkey("Phone").await;
    for (what, change) in CHANGES.iter().chain(OF_SIGN_INS) {
        assert_not_signed_in(&vault, &member, what, |challenge| passkey.get(&challenge.options, change))
            .await;
    }
    let entries = vault.audited(member.id()).await;
    let failed = entries.iter().filter(|action| *action == "login.failed").count();
    assert_eq!(failed, CHANGES.len() + 1, "answers that name the passkey and its account");
}

#[tokio::test]
async fn a_passkey_of_somebody_else_signs_nobody_in() {
    let vault = TestVault::new().await;
    let (mut member, mut stranger) = (vault.create_member().await, vault.create_member().await);
    let (owned, _) = member.add_passkey("Phone").await;
    let (mut other, _) = stranger.add_passkey("Phone").await;
    let (credential_id, user_handle) = (owned.credential_id.clone(), owned.user_handle.clone());
    for (what, change) in [
        ("the key's id and the account of the victim", [true, true]),
        ("the victim's key", [true, false]),
        ("the victim's account", [false, true]),
    ] {
        assert_not_signed_in(&vault, &stranger, what, |challenge| {
            other.get(&challenge.options, |answer| {
                if change[0] {
                    answer.credential_id = credential_id.clone();
                }
                if change[1] {
                    answer.user_handle = Some(user_handle.clone());
                }
            })
        })
        .await;
    }
}

/// Returns damaged forms of bytes: cut at many places, longer, and with other bits.
fn damage(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let cut =
        (0..bytes.len()).step_by(7).map(|length| (format!("cut to {length}"), bytes[..length].to_vec()));
    let turned = (0..bytes.len()).step_by(11).map(|place| {
        let mut turned = bytes.to_vec();
        turned[place] ^= 0x81;
        (format!("other bits at {place}"), turned)
    });
    cut.chain(turned).collect()
}

#[tokio::test]
async fn damaged_cbor_registers_nothing() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let whole = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    let object = decode(whole["response"]["attestationObject"].as_str().unwrap());
    let nested = |byte: u8| [vec![byte; 40_000], vec![0]].concat();
    let cut =
        (0..object.len()).step_by(5).map(|length| (format!("cut to {length}"), object[..length].to_vec()));
    let hostile = [
        ("40,000 nested lists", nested(0x81)),
        ("40,000 nested tags", nested(0xc1)),
        ("40,000 nested maps", [0xa1, 0].repeat(20_000)),
        ("a list that says it has 2^64 - 1 items", [vec![0x9b], vec![0xff; 8]].concat()),
        ("bytes that say that they are 2^64 - 1", [vec![0x5b], vec![0xff; 8]].concat()),
        ("a map that says it has 2^32 - 1 items", [vec![0xba], vec![0xff; 4]].concat()),
        ("lists without an end", vec![0x9f; 40_000]),
        ("numbers only", vec![0; 40_000]),
        ("something behind it", [&object[..], &[0]].concat()),
    ];
    let hostile = hostile.into_iter().map(|(what, bytes)| (what.to_owned(), bytes));
    for (what, object) in cut.chain(hostile) {
        assert_not_registered(&vault, &mut member, &what, |passkey, challenge| {
            let mut credential = passkey.create(&challenge.options, |_| {});
            credential["response"]["attestationObject"] = json!(encode(&object));
            credential
        })
        .await;
    }
}

#[tokio::test]
async fn damaged_signatures_and_data_sign_nobody_in() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let (mut passkey, _) = member.add_passkey("Phone").await;
    for part in ["authenticatorData", "clientDataJSON", "signature"] {
        let whole = passkey.get(&get_challenge(&member.client).await.options, |_| {});
        let length = decode(whole["response"][part].as_str().unwrap()).len();
        for place in 0..damage(&vec![0; length]).len() {
            vault.tamper("delete from allowances").await;
            assert_not_signed_in(&vault, &member, &format!("{part} {place}"), |challenge| {
                let mut credential = passkey.get(&challenge.options, |_| {});
                let bytes = decode(credential["response"][part].as_str().unwrap());
                let damaged = damage(&bytes).swap_remove(place.min(damage(&bytes).len() - 1)).1;
                credential["response"][part] = json!(encode(&damaged));
                credential
            })
            .await;
        }
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let vault = TestVault::new().await;
    let mut member = vault.create_member().await;
    let challenge = member.get_passkey_challenge().await;
    let whole = SoftwarePasskey::new(&challenge.options).create(&challenge.options, |_| {});
    for (place, value) in [
        ("/rawId", json!("*")),
        ("/rawId", json!(["AA"])),
        ("/response", Value::Null),
        ("/response/attestationObject", json!(1)),
        ("/response/clientDataJSON", json!("\0")),
        ("/clientExtensionResults", json!("none")),
    ] {
        let mut credential = whole.clone();
        *credential.pointer_mut(place).unwrap() = value;
        assert_problem(member.send_passkey(&challenge, "Phone", credential).await, 422, "invalid");
    }
    let mut large = whole.clone();
    large["response"]["attestationObject"] = json!("A".repeat(64 * 1024));
    assert_problem(member.send_passkey(&challenge, "Phone", large).await, 413, "body_too_large");
    member.send_passkey(&challenge, "Phone", whole).await.expect(201);
}
