-- Lists are ordered by when things were made and then by id, and each of their filters has an index.
drop index documents_by_owner;
drop index documents_by_owner_and_status;
create index documents_by_owner on documents (user_id, created_at, id);
create index documents_by_owner_and_status on documents (user_id, status, created_at, id);
create index topics_by_age on topics (user_id, created_at, id);

-- A part of a name is found by all that it consists of. The owner is part of every number, so that the index hardly ever leads to
-- another user's documents: two texts can have one CRC-32, and a statement compares the owner anyway. Pending uploads are few and not worth their entries.
alter table documents add column filename_grams integer[] not null default '{}';
comment on column documents.filename_grams is
    'Hashes of the owner with every run of one, two and three characters of filename_key; made by the functions.';
-- `migrate up` writes the key and the grams together.
update documents set filename_key = null where filename_key is not null;
create index documents_by_filename on documents using gin (filename_grams) where status <> 'pending';

-- A list by topic reads the newest of one owner's labels, however many other documents and owners the topic has.
alter table document_topics add column user_id uuid, add column created_at timestamptz;
comment on column document_topics.user_id is 'The document''s owner, copied from it: neither ever changes.';
comment on column document_topics.created_at is 'The document''s, likewise.';
update document_topics dt set user_id = d.user_id, created_at = d.created_at from documents d where d.id = dt.document_id;
alter table document_topics alter column user_id set not null, alter column created_at set not null;
create function document_topics_place() returns trigger language plpgsql as $$
begin
    select d.user_id, d.created_at into new.user_id, new.created_at from documents d where d.id = new.document_id;
    return new;
end
$$;
comment on function document_topics_place is 'Copies from the document what lists by topic are ordered by.';
create trigger document_topics_place before insert on document_topics
    for each row execute function document_topics_place();
create index document_topics_by_owner on document_topics (user_id, topic_id, created_at, document_id) where not dismissed;
