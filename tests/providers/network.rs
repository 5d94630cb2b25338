//! What goes wrong on the way, and where documents must never go.

use crate::played::{Played, Reply};
use crate::stage::{Stage, TEXT};
use crate::wire::{ALL, Api, filed};

#[tokio::test]
async fn a_redirect_is_followed_nowhere() {
    for api in ALL {
        for status in [301, 302, 303, 307, 308] {
            let other = Played::start(move |_| api.says(&filed(&[("Invoices", 1.0)]))).await;
            let target: &'static str = format!("location: {}/v1", other.url).leak();
            let mut stage = Stage::new(api, move |_| Reply::Whole(status, target, String::new())).await;
            let verdict = stage.verdict().await;
            assert_eq!((&*verdict.code, verdict.passing), ("provider_redirected", false), "{api:?} {status}");
            assert_eq!(other.received().len(), 0, "{api:?} {status}");
            assert_eq!(stage.played.received().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_text_goes_to_the_assigned_provider_and_to_no_other_whatever_becomes_of_it() {
    for api in ALL {
        let other = Played::start(|_| Reply::Hangup).await;
        let mut stage = Stage::new(api, move |_| api.fails(503, "")).await;
        let failing = stage.played.url.clone();
        for bystander in ALL {
            bystander.locate(&mut stage.vault.classification.providers, &other.url);
        }
        api.locate(&mut stage.vault.classification.providers, &failing);
        assert_eq!(stage.verdict().await.code, "provider_unavailable");
        assert_eq!(other.received().len(), 0, "{api:?}");
    }
}

#[tokio::test]
async fn an_owner_is_served_by_the_provider_that_is_assigned_to_the_owner() {
    let mut stage = Stage::new(Api::Ollama, |_| Api::Ollama.says(&filed(&[]))).await;
    let other = Played::start(|_| Api::Anthropic.says(&filed(&[]))).await;
    Api::Anthropic.locate(&mut stage.vault.classification.providers, &other.url);
    let alice = stage.alice.id();
    let assign = "ai_provider = 'anthropic', ai_model = 'claude-sonnet-4-5'";
    stage.vault.tamper(&format!("update users set {assign} where id = '{alice}'")).await;
    let document = stage.filed(TEXT).await;
    assert_eq!(document["classification"]["provider"], "anthropic");
    assert_eq!(document["classification"]["model"], "claude-sonnet-4-5");
    assert_eq!(other.only().body["model"], "claude-sonnet-4-5");
    assert_eq!(stage.played.received().len(), 0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_may_come_whole_another_time() {
    for api in ALL {
        let mut stage = Stage::new(api, move |_| match api.says(&filed(&[("Invoices", 1.0)])) {
            Reply::Whole(_, _, body) => Reply::Half(body),
            other => other,
        })
        .await;
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("answer_cut", true), "{api:?}");
        stage.played.set(|_| Reply::Hangup);
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("answer_cut", true), "{api:?}");
    }
}

#[tokio::test]
async fn a_slow_drip_is_given_no_more_time_than_silence() {
    let mut stage = Stage::new(Api::Ollama, |_| Reply::Drip).await;
    let verdict = stage.verdict_soon().await;
    assert_eq!((&*verdict.code, verdict.passing), ("provider_timeout", true));
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_a_bound() {
    let mut stage = Stage::new(Api::Ollama, |_| Reply::Endless).await;
    let verdict = stage.verdict().await;
    assert_eq!((&*verdict.code, verdict.passing), ("answer_too_large", true));
    stage.played.set(|_| Api::Ollama.says(&format!("{}{}", " ".repeat(600 * 1024), filed(&[]))));
    assert_eq!(stage.verdict().await.code, "answer_too_large");
}

#[tokio::test]
async fn a_host_that_can_t_prove_who_it_is_gets_no_document() {
    for api in ALL {
        let played = Played::self_signed(move |_| api.says(&filed(&[("Invoices", 1.0)]))).await;
        let mut stage = Stage::on(api, played).await;
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("provider_tls_failed", true), "{api:?}");
        assert_eq!(stage.played.received().len(), 0);
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_may_be_there_another_time() {
    for api in ALL {
        let mut stage = Stage::new(api, |_| Reply::Hangup).await;
        api.locate(&mut stage.vault.classification.providers, "http://127.0.0.1:1");
        let verdict = stage.verdict().await;
        assert_eq!((&*verdict.code, verdict.passing), ("provider_unreachable", true), "{api:?}");
        assert_eq!(verdict.message, format!("no connection to the provider could be made ({})", api.name()));
    }
}
