//! Network faults, and servers that must not get a document.

use crate::api_formats::{ALL, Api, topics_answer};
use crate::fake_provider::{FakeProvider, Reply};
use crate::fixture::{Fixture, TEXT};

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for api in ALL {
        for status in [301, 302, 303, 307, 308] {
            let other = FakeProvider::start(move |_| api.answer(&topics_answer(&[("Invoices", 1.0)]))).await;
            let target: &'static str = format!("location: {}/v1", other.url).leak();
            let mut fixture = Fixture::new(api, move |_| Reply::Whole(status, target, String::new())).await;
            let failure = fixture.expect_failure().await;
            assert_eq!((&*failure.code, failure.retried), ("provider_redirected", false), "{api:?} {status}");
            assert_eq!(other.requests().len(), 0, "{api:?} {status}");
            assert_eq!(fixture.provider.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_document_goes_to_no_other_provider_if_its_own_fails() {
    for api in ALL {
        let other = FakeProvider::start(|_| Reply::Hangup).await;
        let mut fixture = Fixture::new(api, move |_| api.error(503, "")).await;
        let failing = fixture.provider.url.clone();
        for bystander in ALL {
            bystander.configure(&mut fixture.vault.classification.providers, &other.url);
        }
        api.configure(&mut fixture.vault.classification.providers, &failing);
        assert_eq!(fixture.expect_failure().await.code, "provider_unavailable");
        assert_eq!(other.requests().len(), 0, "{api:?}");
    }
}

#[tokio::test]
async fn the_provider_and_model_assigned_to_the_owner_are_used() {
    let mut fixture = Fixture::new(Api::Ollama, |_| Api::Ollama.answer(&topics_answer(&[]))).await;
    let other = FakeProvider::start(|_| Api::Anthropic.answer(&topics_answer(&[]))).await;
    Api::Anthropic.configure(&mut fixture.vault.classification.providers, &other.url);
    let alice = fixture.alice.id();
    let assign = "ai_provider = 'anthropic', ai_model = 'claude-sonnet-4-5'";
    fixture.vault.tamper(&format!("update users set {assign} where id = '{alice}'")).await;
    let document = fixture.classify(TEXT).await;
    assert_eq!(document["classification"]["provider"], "anthropic");
    assert_eq!(document["classification"]["model"], "claude-sonnet-4-5");
    assert_eq!(other.only_request().body["model"], "claude-sonnet-4-5");
    assert_eq!(fixture.provider.requests().len(), 0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_retried() {
    for api in ALL {
        let mut fixture =
            Fixture::new(api, move |_| match api.answer(&topics_answer(&[("Invoices", 1.0)])) {
                Reply::Whole(_, _, body) => Reply::Half(body),
                other => other,
            })
            .await;
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("answer_cut", true), "{api:?}");
        fixture.provider.answer_with(|_| Reply::Hangup);
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("answer_cut", true), "{api:?}");
    }
}

#[tokio::test]
async fn an_answer_that_trickles_times_out() {
    let mut fixture = Fixture::new(Api::Ollama, |_| Reply::Drip).await;
    let failure = fixture.expect_failure_with_short_timeout().await;
    assert_eq!((&*failure.code, failure.retried), ("provider_timeout", true));
}

#[tokio::test]
async fn an_endless_answer_is_read_up_to_a_limit() {
    let mut fixture = Fixture::new(Api::Ollama, |_| Reply::Endless).await;
    let failure = fixture.expect_failure().await;
    assert_eq!((&*failure.code, failure.retried), ("answer_too_large", true));
    fixture
        .provider
        .answer_with(|_| Api::Ollama.answer(&format!("{}{}", " ".repeat(600 * 1024), topics_answer(&[]))));
    assert_eq!(fixture.expect_failure().await.code, "answer_too_large");
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_gets_no_document() {
    for api in ALL {
        let provider =
            FakeProvider::start_self_signed(move |_| api.answer(&topics_answer(&[("Invoices", 1.0)]))).await;
        let mut fixture = Fixture::with_provider(api, provider).await;
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("provider_tls_failed", true), "{api:?}");
        assert_eq!(fixture.provider.requests().len(), 0);
    }
}

#[tokio::test]
async fn an_unreachable_provider_is_retried() {
    for api in ALL {
        let mut fixture = Fixture::new(api, |_| Reply::Hangup).await;
        api.configure(&mut fixture.vault.classification.providers, "http://127.0.0.1:1");
        let failure = fixture.expect_failure().await;
        assert_eq!((&*failure.code, failure.retried), ("provider_unreachable", true), "{api:?}");
        assert_eq!(failure.message, format!("the provider could not be reached ({})", api.name()));
    }
}
