//! Whatever a model says, what is kept of it is topics of the owner's vocabulary.

use crate::played::Reply;
use crate::stage::{Stage, TEXT, topics};
use crate::wire::{ALL, Api, filed};

#[tokio::test]
async fn an_answer_is_found_in_markdown_and_after_reasoning() {
    for api in ALL {
        let stage = Stage::new(api, |_| Reply::Hangup).await;
        let answer = filed(&[("Invoices", 0.5)]);
        for said in [
            format!("```json\n{answer}\n```"),
            format!("<think>\nCould be {}. No.\n</think>\n\n{answer}", filed(&[("Stars", 1.0)])),
            format!("Here is the JSON:\n{answer}\nI hope it helps."),
        ] {
            let reply = said.clone();
            stage.played.set(move |_| api.says(&reply));
            assert_eq!(topics(&stage.filed(TEXT).await), ["Invoices"], "{api:?} {said}");
        }
    }
}

#[tokio::test]
async fn names_that_are_not_in_the_list_are_dropped_and_spelling_is_folded() {
    for api in ALL {
        let said = filed(&[
            ("Secrets", 1.0),
            ("  iNVOICES ", 0.25),
            ("Invoices", 0.75),
            ("Contracts, Stars", 1.0),
            ("", 1.0),
        ]);
        let stage = Stage::new(api, move |_| api.says(&said)).await;
        let document = stage.filed(TEXT).await;
        assert_eq!(topics(&document), ["Invoices"], "{api:?}");
        assert_eq!(document["topics"][0]["confidence"], 0.75);
    }
}

#[tokio::test]
async fn a_confidence_is_kept_between_0_and_1_or_not_at_all() {
    let api = Api::Ollama;
    let stage = Stage::new(api, |_| Reply::Hangup).await;
    for (given, kept) in
        [("85", Some(1.0)), ("0.01", Some(0.01)), ("0.5", Some(0.5)), ("null", None), (r#""high""#, None)]
    {
        let said = format!(r#"{{"topics": [{{"name": "Stars", "confidence": {given}}}]}}"#);
        stage.played.set(move |_| api.says(&said));
        let document = stage.filed(TEXT).await;
        assert_eq!(topics(&document), ["Stars"]);
        let confidence = document["topics"][0]["confidence"].as_f64();
        assert_eq!(confidence.map(|value| (value * 100.0).round() / 100.0), kept, "{given}");
    }
    stage.played.set(move |_| api.says(&filed(&[("Stars", 0.0), ("Invoices", 0.2)])));
    assert_eq!(topics(&stage.filed(TEXT).await), ["Invoices"], "what is said not to fit does not");
}

#[tokio::test]
async fn what_is_no_answer_may_be_one_another_time() {
    for api in ALL {
        let mut stage = Stage::new(api, |_| Reply::Hangup).await;
        for said in [
            "This is an invoice for a telescope.",
            "",
            "{}",
            "null",
            r#"{"topics": "Invoices"}"#,
            "<think>Well",
        ] {
            stage.played.set(move |_| api.says(said));
            let verdict = stage.verdict().await;
            assert_eq!((&*verdict.code, verdict.passing), ("answer_unreadable", true), "{api:?} {said}");
        }
        for body in ["", "<html>Welcome</html>", "[]", "{}", r#"{"error": {"message": "overloaded"}}"#] {
            stage.played.set(move |_| Reply::Whole(200, "", body.to_owned()));
            let verdict = stage.verdict().await;
            assert_eq!((&*verdict.code, verdict.passing), ("answer_unreadable", true), "{api:?} {body}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_met_its_limit_is_cut_even_if_it_looks_whole() {
    for (api, reason) in [
        (Api::Ollama, "length"),
        (Api::OpenAi, "length"),
        (Api::Anthropic, "max_tokens"),
        (Api::Anthropic, "model_context_window_exceeded"),
        (Api::Bedrock, "max_tokens"),
        (Api::Bedrock, "model_context_window_exceeded"),
    ] {
        let mut stage = Stage::new(api, move |_| api.ends(&filed(&[("Invoices", 1.0)]), reason)).await;
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("answer_cut", true), "{api:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (api, reason) in [
        (Api::OpenAi, "content_filter"),
        (Api::Anthropic, "refusal"),
        (Api::Bedrock, "content_filtered"),
        (Api::Bedrock, "guardrail_intervened"),
    ] {
        let mut stage = Stage::new(api, move |_| api.ends("", reason)).await;
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("answer_refused", false), "{api:?}");
    }
    let mut stage = Stage::new(Api::OpenAi, |_| {
        let message = r#"{"role": "assistant", "content": null, "refusal": "I can't help with that."}"#;
        let body =
            format!(r#"{{"choices": [{{"index": 0, "message": {message}, "finish_reason": "stop"}}]}}"#);
        Reply::Whole(200, "", body)
    })
    .await;
    assert_eq!(stage.verdict().await.code, "answer_refused");
}
