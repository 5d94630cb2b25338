-- A tombstone remembers which store has its object. What is buried already is in the one store that there
-- was, and what functions of the release before bury is in that one, too.
alter table tombstones add column storage_backend text not null default 's3';
comment on column tombstones.storage_backend is
    'The store that has the object: documents.storage_backend of the row that is gone.';
comment on column documents.storage_backend is 'The store that has the object, by its name in src/storage/backend.rs.';
