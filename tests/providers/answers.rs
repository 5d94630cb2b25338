//! Answers of models. The vault keeps only topics of the owner's vocabulary.

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::Reply;
use crate::fixture::{Fixture, TEXT, topics};

#[tokio::test]
async fn an_answer_inside_markdown_or_after_reasoning_is_found() {
    for api in ALL {
        let fixture = Fixture::new(api, |_| Reply::Hangup).await;
        let answer = topics_answer(&[("Invoices", 0.5)]);
        for text in [
            format!("```json\n{answer}\n```"),
            format!("<think>\nCould be {}. No.\n</think>\n\n{answer}", topics_answer(&[("Stars", 1.0)])),
            format!("Here is the JSON:\n{answer}\nI hope it helps."),
        ] {
            let reply = text.clone();
            fixture.provider.answer_with(move |_| api.answer(&reply));
            assert_eq!(topics(&fixture.classify(TEXT).await), ["Invoices"], "{api:?} {text}");
        }
    }
}

#[tokio::test]
async fn unknown_names_are_dropped_and_names_are_compared_by_their_keys() {
    for api in ALL {
        let text = topics_answer(&[
            ("Secrets", 1.0),
            ("  iNVOICES ", 0.25),
            ("Invoices", 0.75),
            ("Contracts, Stars", 1.0),
            ("", 1.0),
        ]);
        let fixture = Fixture::new(api, move |_| api.answer(&text)).await;
        let document = fixture.classify(TEXT).await;
        assert_eq!(topics(&document), ["Invoices"], "{api:?}");
        assert_eq!(document["topics"][0]["confidence"], 0.75);
    }
}

#[tokio::test]
async fn a_confidence_is_limited_to_0_to_1_or_dropped() {
    let api = Api::Ollama;
    let fixture = Fixture::new(api, |_| Reply::Hangup).await;
    for (given, kept) in
        [("85", Some(1.0)), ("0.01", Some(0.01)), ("0.5", Some(0.5)), ("null", None), (r#""high""#, None)]
    {
        let text = format!(r#"{{"topics": [{{"name": "Stars", "confidence": {given}}}]}}"#);
        fixture.provider.answer_with(move |_| api.answer(&text));
        let document = fixture.classify(TEXT).await;
        assert_eq!(topics(&document), ["Stars"]);
        let confidence = document["topics"][0]["confidence"].as_f64();
        assert_eq!(confidence.map(|value| (value * 100.0).round() / 100.0), kept, "{given}");
    }
    fixture.provider.answer_with(move |_| api.answer(&topics_answer(&[("Stars", 0.0), ("Invoices", 0.2)])));
    assert_eq!(topics(&fixture.classify(TEXT).await), ["Invoices"], "a topic with confidence 0 is dropped");
}

#[tokio::test]
async fn an_unreadable_answer_is_retried() {
    for api in ALL {
        let mut fixture = Fixture::new(api, |_| Reply::Hangup).await;
        for text in [
            "This is an invoice for a telescope.",
            "",
            "{}",
            "null",
            r#"{"topics": "Invoices"}"#,
            "<think>Well",
        ] {
            fixture.provider.answer_with(move |_| api.answer(text));
            let failure = fixture.expect_failure().await;
            assert_eq!((&*failure.code, failure.retried), ("answer_unreadable", true), "{api:?} {text}");
        }
        for body in ["", "<html>Welcome</html>", "[]", "{}", r#"{"error": {"message": "overloaded"}}"#] {
            fixture.provider.answer_with(move |_| Reply::Whole(200, "", body.to_owned()));
            let failure = fixture.expect_failure().await;
            assert_eq!((&*failure.code, failure.retried), ("answer_unreadable", true), "{api:?} {body}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_reached_a_length_limit_is_cut_even_if_it_looks_complete() {
    for (api, reason) in [
        (Api::Ollama, "length"),
        (Api::OpenAi, "length"),
        (Api::Anthropic, "max_tokens"),
        (Api::Anthropic, "model_context_window_exceeded"),
        (Api::Bedrock, "max_tokens"),
        (Api::Bedrock, "model_context_window_exceeded"),
    ] {
        let mut fixture =
            Fixture::new(api, move |_| api.incomplete_answer(&topics_answer(&[("Invoices", 1.0)]), reason))
                .await;
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("answer_cut", true), "{api:?}");
    }
}

#[tokio::test]
async fn a_refused_answer_is_not_retried() {
    for (api, reason) in [
        (Api::OpenAi, "content_filter"),
        (Api::Anthropic, "refusal"),
        (Api::Bedrock, "content_filtered"),
        (Api::Bedrock, "guardrail_intervened"),
    ] {
        let mut fixture = Fixture::new(api, move |_| api.incomplete_answer("", reason)).await;
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("answer_refused", false), "{api:?}");
    }
    let mut fixture = Fixture::new(Api::OpenAi, |_| {
        let message = r#"{"role": "assistant", "content": null, "refusal": "I can't help with that."}"#;
        let body =
            format!(r#"{{"choices": [{{"index": 0, "message": {message}, "finish_reason": "stop"}}]}}"#);
        Reply::Whole(200, "", body)
    })
    .await;
    assert_eq!(fixture.expect_failure().await.code, "answer_refused");
}
