//! Migrations as a part of a CloudFormation stack (`Custom::Migration`). CloudFormation invokes the function
//! when a stack is created, updated or deleted, and waits until the answer is stored at a presigned URL. An
//! invocation without an answer would block the stack for an hour, so each failure is answered, too.

use docuvault::aws::{Client, ServiceError};
use docuvault::deadline::Deadline;
use docuvault::error::chain;
use docuvault::limits::sdk::STORE;
use docuvault::limits::{ANSWER_RESERVE, STOP_TIMEOUT};
use hyper::Request;
use lambda_runtime::Context;
use serde::{Deserialize, Serialize};

use crate::{Capabilities, CommandOutput, Error, app_role, schema};

/// The id of the schema in the stack. It never changes, so that CloudFormation replaces nothing.
const RESOURCE_ID: &str = "docuvault-schema";

/// The most characters of a reason. CloudFormation accepts answers of up to 4,096 bytes.
const MAX_REASON: usize = 500;

/// A request of CloudFormation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackRequest {
    request_type: RequestType,
    /// The presigned URL to which the answer is sent. Whoever has it can answer, so it must never be logged.
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum RequestType {
    Create,
    Update,
    Delete,
}

/// The answer to CloudFormation.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    status: Status,
    /// Why the request failed. Everybody who may see the stack can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

/// The status in an answer to CloudFormation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The stack continues.
    Success,
    /// The stack is rolled back.
    Failed,
}

/// Carries out a request of CloudFormation, and answers it before the invocation ends. A migration that takes
/// longer is stopped.
///
/// # Errors
/// The answer could not be sent. Lambda repeats such an invocation.
pub(crate) async fn handle(
    with: &Capabilities,
    request: &StackRequest,
    context: &Context,
) -> Result<CommandOutput, Error> {
    let answer_at = Deadline::new(context, ANSWER_RESERVE);
    let stop_at = Deadline::new(context, STOP_TIMEOUT + ANSWER_RESERVE);
    let done = match request.request_type {
        RequestType::Create | RequestType::Update => {
            answer_at.limit(migrate(with, stop_at)).await.unwrap_or(Err(Error::TooSlow))
        }
        RequestType::Delete => Ok(()),
    };
    let (status, reason) = match done {
        Ok(()) => (Status::Success, None),
        Err(error) => {
            let error = chain(&error);
            tracing::error!(error, "the migration of a stack failed");
            (Status::Failed, Some(error.chars().take(MAX_REASON).collect()))
        }
    };
    send(&request.response_url, &request.answer(status, reason)).await.map_err(Error::Answer)?;
    Ok(CommandOutput::Stack { answered: status })
}

async fn migrate(with: &Capabilities, stop_at: Deadline) -> Result<(), Error> {
    if let Some(secret) = &with.app_password {
        app_role::prepare(with, secret.clone()).await?;
    }
    schema::up(with, &schema::stack_migrations(with), stop_at).await.map(drop)
}

impl StackRequest {
    fn answer(&self, status: Status, reason: Option<String>) -> Answer<'_> {
        Answer {
            status,
            reason,
            physical_resource_id: self.physical_resource_id.as_deref().unwrap_or(RESOURCE_ID),
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
        }
    }
}

/// Stores the answer at the URL. The URL's signature covers no content type, so none is sent.
async fn send(url: &str, answer: &Answer<'_>) -> Result<(), ServiceError> {
    let body = serde_json::to_vec(answer).map_err(|error| ServiceError::Invalid(error.into()))?;
    let request = Request::put(url).body(body.into());
    let request = request.map_err(|error| ServiceError::Invalid(error.into()))?;
    let response = Client::new(None, url, STORE).send(&request, |_| true).await?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(ServiceError::from_refusal(response.status().as_u16(), None, None))
}
