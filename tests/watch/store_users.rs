//! Each function uses its own user at the store.

use reqwest::{Client, Method, Url};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::stack::Stack;

/// Returns the user that has signed a URL.
fn find_signer(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (_, credential) = url.query_pairs().find(|(name, _)| name == "X-Amz-Credential").unwrap();
    credential.split('/').next().unwrap_or_default().to_owned()
}

/// Each URL is signed by the function that issues it, and an upload URL can't copy an object.
#[tokio::main]
pub async fn check_signers(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let kept = caller.store_pending(b"somebody's secret".to_vec()).await;
    assert_eq!(caller.confirm(&kept).await.0, 200);
    let download = caller.get(&format!("/api/documents/{kept}/download")).await;
    let download = download["download_url"].as_str().unwrap();
    assert_eq!(find_signer(download), "documents");
    let file = json!({"filename": "a.txt", "content_type": "text/plain"});
    let (_, upload) = caller.call(Method::POST, "/api/documents/upload-url", Some(file)).await;
    let url = upload["upload_url"].as_str().unwrap();
    assert_eq!(find_signer(url), "upload-url");
    let source = Url::parse(download).unwrap().path().to_owned();
    let headers: Vec<(String, Value)> = upload["headers"].as_object().unwrap().clone().into_iter().collect();
    for (source, expected) in [(Some(source), 403), (None, 200)] {
        let mut request = Client::new().put(url).body("hello");
        for (name, value) in &headers {
            request = request.header(name, value.as_str().unwrap());
        }
        if let Some(source) = source {
            request = request.header("x-amz-copy-source", source);
        }
        let status = request.send().await.unwrap().status().as_u16();
        if status != expected {
            return Err(format!("PUT: {status}, not {expected}"));
        }
    }
    assert_eq!(Client::new().get(download).send().await.unwrap().text().await.unwrap(), "somebody's secret");
    Ok(())
}
