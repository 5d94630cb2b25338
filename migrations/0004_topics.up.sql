-- Topics are made by their owners and by administrators, and a person's word on a document stands.

-- Checked whoever writes, because two namespaces share one rule: of one name, whatever its case, there is a system topic or
-- each user's own, and never both. Two writers of one name meet at its lock, and the second sees what the first has done.
-- A topic whose name is taken is not written: the statement returns no row.
create function topics_claim_name() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(lower(new.name), 0));
    if exists (
        select from topics t
        where lower(t.name) = lower(new.name) and t.id <> new.id and (t.user_id is null or t.user_id = new.user_id)
    ) then
        return null;
    end if;
    return new;
end
$$;
comment on function topics_claim_name is 'Keeps names unique, without case, in a user''s view of the vocabulary.';
create trigger topics_claim_name before insert or update of name on topics
    for each row execute function topics_claim_name();

-- An administrator is not told of users' topics, so a name that some of them have is not refused: theirs become the new one.
-- Locked first: who is just putting one of them on a document, or taking it off, has done so before it is looked at. What was
-- said of it by hand is the word on that name, also where the document has the new topic already.
create function topics_absorb() returns trigger language plpgsql as $$
begin
    perform from topics t where t.user_id is not null and lower(t.name) = lower(new.name) for update;
    insert into document_topics (document_id, topic_id, manual, dismissed, confidence)
    select dt.document_id, new.id, dt.manual, dt.dismissed, dt.confidence
    from document_topics dt join topics t on t.id = dt.topic_id
    where t.user_id is not null and lower(t.name) = lower(new.name)
    on conflict (document_id, topic_id) do update set manual = true, dismissed = excluded.dismissed where excluded.manual;
    delete from topics t where t.user_id is not null and lower(t.name) = lower(new.name);
    return null;
end
$$;
comment on function topics_absorb is 'A new system topic takes the place of users'' own of the same name.';
create trigger topics_absorb after insert or update of name on topics
    for each row when (new.user_id is null) execute function topics_absorb();

create index topics_by_folded_name on topics (lower(name));

alter table topics
    add constraint topics_name_length check (char_length(name) between 1 and 64);

alter table document_topics
    add column dismissed boolean not null default false,
    add constraint document_topics_dismissed_by_hand check (manual or not dismissed);
comment on column document_topics.dismissed is 'Taken off by a person: no classification puts it back.';

-- Volatile as pending_uploads: called by a statement that holds the user's row.
create function own_topics(owner uuid) returns bigint language sql volatile as $$
    select count(*) from topics where user_id = owner
$$;
comment on function own_topics is 'How many topics a user has made, counted under the lock of the user''s row.';
comment on function pending_uploads is 'How many uploads a user has not confirmed, counted under the lock of the user''s quota.';

create view topics_of_documents as
    select dt.document_id, json_agg(json_build_object('id', t.id, 'name', t.name, 'system', t.user_id is null,
        'manual', dt.manual, 'confidence', dt.confidence) order by t.name) as topics
    from document_topics dt join topics t on t.id = dt.topic_id
    where not dt.dismissed
    group by dt.document_id;
comment on view topics_of_documents is 'What each document is about, as its owner sees it.';

alter table topics add column suggested_by uuid;
comment on column topics.suggested_by is
    'The document for which a model suggested it, and which may be gone since; null: a person made it.';

alter table documents add column without_text text, add column failure_provider text, add column failure_model text;
comment on column documents.without_text is 'Why the document was classified by its filename and type; null: by its text.';
comment on column documents.failure_provider is 'Who had been asked when classification failed; null: nobody.';
comment on column documents.failure_model is 'Which model of failure_provider.';

comment on column documents.lease_expires_at is
    'Until then nobody takes the document up: a worker holds it, or its last attempt has failed just now.';

-- The migrations' own table is not the functions' business.
do $$
begin
    if to_regclass('_sqlx_migrations') is not null then
        revoke all on _sqlx_migrations from docuvault_app;
    end if;
end
$$;
