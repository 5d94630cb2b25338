//! Sessions. A login starts a session, and a refresh token keeps it alive. Each use of a refresh token
//! replaces it by a new one. If a token is used that was replaced before, somebody else may have it, so the
//! session ends (RFC 9700, section 4.14.2).
//!
//! The answer to a refresh can be lost, and two tabs of a browser can refresh at once with one token. Neither
//! ends a session: see [`db::session::refresh`].

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::auth::{AccessToken, Tokens, User};
use crate::config::{AttemptLimits, RequireFactor};
use crate::db::Database;
use crate::db::session::{Begun, NewSession, Refresh, RefreshAttempts};
use crate::id::{SessionId, UserId};
use crate::limit::{Action, Attempt, Subject};
use crate::page::{Page, PageQuery, PageRequest, Position};
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db};

/// A session, as the owner of the account sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// The time of the login.
    #[schema(examples("2026-01-31T09:30:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub created_at: OffsetDateTime,
    /// The time of the login, or of the newest refresh.
    #[schema(examples("2026-01-31T09:45:00.000000Z"))]
    #[serde(serialize_with = "crate::timestamp::write_utc")]
    pub last_used_at: OffsetDateTime,
    /// The network address that was used then; null if it is unknown.
    #[schema(required, max_length = 45, examples("203.0.113.9"))]
    pub address: Option<String>,
    /// The name that the browser or program gave itself then; null if it gave none.
    #[schema(
        required,
        max_length = 256,
        examples("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    )]
    pub user_agent: Option<String>,
    /// True for the session that sends the request.
    #[schema(examples(true))]
    pub current: bool,
}

/// The answer to a login and to a refresh.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    /// The access token.
    #[serde(flatten)]
    pub token: AccessToken,
    /// True if the account may do nothing until its password is changed.
    #[schema(examples(false))]
    pub password_must_change: bool,
}

/// The body of a refresh: an empty object. A page of another origin cannot send a body that is declared as
/// JSON without asking first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({})))]
pub struct EmptyObject {}

/// A session that was started.
pub struct Started {
    /// The answer.
    pub answer: SignedIn,
    /// The refresh token.
    pub refresh: OpaqueToken,
    /// The token of the browser: the one that it has, or a new one.
    pub device: OpaqueToken,
}

/// A session that is about to be started: its tokens.
pub struct Starting {
    /// The columns of the session.
    pub new: NewSession,
    token: AccessToken,
    refresh: OpaqueToken,
    device: Option<OpaqueToken>,
    new_device: OpaqueToken,
}

impl Starting {
    /// Creates the tokens of a session. `device` is the token of the browser, if it has one.
    ///
    /// # Errors
    /// [`Error::Secret`] if the access token cannot be signed. Then no session is started.
    pub async fn prepare(tokens: &Tokens, account: UserId, device: Option<OpaqueToken>) -> Result<Self> {
        let (id, refresh, new_device) = (SessionId::new(), OpaqueToken::random()?, OpaqueToken::random()?);
        let token = tokens.issue(User { id: account, session: id }).await?;
        let new = NewSession {
            id,
            refresh: refresh.hash(),
            device: device.as_ref().map(OpaqueToken::hash),
            new_device: new_device.hash(),
        };
        Ok(Self { new, token, refresh, device, new_device })
    }

    /// Makes the answer, once the session is in the database.
    pub fn finish(self, begun: Begun) -> Started {
        let device = self.device.filter(|_| begun.device_was_issued).unwrap_or(self.new_device);
        let answer = SignedIn { token: self.token, password_must_change: begun.password_must_change };
        Started { answer, refresh: self.refresh, device }
    }
}

/// Replaces a refresh token by a new one, and issues an access token. `required` says which accounts owe a
/// second factor.
///
/// # Errors
/// [`Error::SessionEnded`] if the request has no refresh token, or an unknown one, or if the session has
/// ended, or ends because the token was replaced before. [`Error::TooManyAttempts`].
pub async fn refresh(
    db: &Database,
    tokens: &Tokens,
    given: Option<OpaqueToken>,
    required: RequireFactor,
    limits: AttemptLimits,
    visit: &Visit,
) -> Result<(SignedIn, OpaqueToken)> {
    let (given, new) = (given.ok_or(Error::SessionEnded)?, OpaqueToken::random()?);
    let subject = Subject { address: visit.address, ..Subject::default() };
    let attempts = RefreshAttempts {
        renewal: Attempt::new(Action::Renewal, limits, subject),
        refusal: Attempt::new(Action::Refresh, limits, subject),
    };
    match db::session::refresh(db, &given.hash(), &new.hash(), required, &attempts, visit).await? {
        Refresh::Refused => Err(Error::SessionEnded),
        Refresh::Renewed { user, password_must_change } => {
            let token = tokens.issue(user).await?;
            Ok((SignedIn { token, password_must_change }, new))
        }
    }
}

/// Lists the sessions of the account that are alive, newest first.
pub async fn list(db: &Database, user: User, query: PageQuery) -> Result<Page<Session>> {
    let paging = PageRequest::parse("sessions", user.id, &query)?;
    let sessions = db::session::list(db, user, &paging).await?;
    Ok(paging.page(sessions, |last| Position { created_at: last.created_at, id: last.id.0 }))
}

/// Lists the sessions of an account that are alive, newest first, for an administrator.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account.
pub async fn list_of(db: &Database, admin: User, id: UserId, query: PageQuery) -> Result<Page<Session>> {
    let paging = PageRequest::parse("sessions of a user", admin.id, &query)?;
    let sessions = db::session::list_of(db, admin, id, &paging).await?;
    Ok(paging.page(sessions, |last| Position { created_at: last.created_at, id: last.id.0 }))
}
