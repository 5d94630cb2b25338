//! The provider `bedrock`: requests to the Converse API of Amazon Bedrock, signed as AWS requires. They are
//! written without the SDK, which would add a quarter of a megabyte to the zip for one request with a JSON
//! body, and which does not limit the size of an answer.

use std::time::SystemTime;

use docuvault::aws::{ESCAPED, Signer, domain};
use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::config;
use extract::Image;
use hyper::Request;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::models::{Form, Sampling, family_of};
use super::request::{Api, Call, Question, Window, merge, text_at};

/// The tool that a model must call if it cannot answer by schema. The input of the tool is the answer.
const TOOL: &str = "file_document";

/// The API of Amazon Bedrock, which other servers may have, too.
pub const API: Api = Api {
    window: Window::OnServer(4_096),
    schema_in_prompt: true,
    key: |keys| keys.bedrock.as_ref(),
    write_request,
    answer_text,
    token_counts: ["/usage/inputTokens", "/usage/outputTokens"],
};

fn write_request(
    question: &Question<'_>,
    config: &config::ProviderConfig,
    key: Option<&str>,
) -> Result<Call, ClassificationError> {
    let base = config.bedrock_url.clone().unwrap_or_else(|| aws_url(&config.aws.region));
    // The name of a model can contain colons, and an ARN contains slashes.
    let url = format!("{base}/model/{}/converse", utf8_percent_encode(question.model, ESCAPED));
    let body = request_body(question).to_string();
    let headers = match key {
        Some(key) => vec![("authorization", format!("Bearer {key}"))],
        None => signature_headers(&config.aws, &url, body.as_bytes(), SystemTime::now())?,
    };
    Ok(Call { url, headers, body: body.into() })
}

/// Returns the address of Bedrock in a region.
fn aws_url(region: &str) -> String {
    format!("https://bedrock-runtime.{region}.{}", domain(region))
}

fn request_body(question: &Question<'_>) -> Value {
    let family = family_of(question.model);
    let sampling = match family.map(|family| family.sampling) {
        Some(Sampling::Temperature) | None => json!({"temperature": 0}),
        Some(Sampling::Fixed | Sampling::Reasoning) => json!({}),
    };
    let form = if family.is_some_and(|family| family.form == Form::Tool) {
        let tool = json!({"name": TOOL, "inputSchema": {"json": question.schema}});
        json!({"toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": TOOL}}}})
    } else {
        let schema = json!({"name": "filing", "schema": question.schema.to_string()});
        json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}})
    };
    let body = json!({
        "system": [{"text": question.system}],
        "messages": [{"role": "user", "content": content(question)}],
        "inferenceConfig": merge(json!({"maxTokens": question.max_answer_tokens}), sampling),
    });
    merge(body, form)
}

/// The user's message: a list of blocks, first the images, then the text.
fn content(question: &Question<'_>) -> Value {
    let image = |jpeg: &Image| json!({"image": {"format": "jpeg", "source": {"bytes": jpeg}}});
    question.images.iter().map(image).chain([json!({"text": question.user})]).collect()
}

/// The headers that sign the request (AWS Signature Version 4).
fn signature_headers(
    aws: &config::AwsConfig,
    url: &str,
    body: &[u8],
    now: SystemTime,
) -> Result<Vec<(&'static str, String)>, ClassificationError> {
    let request = Request::post(url).header("content-type", "application/json").body(body.to_vec().into());
    let mut request = request.map_err(signing_problem)?;
    Signer::new(aws, "bedrock").authorize(&mut request, now).map_err(signing_problem)?;
    let value = |name| Some((name, request.headers().get(name)?.to_str().ok()?.to_owned()));
    Ok(["authorization", "x-amz-date", "x-amz-security-token"].into_iter().filter_map(value).collect())
}

/// Returns the error for a request that cannot be signed. Only the model's name or the endpoint can be wrong,
/// because the vault writes everything else itself.
fn signing_problem(_: impl std::error::Error) -> ClassificationError {
    ClassificationError::new(FailureCode::ProviderRejected, "the request to bedrock cannot be signed")
}

fn answer_text(body: &Value) -> Result<String, ClassificationError> {
    match text_at(body, "/stopReason") {
        "max_tokens" | "model_context_window_exceeded" => return Err(FailureCode::AnswerCut.into()),
        "content_filtered" | "guardrail_intervened" => return Err(FailureCode::AnswerRefused.into()),
        "malformed_model_output" | "malformed_tool_use" => return Err(FailureCode::AnswerUnreadable.into()),
        _ => {}
    }
    let blocks = body.pointer("/output/message/content").and_then(Value::as_array);
    let text = |block: &Value| match block.pointer("/toolUse/input") {
        Some(input) => input.to_string(),
        None => text_at(block, "/text").to_owned(),
    };
    Ok(blocks.into_iter().flatten().map(text).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_credential_types::Credentials;

    use super::*;

    #[test]
    fn a_region_in_china_has_another_domain() {
        assert_eq!(aws_url("eu-west-1"), "https://bedrock-runtime.eu-west-1.amazonaws.com");
        assert_eq!(aws_url("cn-north-1"), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
    }

    /// The expected signature was computed by botocore, which escapes the path of the URL a second time.
    #[test]
    fn a_signature_is_the_one_that_aws_expects() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".into()), None, "test");
        let aws = config::AwsConfig { region: "eu-west-1".into(), credentials };
        let model = utf8_percent_encode("eu.anthropic.claude-haiku-4-5-20251001-v1:0", ESCAPED);
        let url = format!("https://bedrock-runtime.eu-west-1.amazonaws.com/model/{model}/converse");
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let headers = signature_headers(&aws, &url, br#"{"a": 1}"#, then).unwrap();
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/bedrock/aws4_request, \
            SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
            Signature=920b3ed53b351fd81e496430b38dfd20765682a7739c603c7ba8db6ecf33628d";
        for (name, value) in [
            ("x-amz-date", "20260102T030405Z"),
            ("x-amz-security-token", "session"),
            ("authorization", authorization),
        ] {
            assert!(headers.contains(&(name, value.to_owned())), "{headers:?}");
        }
    }
}
