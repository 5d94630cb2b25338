//! Names that look the same have the same name key. A name needs a visible character, and may have joiners
//! (such as U+200D) only where they change how it looks.

use serde_json::{Value, json};
use tests::{Client, TestVault};

use crate::assert_problem;
use crate::topics::create_topic;

const OWN: &str = "/api/topics";
const SYSTEM: &str = "/api/admin/topics";

/// Pairs of names that look the same to a reader.
const LOOK_ALIKE: [[&str; 2]; 7] = [
    ["Café", "CAFE\u{301}"],
    ["ΦΟΡΟΣ", "φορος"],
    ["Straße", "STRASSE"],
    ["Ｔａｘ ２０２４", "tax 2024"],
    ["Invoices", "Invoices\u{fe0f}"],
    ["Übersicht", "U\u{308}BERSICHT"],
    ["کتاب\u{200c}ها", "کتابها"],
];

/// Returns the filenames that a search by `q` finds.
async fn find_filenames(client: &Client, q: &str) -> Vec<String> {
    let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
    let page = client.get(&format!("/api/documents?q={q}")).await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["filename"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_user_never_sees_two_topics_whose_names_look_the_same() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    for [name, same] in LOOK_ALIKE {
        for [first, second] in [[name, same], [same, name]] {
            let made = create_topic(&alice, OWN, first).await;
            assert_eq!(made["name"], first, "the name is kept as it was written");
            assert_problem(alice.post(OWN, json!({"name": second})).await, 409, "topic_exists");
            let path = format!("{OWN}/{}", made["id"].as_str().unwrap());
            alice.patch(&path, json!({"name": second})).await.expect(200);
            assert_problem(alice.post(OWN, json!({"name": first})).await, 409, "topic_exists");
            let system = create_topic(&admin, SYSTEM, first).await;
            assert_problem(alice.delete(&path).await, 404, "not_found");
            assert_problem(alice.post(OWN, json!({"name": second})).await, 409, "topic_exists");
            assert_problem(admin.post(SYSTEM, json!({"name": second})).await, 409, "topic_exists");
            admin.delete(&format!("{SYSTEM}/{}", system["id"].as_str().unwrap())).await.expect(204);
        }
    }
}

#[tokio::test]
async fn a_renamed_topic_frees_its_old_name() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let path = format!("{OWN}/{}", create_topic(&alice, OWN, "Straße").await["id"].as_str().unwrap());
    alice.patch(&path, json!({"description": "kept"})).await.expect(200);
    assert_problem(alice.post(OWN, json!({"name": "STRASSE"})).await, 409, "topic_exists");
    alice.patch(&path, json!({"name": "Weg"})).await.expect(200);
    create_topic(&alice, OWN, "STRASSE").await;
    assert_problem(alice.post(OWN, json!({"name": "weg"})).await, 409, "topic_exists");
}

#[tokio::test]
async fn a_search_finds_filenames_by_parts_that_look_the_same() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for [name, same] in LOOK_ALIKE {
        for [name, q] in [[name, same], [same, name]] {
            let filename = format!("my {name}.txt");
            let upload = alice.store_confirmed(&filename, b"").await;
            assert_eq!(find_filenames(&alice, q).await, [filename.as_str()], "{q}");
            assert_eq!(find_filenames(&alice, &format!(" MY  {q} ")).await, [filename], "{q}");
            alice.delete_document(upload.document_id).await.expect(204);
        }
    }
}

#[tokio::test]
async fn a_search_ignores_invisible_characters() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for name in ["taxes.txt", "a b.txt", "e\u{301}.txt", "x\u{301}.txt"] {
        alice.store_confirmed(name, b"").await;
    }
    assert_eq!(find_filenames(&alice, "tax ").await, ["taxes.txt"]);
    assert_eq!(find_filenames(&alice, "a\u{a0}b").await, ["a b.txt"]);
    assert_eq!(find_filenames(&alice, "a b.").await, ["a b.txt"]);
    for nothing in ["", " ", "\u{200b}", "\u{3164}"] {
        assert_eq!(find_filenames(&alice, nothing).await.len(), 4, "{nothing:?}");
    }
    assert_eq!(
        find_filenames(&alice, "\u{301}").await,
        ["x\u{301}.txt"],
        "a combining mark belongs to its letter"
    );
}

#[tokio::test]
async fn names_without_a_visible_character_are_refused() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
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
async fn joiners_are_allowed_only_where_they_change_what_is_visible() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for name in ["کتاب\u{200c}ها", "ක\u{dca}\u{200d}ර", "👩\u{200d}⚕\u{fe0f} Health"] {
        assert_eq!(create_topic(&alice, OWN, name).await["name"], name);
    }
    for name in ["In\u{200c}voices", "In\u{200d}voices", "\u{200d}Health", "a\u{61c}b", "a\u{2066}b"] {
        assert_problem(alice.post(OWN, json!({"name": name})).await, 422, "invalid");
    }
}

#[tokio::test]
async fn a_filename_with_direction_controls_is_isolated_in_json_and_cleaned_in_the_header() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("invoice\u{202e}fdp.exe", b"hello").await.document_id;
    let isolated: Value = "\u{2068}invoice\u{202e}fdp.exe\u{2069}".into();
    assert_eq!(alice.get(&format!("/api/documents/{id}")).await.expect(200)["filename"], isolated);
    assert_eq!(alice.get("/api/documents").await.expect(200)["items"][0]["filename"], isolated);
    assert_eq!(
        vault.row(id).await["filename"],
        "invoice\u{202e}fdp.exe",
        "the filename is stored as uploaded"
    );
    assert_eq!(find_filenames(&alice, "invoicefdp").await.len(), 1);
    let download = alice.get(&format!("/api/documents/{id}/download")).await.expect(200);
    let fetched = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        fetched.headers()["content-disposition"],
        "attachment; filename=\"invoicefdp.exe\"; filename*=UTF-8''invoicefdp.exe"
    );
}

#[tokio::test]
async fn a_document_with_a_filename_that_is_now_invalid_can_be_downloaded() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    vault.tamper("update documents set filename = '   '").await;
    let download = alice.get(&format!("/api/documents/{id}/download")).await.expect(200);
    assert_eq!(reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap().status(), 200);
}
