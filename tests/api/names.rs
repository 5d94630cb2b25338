//! What people see as the same is one name, what nobody sees is none, and joiners stay where they shape what is seen.

use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::topics::make;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

/// Each a name, and what is the same to those who read it.
const SAME: [[&str; 2]; 7] = [
    ["Café", "CAFE\u{301}"],
    ["ΦΟΡΟΣ", "φορος"],
    ["Straße", "STRASSE"],
    ["Ｔａｘ ２０２４", "tax 2024"],
    ["Invoices", "Invoices\u{fe0f}"],
    ["Übersicht", "U\u{308}BERSICHT"],
    ["کتاب\u{200c}ها", "کتابها"],
];

/// The filenames that a search finds.
async fn found(client: &Client, q: &str) -> Vec<String> {
    let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
    let page = client.get(&format!("/api/documents?q={q}")).await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["filename"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn of_names_that_look_the_same_a_user_sees_one() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.user().await, vault.admin().await);
    for [name, same] in SAME {
        for [first, second] in [[name, same], [same, name]] {
            let made = make(&alice, OWN, first).await;
            assert_eq!(made["name"], first, "as it was written");
            assert_problem(alice.post(OWN, json!({"name": second})).await, 409, "topic_exists");
            let path = format!("{OWN}/{}", made["id"].as_str().unwrap());
            alice.patch(&path, json!({"name": second})).await.expect(200);
            assert_problem(alice.post(OWN, json!({"name": first})).await, 409, "topic_exists");
            let system = make(&admin, SYSTEM, first).await;
            assert_problem(alice.delete(&path).await, 404, "not_found");
            assert_problem(alice.post(OWN, json!({"name": second})).await, 409, "topic_exists");
            assert_problem(admin.post(SYSTEM, json!({"name": second})).await, 409, "topic_exists");
            admin.delete(&format!("{SYSTEM}/{}", system["id"].as_str().unwrap())).await.expect(204);
        }
    }
}

#[tokio::test]
async fn a_renamed_topic_leaves_its_old_name_to_others() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let path = format!("{OWN}/{}", make(&alice, OWN, "Straße").await["id"].as_str().unwrap());
    alice.patch(&path, json!({"description": "kept"})).await.expect(200);
    assert_problem(alice.post(OWN, json!({"name": "STRASSE"})).await, 409, "topic_exists");
    alice.patch(&path, json!({"name": "Weg"})).await.expect(200);
    make(&alice, OWN, "STRASSE").await;
    assert_problem(alice.post(OWN, json!({"name": "weg"})).await, 409, "topic_exists");
}

#[tokio::test]
async fn a_file_is_found_by_whatever_looks_like_a_part_of_its_name() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for [name, same] in SAME {
        for [name, q] in [[name, same], [same, name]] {
            let filename = format!("my {name}.txt");
            let upload = alice.keep(&filename, b"").await;
            assert_eq!(found(&alice, q).await, [filename.as_str()], "{q}");
            assert_eq!(found(&alice, &format!(" MY  {q} ")).await, [filename], "{q}");
            alice.remove(upload.document_id).await.expect(204);
        }
    }
}

#[tokio::test]
async fn what_of_a_search_nobody_sees_is_not_searched_for() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for name in ["taxes.txt", "a b.txt", "e\u{301}.txt", "x\u{301}.txt"] {
        alice.keep(name, b"").await;
    }
    assert_eq!(found(&alice, "tax ").await, ["taxes.txt"]);
    assert_eq!(found(&alice, "a\u{a0}b").await, ["a b.txt"]);
    assert_eq!(found(&alice, "a b.").await, ["a b.txt"]);
    for nothing in ["", " ", "\u{200b}", "\u{3164}"] {
        assert_eq!(found(&alice, nothing).await.len(), 4, "{nothing:?}");
    }
    assert_eq!(
        found(&alice, "\u{301}").await,
        ["x\u{301}.txt"],
        "a mark is a part of the letter that it makes"
    );
}

#[tokio::test]
async fn what_nobody_sees_is_no_name() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.user().await, vault.admin().await);
    for name in [
        "\u{3164}",
        "\u{2800}",
        "\u{115f}\u{1160}",
        "\u{ffa0}",
        "\u{fe0f}",
        "   ",
        "\u{2800} \u{3164}",
        "\u{301}",
    ] {
        for (client, url) in [(&alice, OWN), (&admin, SYSTEM)] {
            assert_problem(client.post(url, json!({"name": name})).await, 422, "invalid");
        }
        let upload = json!({"filename": name, "content_type": "text/plain"});
        assert_problem(alice.post("/api/documents/upload-url", upload).await, 422, "invalid");
    }
}

#[tokio::test]
async fn joiners_are_admitted_where_they_shape_what_is_seen_and_nowhere_else() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for name in ["کتاب\u{200c}ها", "ක\u{dca}\u{200d}ර", "👩\u{200d}⚕\u{fe0f} Health"] {
        assert_eq!(make(&alice, OWN, name).await["name"], name);
    }
    for name in ["In\u{200c}voices", "In\u{200d}voices", "\u{200d}Health", "a\u{61c}b", "a\u{2066}b"] {
        assert_problem(alice.post(OWN, json!({"name": name})).await, 422, "invalid");
    }
}

#[tokio::test]
async fn a_filename_that_turns_what_is_read_is_isolated_in_lists_and_plain_in_the_header() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("invoice\u{202e}fdp.exe", b"hello").await.document_id;
    let isolated: Value = "\u{2068}invoice\u{202e}fdp.exe\u{2069}".into();
    assert_eq!(alice.get(&format!("/api/documents/{id}")).await.expect(200)["filename"], isolated);
    assert_eq!(alice.get("/api/documents").await.expect(200)["items"][0]["filename"], isolated);
    assert_eq!(vault.row(id).await["filename"], "invoice\u{202e}fdp.exe", "kept as uploaded");
    assert_eq!(found(&alice, "invoicefdp").await.len(), 1);
    let download = alice.get(&format!("/api/documents/{id}/download")).await.expect(200);
    let fetched = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        fetched.headers()["content-disposition"],
        "attachment; filename=\"invoicefdp.exe\"; filename*=UTF-8''invoicefdp.exe"
    );
}

#[tokio::test]
async fn a_document_whose_name_was_admitted_once_is_downloaded_still() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    vault.tamper("update documents set filename = '   '").await;
    let download = alice.get(&format!("/api/documents/{id}/download")).await.expect(200);
    assert_eq!(reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap().status(), 200);
}
