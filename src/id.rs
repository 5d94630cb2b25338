//! Typed identifiers. All are UUIDv7: their order is the order of creation.

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
            /// A new id, which sorts after every id made before on this machine.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        /// As `{id}` in a path.
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
    /// The id of the lease by which one worker holds one document.
    LeaseId, "019c1363-49c0-7000-8000-000000000003"
);
id!(
    /// A topic's id.
    TopicId, "019c1363-49c0-7000-8000-000000000004"
);
