//! The statement that compares the objects of a store with the rows.

use serde::Deserialize;
use tokio_postgres::Row;

use super::super::param::Params;
use super::super::{Database, Retry, read_enum};
use super::Place;
use crate::storage::{Backend, EntityTag, ObjectKey, StoredObject};
use crate::{Error, Result};

/// What may be wrong with an object or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A confirmed document has no object.
    RowWithoutObject,
    /// An object has neither a row nor a tombstone.
    ObjectWithoutRow,
    /// An object has another size or entity tag than its confirmed document.
    ChangedObject,
}

/// An object or a row that a comparison has found suspicious. It must be checked again: the list of objects
/// is older than the snapshot of the rows.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// What seems to be wrong.
    pub kind: Kind,
    /// The place of the document.
    pub place: Place,
    /// The object's key. In a row it can be any text, if somebody has changed the row by hand.
    pub key: String,
    /// The size in the row. `None` without a row.
    pub size_bytes: Option<i64>,
    /// The entity tag in the row, if it has one.
    pub etag: Option<String>,
}

impl Suspect {
    /// Returns true if the object, as the store reports it now, shows what was suspected.
    pub fn is_shown_by(&self, stored: Option<&StoredObject>) -> bool {
        match self.kind {
            Kind::RowWithoutObject => stored.is_none(),
            Kind::ObjectWithoutRow => stored.is_some(),
            Kind::ChangedObject => stored.is_some_and(|stored| {
                let etag = stored.etag.as_ref().map(EntityTag::as_str);
                self.size_bytes != Some(stored.size_bytes)
                    || self.etag.is_some() && self.etag.as_deref() != etag
            }),
        }
    }
}

/// An object of the vault, as the store lists it.
pub struct Listed {
    /// The object's key.
    pub key: ObjectKey,
    /// The size in bytes.
    pub size_bytes: i64,
    /// The entity tag. `None` if it does not identify one object.
    pub etag: Option<EntityTag>,
}

/// The result of a comparison of objects and rows.
pub struct Comparison {
    /// What is suspicious, in no order.
    pub suspects: Vec<Suspect>,
    /// The number of this store's rows that were compared.
    pub rows: usize,
    /// The place of the last row that was compared, if there are further ones that were not compared.
    pub cut_at: Option<Place>,
}

/// Compares objects of a store, as it lists them, with the rows that have these keys. Also compares up to
/// `most` confirmed rows behind the place `from`, up to the place `to`, with the objects.
///
/// A row in another store does not count as the object's row.
pub async fn compare_objects(
    db: &Database,
    backend: Backend,
    listed: &[Listed],
    (from, to): (Place, Place),
    most: i64,
) -> Result<Comparison> {
    let statement = "-- audit::compare_objects
        with listed as materialized (
            select * from unnest($1, $2, $3) l (object_key, size_bytes, etag)
        ), passed as materialized (
            select d.user_id, d.id, d.object_key, d.storage_backend, d.size_bytes, d.etag from documents d
            where d.status <> 'pending' and (d.user_id, d.id) > ($4, $5) and (d.user_id, d.id) <= ($6, $7)
            order by d.user_id, d.id limit $8
        ), suspects as (
            select 'object_without_row' as kind, l.object_key, null::uuid as user_id, null::uuid as id,
                null::bigint as size_bytes, null as etag
            from listed l
            where not exists (
                select from documents d where d.object_key = l.object_key and d.storage_backend = $9
            ) and not exists (
                select from tombstones t where t.object_key = l.object_key and t.storage_backend = $9
            )
            union all
            select 'changed_object', d.object_key, d.user_id, d.id, d.size_bytes, d.etag
            from listed l join documents d on d.object_key = l.object_key
            where d.status <> 'pending' and d.storage_backend = $9
                and (d.size_bytes <> l.size_bytes or d.etag <> coalesce(l.etag, ''))
            union all
            select 'row_without_object', p.object_key, p.user_id, p.id, p.size_bytes, p.etag from passed p
            where p.storage_backend = $9 and not exists (select from listed l where l.object_key = p.object_key)
        )
        select p.passed, p.rows, p.last_user_id, p.last_id, s.*
        from (
            select count(*) as passed, count(*) filter (where storage_backend = $9) as rows,
                (array_agg(user_id order by user_id desc, id desc))[1] as last_user_id,
                (array_agg(id order by user_id desc, id desc))[1] as last_id
            from passed
        ) p left join suspects s on true";
    let keys: Vec<String> = listed.iter().map(|object| object.key.to_string()).collect();
    let sizes: Vec<i64> = listed.iter().map(|object| object.size_bytes).collect();
    let etags: Vec<_> = listed.iter().map(|object| object.etag.as_ref().map(EntityTag::as_str)).collect();
    let params: Params<'_> = &[
        /* $1 */ &keys,
        /* $2 */ &sizes,
        /* $3 */ &etags,
        /* $4 */ &from.user,
        /* $5 */ &from.document,
        /* $6 */ &to.user,
        /* $7 */ &to.document,
        /* $8 */ &most,
        /* $9 */ &backend.as_str(),
    ];
    let rows = db.query(Retry::Safe, statement, params).await?;
    read_comparison(&rows, most)
}

fn read_comparison(rows: &[Row], most: i64) -> Result<Comparison> {
    let first = rows.first().ok_or_else(|| Error::Database("a comparison returned no row".into()))?;
    let cut_at = if first.try_get::<_, i64>("passed")? < most {
        None
    } else {
        Some(Place { user: first.try_get("last_user_id")?, document: first.try_get("last_id")? })
    };
    let suspects = rows.iter().filter_map(|row| read_suspect(row).transpose()).collect::<Result<_>>()?;
    let rows = usize::try_from(first.try_get::<_, i64>("rows")?).map_err(Error::internal)?;
    Ok(Comparison { suspects, rows, cut_at })
}

/// Reads a suspect. Returns `None` if the row has none.
fn read_suspect(row: &Row) -> Result<Option<Suspect>> {
    let Some(kind) = read_enum(row, "kind")? else { return Ok(None) };
    let key: String = row.try_get("object_key")?;
    let place = match row.try_get("user_id")? {
        Some(user) => Place { user, document: row.try_get("id")? },
        // An object without a row has its place by its key, which the list had.
        None => Place::of(&key.parse().map_err(Error::internal)?),
    };
    Ok(Some(Suspect { kind, place, key, size_bytes: row.try_get("size_bytes")?, etag: row.try_get("etag")? }))
}
