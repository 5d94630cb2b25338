//! Each request to a provider has the right key or signature.

use crate::api_formats::{ALL, Api, KEY, topics_answer};
use crate::fixture::{Fixture, TEXT};

#[tokio::test]
async fn each_api_gets_its_own_key_and_no_other() {
    for api in ALL {
        let mut fixture = Fixture::new(api, move |_| api.answer(&topics_answer(&[]))).await;
        let providers = &mut fixture.vault.classification.providers;
        for other in ALL {
            other.give_key(providers, format!("{KEY} of {}", other.name()));
        }
        fixture.classify(TEXT).await;
        let request = fixture.provider.only_request();
        let expected = api.key_header(&format!("{KEY} of {}", api.name()));
        let keys = request.headers.iter().filter(|(_, value)| value.contains(KEY));
        let keys: Vec<_> = keys.map(|(name, value)| (name.as_str(), value.clone())).collect();
        assert_eq!(keys, Vec::from_iter(expected));
        assert!(!request.raw.contains(KEY));
        if api == Api::Anthropic {
            assert_eq!(request.headers["anthropic-version"], "2023-06-01");
        }
    }
}

#[tokio::test]
async fn bedrock_requests_without_a_key_are_signed_with_the_functions_credentials() {
    let fixture = Fixture::new(Api::Bedrock, |_| Api::Bedrock.answer(&topics_answer(&[]))).await;
    fixture.classify(TEXT).await;
    let headers = fixture.provider.only_request().headers;
    let authorization = &headers["authorization"];
    let aws = &fixture.vault.classification.providers.aws;
    let signer = format!("AWS4-HMAC-SHA256 Credential={}/", aws.credentials.access_key_id());
    assert!(authorization.starts_with(&signer), "{authorization}");
    assert!(authorization.contains(&format!("/{}/bedrock/aws4_request", aws.region)), "{authorization}");
    assert!(authorization.contains("SignedHeaders=content-type;host;x-amz-date"), "{authorization}");
    assert!(headers.contains_key("x-amz-date"));
}

#[tokio::test]
async fn a_configured_openai_server_needs_no_key_and_public_apis_name_the_missing_variable() {
    let mut fixture = Fixture::new(Api::OpenAi, |_| Api::OpenAi.answer(&topics_answer(&[]))).await;
    fixture.vault.classification.providers.openai_key = None;
    fixture.classify(TEXT).await;
    assert_eq!(fixture.provider.only_request().headers.get("authorization"), None);

    fixture.vault.classification.providers.openai_url = None;
    let failure = fixture.expect_failure().await;
    assert_eq!((&*failure.code, failure.retried), ("provider_not_configured", true));
    assert_eq!(failure.message, "the provider is not configured (OPENAI_API_KEY is not set)");

    let mut fixture = Fixture::new(Api::Anthropic, |_| Api::Anthropic.answer(&topics_answer(&[]))).await;
    fixture.vault.classification.providers.anthropic_key = None;
    let failure = fixture.expect_failure().await;
    assert_eq!((&*failure.code, failure.retried), ("provider_not_configured", true));
    assert_eq!(failure.message, "the provider is not configured (ANTHROPIC_API_KEY is not set)");
    assert_eq!(fixture.provider.requests().len(), 0);
}
