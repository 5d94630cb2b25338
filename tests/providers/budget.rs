//! What does not fit is left out aloud.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use crate::played::Reply;
use crate::stage::Stage;
use crate::wire::{ALL, Api, filed};

#[tokio::test]
async fn a_long_text_keeps_its_head_and_its_tail_and_is_said_to_be_cut() {
    for api in ALL {
        let stage = Stage::new(api, move |_| api.says(&filed(&[]))).await;
        let text = format!("HEAD {} TAIL", "word ".repeat(100_000));
        let document = stage.filed(text.as_bytes()).await;
        assert_eq!(document["classification"]["truncated"], true, "{api:?}");
        let (_, user) = api.prompts(&stage.played.only());
        assert!(user.contains("\n\nHEAD word") && user.contains("word TAIL\n----- END"), "{api:?}");
        assert!(user.contains(" characters are left out here ...]"));
        let window = if api == Api::Ollama { 8_192 } else { 65_536 };
        // Words in small letters have two characters a token.
        assert!((window * 3 / 4..window * 2).contains(&user.len()), "{api:?}: {}", user.len());
        assert_eq!(stage.filed(b"short").await["classification"]["truncated"], false);
    }
}

#[tokio::test]
async fn scripts_of_which_a_character_is_many_tokens_fit_as_well() {
    let api = Api::Ollama;
    let stage = Stage::new(api, move |_| api.says(&filed(&[]))).await;
    for text in ["文書を分類する。", "Счётзателескоп", "Τιμολόγιο", "0123456789", "ÄÖÜ", "🧾📄"]
    {
        let document = stage.filed(text.repeat(5_000).as_bytes()).await;
        assert_eq!(document["classification"]["truncated"], true, "{text}");
        let request = stage.played.received().pop().unwrap();
        let option = |name: &str| request.body["options"][name].as_u64().unwrap();
        let (system, user) = api.prompts(&request);
        // No tokenizer makes more tokens than bytes; the instructions are words in small letters.
        let most = u64::try_from(system.len() / 2 + user.len()).unwrap();
        let room = option("num_ctx") - option("num_predict");
        assert!(most <= room, "{text}: {most} of {room}");
    }
}

#[tokio::test]
async fn the_window_of_a_model_of_ones_own_can_be_told() {
    let mut stage = Stage::new(Api::Ollama, |_| Api::Ollama.says(&filed(&[]))).await;
    let text = "word ".repeat(6_000);
    assert_eq!(stage.filed(text.as_bytes()).await["classification"]["truncated"], true);
    stage.vault.classification.providers.context_tokens = NonZeroU32::new(32_768);
    assert_eq!(stage.filed(text.as_bytes()).await["classification"]["truncated"], false);
    assert_eq!(stage.played.received().pop().unwrap().body["options"]["num_ctx"], 32_768);
}

#[tokio::test]
async fn two_hundred_topics_are_all_named_and_leave_room_for_the_text() {
    for api in ALL {
        let stage = Stage::new(api, move |_| api.says(&filed(&[("Subject 199", 1.0)]))).await;
        let mut statement = String::from("insert into topics (id, user_id, name, description) values ");
        for number in 0..200 {
            let separator = if number == 0 { "" } else { "," };
            let (id, description) = (stage.alice.id(), "many words on this ".repeat(100));
            write!(statement, "{separator} (gen_random_uuid(), '{id}', 'Subject {number}', '{description}')")
                .unwrap();
        }
        stage.vault.tamper(&statement).await;
        let document = stage.filed("word ".repeat(1_000).as_bytes()).await;
        assert_eq!(document["topics"][0]["name"], "Subject 199", "{api:?}");
        assert_eq!(document["classification"]["truncated"], true, "descriptions were shortened");
        let request = stage.played.only();
        assert_eq!(crate::wire::names(&api.schema(&request)).len(), 203);
        let (_, user) = api.prompts(&request);
        assert!((0..200).all(|number| user.contains(&format!("- Subject {number}"))), "{api:?}");
        let words = user.matches("word ").count();
        assert!(words > 200, "{api:?}: {words}");
    }
}

#[tokio::test]
async fn topics_that_no_model_could_read_fail_the_document_with_that_reason() {
    let mut stage = Stage::new(Api::Ollama, |_| Reply::Hangup).await;
    let names = "insert into topics (id, name) select gen_random_uuid(), 'NUMBER ' || n || repeat('X', 50) from generate_series(1, 200) n";
    stage.vault.tamper(names).await;
    let verdict = stage.verdict().await;
    assert_eq!((&*verdict.code, verdict.passing), ("prompt_too_long", false));
    assert_eq!(stage.played.received().len(), 0);
}

#[tokio::test]
async fn a_document_without_text_is_filed_by_filename_and_type() {
    for api in ALL {
        let stage = Stage::new(api, move |_| api.says(&filed(&[("Stars", 1.0)]))).await;
        stage.filed(b"").await;
        let (_, user) = api.prompts(&stage.played.only());
        assert!(
            user.contains("Filename: paper.txt\nType: text/plain\n\n(The document has no text"),
            "{user}"
        );
    }
}
