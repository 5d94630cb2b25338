-- An object in another store than the first is forgotten: there is no function of the release before that
-- could remove it.
comment on column documents.storage_backend is null;
alter table tombstones drop column storage_backend;
