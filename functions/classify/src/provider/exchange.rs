//! Sends one request to a provider. It follows no redirects, limits the size of the answer, and logs neither
//! the request nor the answer. Each request opens its own connection: a model takes much longer to answer
//! than a handshake takes, and a connection does not survive the freezing of a sandbox.

use std::error::Error;
use std::time::{Duration, SystemTime};

use docuvault::classification::{ClassificationError, FailureCode};
use docuvault::limits::MAX_PROVIDER_PAUSE;
use docuvault::tls;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;

use super::request::Call;

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// Sends a request, and returns the body of the answer.
///
/// # Errors
/// The answer did not come within `timeout`, its status is not 200, or it is too large.
pub async fn post(provider: &str, call: Call, timeout: Duration) -> Result<Bytes, ClassificationError> {
    let answer = tokio::time::timeout(timeout, send(provider, call)).await;
    answer.unwrap_or_else(|_| Err(ClassificationError::new(FailureCode::ProviderTimeout, provider)))
}

async fn send(provider: &str, call: Call) -> Result<Bytes, ClassificationError> {
    let connector = tls::connector(&call.url, None);
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    let invalid = format!("the address or the key of {provider} is not valid");
    let request = to_http_request(call)
        .map_err(|_| ClassificationError::new(FailureCode::ProviderNotConfigured, invalid))?;
    let response = client.request(request).await.map_err(|error| connection_problem(provider, &error))?;
    check_status(provider, response.status().as_u16(), response.headers())?;
    read_answer(provider, response.into_body()).await
}

fn to_http_request(call: Call) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut request =
        Request::post(call.url).header(CONTENT_TYPE, "application/json").header(USER_AGENT, "docuvault");
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    request.body(Full::from(call.body))
}

/// Turns every status but 200 into a problem.
fn check_status(provider: &str, status: u16, headers: &HeaderMap) -> Result<(), ClassificationError> {
    let code = match status {
        200 => return Ok(()),
        300..=399 => FailureCode::ProviderRedirected,
        401 | 403 => FailureCode::ProviderUnauthorized,
        404 => FailureCode::ProviderModelUnknown,
        408 | 504 => FailureCode::ProviderTimeout,
        413 => FailureCode::PromptTooLong,
        429 => FailureCode::ProviderRateLimited,
        424 | 425 | 500.. => FailureCode::ProviderUnavailable,
        _ => FailureCode::ProviderRejected,
    };
    let retry_after = if code.is_permanent() { None } else { retry_after(headers) };
    Err(ClassificationError {
        retry_after,
        ..ClassificationError::new(code, format!("{provider}, status {status}"))
    })
}

/// The pause that the provider asks for. `Retry-After` is a number of seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            httpdate::parse_http_date(value).ok()?.duration_since(SystemTime::now()).unwrap_or_default()
        }
    };
    Some(pause.min(MAX_PROVIDER_PAUSE))
}

async fn read_answer(provider: &str, body: Incoming) -> Result<Bytes, ClassificationError> {
    match Limited::new(body, MAX_ANSWER_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(ClassificationError::new(FailureCode::AnswerTooLarge, provider))
        }
        Err(_) => Err(FailureCode::AnswerCut.into()),
    }
}

fn connection_problem(provider: &str, error: &legacy::Error) -> ClassificationError {
    if causes(error).any(|cause| cause.is::<rustls::Error>()) {
        return ClassificationError::new(FailureCode::ProviderTlsFailed, provider);
    }
    if error.is_connect() {
        return ClassificationError::new(FailureCode::ProviderUnreachable, provider);
    }
    FailureCode::AnswerCut.into()
}

/// The error and its causes. `source` of an I/O error skips the error that it wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause_of(value: &str) -> Option<Duration> {
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]))
    }

    #[test]
    fn retry_after_counts_only_if_the_request_is_tried_again() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        for (status, pause) in [(429, Some(7)), (503, Some(7)), (529, Some(7)), (400, None), (413, None)] {
            let problem = check_status("ollama", status, &headers).unwrap_err();
            assert_eq!(problem.retry_after, pause.map(Duration::from_secs), "{status}");
        }
        assert_eq!(check_status("ollama", 429, &HeaderMap::new()).unwrap_err().retry_after, None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_at_most_an_hour() {
        assert_eq!(pause_of("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause_of(" 0 "), Some(Duration::ZERO));
        assert_eq!(pause_of("99999999999"), Some(MAX_PROVIDER_PAUSE));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        assert!((88..=90).contains(&pause_of(&soon).unwrap().as_secs()));
        assert_eq!(pause_of("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::ZERO));
        assert_eq!(pause_of("Tue, 01 Jan 2999 00:00:00 GMT"), Some(MAX_PROVIDER_PAUSE));
        for nonsense in ["", "soon", "-1", "1.5", "18446744073709551616"] {
            assert_eq!(pause_of(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
