//! Parameters of statements. The Rust type of a value decides its SQL type, which is sent with the statement,
//! so that the server need not be asked for it. Each value in a list of parameters is labelled with its
//! number in the statement.

use std::borrow::Cow;

use time::OffsetDateTime;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::id::{DocumentId, LeaseId, TopicId, UserId};

/// The parameters of one statement, `$1` first.
pub(super) type Params<'a> = &'a [&'a dyn Param];

/// A value of a known SQL type.
pub(super) trait Param: Sync {
    /// The value and its type, as the driver takes them.
    fn typed(&self) -> (&(dyn ToSql + Sync), Type);
}

impl<T: Typed + ToSql + Sync> Param for T {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        (self, T::TYPE)
    }
}

/// A Rust type, its SQL type, and the SQL type of lists of it.
pub(super) trait Typed {
    const TYPE: Type;
    const LIST: Type;
}

macro_rules! typed {
    ($($rust:ty: $one:ident, $list:ident;)*) => {
        $(impl Typed for $rust {
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
    str: TEXT, TEXT_ARRAY;
    String: TEXT, TEXT_ARRAY;
    Cow<'_, str>: TEXT, TEXT_ARRAY;
    OffsetDateTime: TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    Uuid: UUID, UUID_ARRAY;
    UserId: UUID, UUID_ARRAY;
    DocumentId: UUID, UUID_ARRAY;
    LeaseId: UUID, UUID_ARRAY;
    TopicId: UUID, UUID_ARRAY;
}

impl<T: Typed + ?Sized> Typed for &T {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

/// `null` has a type, too.
impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

macro_rules! lists {
    ($($list:ty),*) => {
        // PostgreSQL's lists of lists have the type of lists.
        $(impl<T: Typed> Typed for $list {
            const TYPE: Type = T::LIST;
            const LIST: Type = T::LIST;
        })*
    };
}

lists!([T], Vec<T>);
