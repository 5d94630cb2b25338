//! A schema as a set of lines, so that two schemas can be compared.

use std::collections::BTreeSet;

use tests::TestDatabase;

/// Lists everything that a migration can create, except for the migrator's own table. Columns are numbered
/// without gaps, so that a column that was dropped and added again looks the same.
const LINES: &str = "
    with relations as (
        select * from pg_class where relnamespace = 'public'::regnamespace and relname !~ '^_sqlx_migrations'
    ), lines as (
        select format('%s %s of %s, granted %s: %s', relkind, relname, relowner::regrole,
            (select string_agg(item::text, ' ' order by item::text) from unnest(relacl) item),
            obj_description(oid, 'pg_class')) as line
        from relations
        union all
        select format('column %s %s.%s %s not null %s, generated %s as %s: %s',
            row_number() over (partition by a.attrelid order by a.attnum), c.relname, a.attname,
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid),
            col_description(c.oid, a.attnum))
        from pg_attribute a join relations c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped and c.relkind = 'r'
        union all
        select format('constraint %s of %s: %s', conname, c.relname, pg_get_constraintdef(n.oid))
        from pg_constraint n join relations c on c.oid = n.conrelid
        union all
        select pg_get_indexdef(oid) from relations where relkind = 'i'
        union all
        select format('view %s: %s', relname, pg_get_viewdef(oid)) from relations where relkind = 'v'
        union all
        select pg_get_triggerdef(t.oid) from pg_trigger t join relations c on c.oid = t.tgrelid where not t.tgisinternal
        union all
        select format('%s granted %s: %s', pg_get_functiondef(oid), proacl, obj_description(oid, 'pg_proc'))
        from pg_proc where pronamespace = 'public'::regnamespace
        union all
        select format('type %s', typname) from pg_type where typnamespace = 'public'::regnamespace and typtype in ('d', 'e')
        union all
        select format('schema %s of %s, granted %s', nspname, nspowner::regrole, nspacl) from pg_namespace where nspname = 'public'
        union all
        select format('by default %s %s', defaclobjtype, defaclacl) from pg_default_acl
    )
    select line from lines";

/// Reads the schema of a database.
pub async fn read_schema(database: &TestDatabase) -> BTreeSet<String> {
    let rows = database.superuser().await.query(LINES, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Asserts that two schemas are the same, and shows only the lines that differ.
#[track_caller]
pub fn assert_same(left: &BTreeSet<String>, right: &BTreeSet<String>) {
    let differing: Vec<_> = left.symmetric_difference(right).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}
