//! Parameters of statements. The Rust type of a parameter determines its SQL type. The type is sent with the
//! statement, so that the driver need not ask the server for it. A comment before each parameter gives its
//! number in the statement, such as `/* $1 */`.

use std::borrow::Cow;

use time::OffsetDateTime;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::id::{ChallengeId, DocumentId, LeaseId, MailId, PasskeyId, SessionId, TopicId, UserId};
use crate::token::TokenHash;

/// The parameters of a statement, in the order of their numbers.
pub(super) type Params<'a> = &'a [&'a dyn Param];

/// A parameter: a value with a known SQL type.
pub(super) trait Param: Sync {
    /// Returns the value and its SQL type, as the driver needs them.
    fn with_type(&self) -> (&(dyn ToSql + Sync), Type);
}

impl<T: SqlType + ToSql + Sync> Param for T {
    fn with_type(&self) -> (&(dyn ToSql + Sync), Type) {
        (self, T::TYPE)
    }
}

/// A Rust type with a known SQL type.
pub(super) trait SqlType {
    /// The SQL type of a value.
    const TYPE: Type;
    /// The SQL type of a list of values.
    const LIST: Type;
}

macro_rules! typed {
    ($($rust:ty: $one:ident, $list:ident;)*) => {
        $(impl SqlType for $rust {
            const TYPE: Type = Type::$one;
            const LIST: Type = Type::$list;
        })*
    };
}

typed! {
    bool: BOOL, BOOL_ARRAY;
    i32: INT4, INT4_ARRAY;
    i64: INT8, INT8_ARRAY;
    f32: FLOAT4, FLOAT4_ARRAY;
    f64: FLOAT8, FLOAT8_ARRAY;
    [u8]: BYTEA, BYTEA_ARRAY;
    Vec<u8>: BYTEA, BYTEA_ARRAY;
    str: TEXT, TEXT_ARRAY;
    String: TEXT, TEXT_ARRAY;
    Cow<'_, str>: TEXT, TEXT_ARRAY;
    serde_json::Value: JSONB, JSONB_ARRAY;
    OffsetDateTime: TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    Uuid: UUID, UUID_ARRAY;
    UserId: UUID, UUID_ARRAY;
    MailId: UUID, UUID_ARRAY;
    DocumentId: UUID, UUID_ARRAY;
    LeaseId: UUID, UUID_ARRAY;
    SessionId: UUID, UUID_ARRAY;
    PasskeyId: UUID, UUID_ARRAY;
    ChallengeId: UUID, UUID_ARRAY;
    TopicId: UUID, UUID_ARRAY;
    TokenHash: BYTEA, BYTEA_ARRAY;
}

impl<T: SqlType + ?Sized> SqlType for &T {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

/// An optional parameter has the same SQL type as its value, so that a null has a type, too.
impl<T: SqlType> SqlType for Option<T> {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

macro_rules! lists {
    ($($list:ty),*) => {
        // In PostgreSQL, lists of lists have the same type as lists.
        $(impl<T: SqlType> SqlType for $list {
            const TYPE: Type = T::LIST;
            const LIST: Type = T::LIST;
        })*
    };
}

lists!([T], Vec<T>);
