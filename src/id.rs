//! Ids with a type for each kind of thing. All are UUIDv7, so they sort in the order of creation.

use postgres_types::{FromSql, ToSql};
use serde::{Deserialize, Serialize};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema as _, ToSchema};
use uuid::Uuid;

macro_rules! id {
    (#[doc = $doc:literal] $name:ident, $example:literal) => {
        #[doc = $doc]
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            Serialize,
            Deserialize,
            ToSchema,
            ToSql,
            FromSql,
        )]
        #[serde(transparent)]
        #[schema(examples($example))]
        #[postgres(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Creates an id that sorts after all ids that this process has created before.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        /// Describes the id as the parameter `{id}` of a path.
        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                let id = ParameterBuilder::new()
                    .name("id")
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True);
                vec![id.description(Some($doc.trim())).schema(Some(Self::schema())).build()]
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

id!(
    /// An account's id.
    UserId, "019c1363-49c0-7000-8000-000000000001"
);
id!(
    /// A document's id.
    DocumentId, "019c1363-49c0-7000-8000-000000000002"
);
id!(
    /// The id of a lease. A lease gives one worker a document for a limited time.
    LeaseId, "019c1363-49c0-7000-8000-000000000003"
);
id!(
    /// A passkey's id.
    PasskeyId, "019c1363-49c0-7000-8000-000000000006"
);
id!(
    /// The id of a challenge that a passkey answers.
    ChallengeId, "019c1363-49c0-7000-8000-000000000007"
);
id!(
    /// The id of a mail.
    MailId, "019c1363-49c0-7000-8000-000000000008"
);
id!(
    /// A session's id.
    SessionId, "019c1363-49c0-7000-8000-000000000005"
);
id!(
    /// A topic's id.
    TopicId, "019c1363-49c0-7000-8000-000000000004"
);
