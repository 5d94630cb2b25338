//! A text that does not fit into a prompt is shortened, and the result says so.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::Reply;
use crate::fixture::Fixture;

#[tokio::test]
async fn a_long_text_keeps_its_head_and_tail_and_is_marked_as_truncated() {
    for api in ALL {
        let fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[]))).await;
        let text = format!("HEAD {} TAIL", "word ".repeat(100_000));
        let document = fixture.classify(text.as_bytes()).await;
        assert_eq!(document["classification"]["truncated"], true, "{api:?}");
        let (_, user) = api.prompts(&fixture.provider.only_request());
        assert!(user.contains("\n\nHEAD word") && user.contains("word TAIL\n----- END"), "{api:?}");
        assert!(user.contains(" characters are left out here ...]"));
        let window = if api == Api::Ollama { 8_192 } else { 65_536 };
        // Words in lower-case ASCII letters count as one token for two characters.
        assert!((window * 3 / 4..window * 2).contains(&user.len()), "{api:?}: {}", user.len());
        assert_eq!(fixture.classify(b"short").await["classification"]["truncated"], false);
    }
}

#[tokio::test]
async fn texts_in_scripts_with_many_tokens_a_character_fit() {
    let api = Api::Ollama;
    let fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[]))).await;
    for text in ["文書を分類する。", "Счётзателескоп", "Τιμολόγιο", "0123456789", "ÄÖÜ", "🧾📄"]
    {
        let document = fixture.classify(text.repeat(5_000).as_bytes()).await;
        assert_eq!(document["classification"]["truncated"], true, "{text}");
        let request = fixture.provider.requests().pop().unwrap();
        let option = |name: &str| request.body["options"][name].as_u64().unwrap();
        let (system, user) = api.prompts(&request);
        // No tokenizer makes more tokens than bytes. The instructions are words in lower-case ASCII letters.
        let most = u64::try_from(system.len() / 2 + user.len()).unwrap();
        let room = option("num_ctx") - option("num_predict");
        assert!(most <= room, "{text}: {most} of {room}");
    }
}

#[tokio::test]
async fn the_context_window_of_a_model_can_be_configured() {
    let mut fixture = Fixture::new(Api::Ollama, |_| Api::Ollama.answer(&topics_answer(&[]))).await;
    let text = "word ".repeat(6_000);
    assert_eq!(fixture.classify(text.as_bytes()).await["classification"]["truncated"], true);
    fixture.vault.classification.providers.context_tokens = NonZeroU32::new(32_768);
    assert_eq!(fixture.classify(text.as_bytes()).await["classification"]["truncated"], false);
    assert_eq!(fixture.provider.requests().pop().unwrap().body["options"]["num_ctx"], 32_768);
}

#[tokio::test]
async fn two_hundred_topics_are_all_listed_and_leave_room_for_the_text() {
    for api in ALL {
        let fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[("Subject 199", 1.0)]))).await;
        let mut statement = String::from("insert into topics (id, user_id, name, description) values ");
        for number in 0..200 {
            let separator = if number == 0 { "" } else { "," };
            let (id, description) = (fixture.alice.id(), "many words on this ".repeat(100));
            write!(statement, "{separator} (gen_random_uuid(), '{id}', 'Subject {number}', '{description}')")
                .unwrap();
        }
        fixture.vault.tamper(&statement).await;
        let document = fixture.classify("word ".repeat(1_000).as_bytes()).await;
        assert_eq!(document["topics"][0]["name"], "Subject 199", "{api:?}");
        assert_eq!(document["classification"]["truncated"], true, "descriptions are shortened");
        let request = fixture.provider.only_request();
        assert_eq!(crate::api_formats::allowed_names(&api.schema(&request)).len(), 203);
        let (_, user) = api.prompts(&request);
        assert!((0..200).all(|number| user.contains(&format!("- Subject {number}"))), "{api:?}");
        let words = user.matches("word ").count();
        assert!(words > 200, "{api:?}: {words}");
    }
}

#[tokio::test]
async fn a_document_fails_if_the_topic_names_do_not_fit_into_the_prompt() {
    let mut fixture = Fixture::new(Api::Ollama, |_| Reply::Hangup).await;
    let names = "insert into topics (id, name) select gen_random_uuid(), 'NUMBER ' || n || repeat('X', 50) from generate_series(1, 200) n";
    fixture.vault.tamper(names).await;
    let failure = fixture.expect_failure().await;
    assert_eq!((&*failure.code, failure.retried), ("prompt_too_long", false));
    assert_eq!(fixture.provider.requests().len(), 0);
}

#[tokio::test]
async fn the_prompt_for_a_document_without_text_has_filename_and_type() {
    for api in ALL {
        let fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[("Stars", 1.0)]))).await;
        fixture.classify(b"").await;
        let (_, user) = api.prompts(&fixture.provider.only_request());
        assert!(
            user.contains("Filename: paper.txt\nType: text/plain\n\n(The document has no text"),
            "{user}"
        );
    }
}
