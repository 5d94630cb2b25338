//! Migrations that break statements of the previous release. The replay must notice each of them.

use tests::TestDatabase;

use super::{record_of_this_source, replay};

/// A migration, and the statement that it breaks.
struct Careless {
    /// What the migration does.
    kind: &'static str,
    migration: &'static str,
    /// The name of the statement that fails, or that has another answer.
    breaks: &'static str,
}

const CARELESS: [Careless; 16] = [
    Careless {
        kind: "drops a column",
        migration: "alter table quotas drop column limit_bytes",
        breaks: "quota::get",
    },
    Careless {
        kind: "renames a column",
        migration: "alter table users rename column password_hash to password",
        breaks: "account::create",
    },
    Careless {
        kind: "renames a table",
        migration: "alter table tombstones rename to buried_objects",
        breaks: "upload::begin",
    },
    Careless {
        kind: "adds a column that must be set",
        migration: "alter table documents add column folder_id uuid not null",
        breaks: "upload::begin",
    },
    Careless {
        kind: "makes a column not null",
        migration: "alter table documents alter column size_bytes set not null",
        breaks: "upload::begin",
    },
    Careless {
        kind: "drops a default",
        migration: "alter table tombstones alter column due_at drop default",
        breaks: "upload::charge",
    },
    Careless {
        kind: "changes a type",
        migration: "drop view document_access;
            alter table documents alter column attempts type bigint;
            create view document_access as select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
            grant select, update (access) on document_access to docuvault_app",
        breaks: "classification::claim",
    },
    Careless {
        kind: "changes a function's parameters",
        migration: "alter function rate_limit_hit rename to old_rate_limit_hit;
            create function rate_limit_hit(limited text, most bigint) returns timestamptz language sql as $$ select now() $$",
        breaks: "upload::begin",
    },
    Careless {
        kind: "changes what a function returns",
        migration: "create or replace function own_topics(owner uuid) returns bigint language sql volatile as $$ select 100::bigint $$",
        breaks: "topic::create",
    },
    Careless {
        kind: "adds a check that old rows fail",
        migration: "alter table documents add constraint documents_declared check (sha256 is not null)",
        breaks: "upload::begin",
    },
    Careless {
        kind: "adds a unique index",
        migration: "create unique index on documents (user_id, filename_key)",
        breaks: "upload::begin",
    },
    Careless {
        kind: "takes a right away",
        migration: "revoke delete on tombstones from docuvault_app",
        breaks: "cleanup::record_removals",
    },
    Careless {
        kind: "enables row security",
        migration: "alter table topics enable row level security",
        breaks: "topic::create",
    },
    Careless {
        kind: "adds a trigger that refuses rows",
        migration: "create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
            create trigger refuse before insert on topics for each row when (new.suggested_by is not null)
                execute function refuse()",
        breaks: "classification::suggest",
    },
    Careless {
        kind: "adds a trigger that skips rows",
        migration: "create function skip() returns trigger language plpgsql as $$ begin return null; end $$;
            create trigger skip before delete on documents for each row execute function skip()",
        breaks: "document::delete",
    },
    Careless {
        kind: "replaces a word",
        migration: "create function rename() returns trigger language plpgsql as $$
                begin new.status := 'classified'; return new; end $$;
            create trigger rename before update on documents for each row when (new.status = 'uploaded')
                execute function rename()",
        breaks: "classification::release",
    },
];

#[tokio::test]
async fn each_kind_of_careless_migration_is_noticed() {
    let record = record_of_this_source().await;
    let mut unexpected = Vec::new();
    for Careless { kind, migration, breaks } in CARELESS {
        let database = TestDatabase::migrated().await;
        database.superuser().await.batch_execute(migration).await.unwrap();
        let replayed = replay::replay(&database, record).await;
        match replayed.and_then(|answered| replay::compare(record, &answered)) {
            Err(difference) if difference.starts_with(breaks) => {}
            other => unexpected.push(format!("a migration that {kind}: {other:?}")),
        }
    }
    assert!(unexpected.is_empty(), "{unexpected:#?}");
}
