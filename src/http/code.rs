//! The codes of errors on the wire, and the HTTP status of each.

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{PartialSchema, ToSchema};

/// Defines the codes, one in each row: the variant, the name on the wire, the HTTP status, and the meaning
/// for a client.
macro_rules! codes {
    ($($code:ident, $name:literal, $status:ident, $meaning:literal;)+) => {
        /// The stable code of an error, on which clients may rely.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $code,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The HTTP status of responses with this code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)+ }
            }

            /// The meaning for a client, in one or two sentences.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }
        }
    };
}

codes! {
    BodyBroken, "body_broken", BAD_REQUEST, "The request body did not arrive completely.";
    Unauthenticated, "unauthenticated", UNAUTHORIZED,
        "The access token is missing, invalid or expired, its session has ended, or its account is inactive or gone.";
    InvalidCredentials, "invalid_credentials", UNAUTHORIZED, "The password is wrong, or at a login the e-mail address.";
    SessionEnded, "session_ended", UNAUTHORIZED,
        "The refresh token is missing, unknown or spent, or its session has ended. Log in again.";
    WrongOrigin, "wrong_origin", FORBIDDEN, "Pages of this origin may not use sessions.";
    InvalidCode, "invalid_code", UNAUTHORIZED,
        "The code of the second factor is wrong, or was used before.";
    InvalidChallenge, "invalid_challenge", UNAUTHORIZED,
        "The challenge is unknown, expired or used. Begin again.";
    WrongRole, "wrong_role", FORBIDDEN, "The account's role does not permit this.";
    PasswordChangeOwed, "password_change_owed", FORBIDDEN,
        "The account has a temporary password, which must be changed first.";
    FactorOwed, "factor_owed", FORBIDDEN, "The account needs a second factor first.";
    TemporaryPasswordExpired, "temporary_password_expired", FORBIDDEN,
        "The temporary password was not changed in time. An administrator can give the account a new one, or its owner can set one by mail.";
    RegistrationClosed, "registration_closed", FORBIDDEN, "Only administrators create accounts.";
    NotFound, "not_found", NOT_FOUND, "The resource does not exist, or it belongs to another account.";
    MethodNotAllowed, "method_not_allowed", METHOD_NOT_ALLOWED, "The path does not support this method.";
    EmailTaken, "email_taken", CONFLICT, "Another account has this e-mail address.";
    PasskeyRefused, "passkey_refused", UNAUTHORIZED,
        "The answer of the passkey is wrong, or the passkey or the challenge is unknown, expired or used.";
    TotpEnabled, "totp_enabled", CONFLICT, "The account has TOTP already.";
    TotpNotSetUp, "totp_not_set_up", CONFLICT, "The account has no TOTP secret that could be enabled.";
    TotpNotEnabled, "totp_not_enabled", CONFLICT, "The account has no TOTP.";
    PasskeyExists, "passkey_exists", CONFLICT, "The passkey is registered already.";
    TooManyPasskeys, "too_many_passkeys", CONFLICT, "The account has as many passkeys as it may have.";
    OwnAccount, "own_account", CONFLICT, "Administrators cannot do this to their own account.";
    LastAdministrator, "last_administrator", CONFLICT, "The account is the last active administrator.";
    TopicExists, "topic_exists", CONFLICT, "A topic with this name exists already.";
    TooManyTopics, "too_many_topics", CONFLICT, "The account has as many own topics as it may have.";
    QuotaExceeded, "quota_exceeded", PAYLOAD_TOO_LARGE,
        "The document does not fit into the account's quota, or exceeds the largest allowed size.";
    BodyTooLarge, "body_too_large", PAYLOAD_TOO_LARGE, "The request body is larger than 64 KiB.";
    UnsupportedMediaType, "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        "The request body is not declared as `application/json`.";
    Invalid, "invalid", UNPROCESSABLE_ENTITY,
        "The request is malformed, or a value is not allowed. `detail` says which.";
    LinkInvalid, "link_invalid", UNPROCESSABLE_ENTITY,
        "The token of the link was used, has expired, or was replaced by a newer one. Ask for another link.";
    UploadNotFound, "upload_not_found", UNPROCESSABLE_ENTITY,
        "The file has not been uploaded yet. Upload it, and confirm again.";
    UploadMismatch, "upload_mismatch", UNPROCESSABLE_ENTITY,
        "The stored file differs from the declared one. The upload is discarded: begin again.";
    TooManyPending, "too_many_pending", TOO_MANY_REQUESTS,
        "The account has as many live upload URLs as it may have.";
    TooManyUploads, "too_many_uploads", TOO_MANY_REQUESTS,
        "The account has requested as many upload URLs as it may in an hour.";
    TooManyClassifications, "too_many_classifications", TOO_MANY_REQUESTS,
        "The account has requested as many classifications as it may in an hour.";
    TooManyAttempts, "too_many_attempts", TOO_MANY_REQUESTS,
        "The client, or the account, has made as many attempts as it may for now. `Retry-After` says when the \
         next one is admitted.";
    TooManyRequests, "too_many_requests", TOO_MANY_REQUESTS,
        "The service is handling as many requests as it can.";
    Internal, "internal", INTERNAL_SERVER_ERROR,
        "The service has a defect. `detail` has the request's id, under which the defect is logged.";
    DatabaseUnreachable, "database_unreachable", SERVICE_UNAVAILABLE, "The database does not answer.";
    StoreUnreachable, "store_unreachable", SERVICE_UNAVAILABLE, "The object store does not answer.";
    QueueUnreachable, "queue_unreachable", SERVICE_UNAVAILABLE, "The queue does not answer.";
    SecretUnavailable, "secret_unavailable", SERVICE_UNAVAILABLE,
        "The service cannot read a secret that the request needs.";
    TimedOut, "timed_out", SERVICE_UNAVAILABLE, "The service did not answer in time.";
    FunctionsUnreachable, "functions_unreachable", SERVICE_UNAVAILABLE, "The functions of the service cannot be reached.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|code| code.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The stable code of an error, on which clients may rely."))
            .enum_values(Some(names))
            .examples(["not_found"])
            .into()
    }
}

impl ToSchema for Code {}
