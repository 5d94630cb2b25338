-- The audit compares the ledger with the documents, and each store with the rows. It works in steps, one page
-- at a time, which go on over many sweeps.
create table audit_cursors (
    name text primary key,
    steps bigint not null default 0,
    ended boolean not null default true,
    begun_at timestamptz not null default 'epoch',
    after_key text not null default '',
    user_id uuid not null default '00000000-0000-0000-0000-000000000000',
    document_id uuid not null default '00000000-0000-0000-0000-000000000000'
);
comment on table audit_cursors is 'How far each audit has come: one of the ledger, and one of each store.';
comment on column audit_cursors.steps is
    'Steps that were saved. A step that began before another was saved is thrown away.';
comment on column audit_cursors.ended is 'True between two passes. The columns behind it are then at the beginning.';
comment on column audit_cursors.begun_at is 'When the first step of the current or last pass was saved.';
comment on column audit_cursors.after_key is 'The next page of the store begins behind this key.';
comment on column audit_cursors.user_id is 'Accounts up to this one were compared; in a store: rows up to it and document_id.';
comment on column audit_cursors.document_id is 'Rows of user_id up to this document were compared.';

-- Volatile, so that a statement that holds a lock sees what others have committed while it waited for the lock.
create function confirmed_bytes(owner uuid) returns bigint language sql volatile as $$
    select coalesce(sum(d.size_bytes), 0)::bigint from documents d where d.user_id = owner and d.status <> 'pending'
$$;
comment on function confirmed_bytes is
    'The sum of the sizes of a user''s confirmed documents. Called under the lock of the user''s quota.';

create function is_key_free(key text) returns boolean language sql volatile as $$
    select not exists (select from documents d where d.object_key = key)
        and not exists (select from tombstones t where t.object_key = key)
$$;
comment on function is_key_free is
    'Whether an object key has neither a row nor a tombstone. Called under the advisory lock of the key.';
