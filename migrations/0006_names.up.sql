-- Names are compared by a key that Rust computes (src/name.rs): SQL's lower() knows neither case folding nor normalization.
-- `migrate up` writes the keys of the rows that are there, after the last file (functions/migrate/src/keys.rs).
alter table documents add column filename_key text;
comment on column documents.filename_key is 'What filename is searched by; null: written by the release before, and not searched until the next `up`.';
create index documents_without_key on documents (id) where filename_key is null;

alter table topics add column name_key text;
comment on column topics.name_key is 'What name is compared by; null: not written yet.';
create unique index topics_name_key_unique on topics (user_id, name_key) nulls not distinct where name_key is not null;
create index topics_by_name_key on topics (name_key);
drop index topics_by_folded_name;

-- As in 0004, by the key. A name without one comes from a function of the release before, and has what that compares by until the
-- next `up`; one that such a function has renamed keeps its old key until then, so names are compared, too. What leaves the name as
-- it is takes no lock: whoever absorbs the topic may hold that lock and wait for this row.
create or replace function topics_claim_name() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.name = old.name and new.name_key is not distinct from old.name_key then
        return new;
    end if;
    new.name_key := coalesce(new.name_key, lower(new.name));
    perform pg_advisory_xact_lock(hashtextextended(new.name_key, 0));
    if exists (
        select from topics t
        where t.name_key = new.name_key and t.id <> new.id and (t.user_id is null or t.user_id = new.user_id)
    ) or exists (
        select from topics t
        where t.name = new.name and t.id <> new.id and (t.user_id is null or t.user_id = new.user_id)
    ) then
        return null;
    end if;
    return new;
end
$$;
comment on function topics_claim_name is 'Keeps names unique, by their keys, in a user''s view of the vocabulary.';
drop trigger topics_claim_name on topics;
create trigger topics_claim_name before insert or update of name, name_key on topics
    for each row execute function topics_claim_name();

-- Locked first, topics before documents: who is just putting one of these topics on a document, or taking it off, has done so
-- before it is looked at, and a document that is just being deleted is gone. Whoever classifies or sets topics holds a document first
-- and may wait for one of these topics. Nobody waits for it in turn: its `no key update` lock on the document admits the `key share` here.
create function topics_replace(old uuid[], new uuid) returns void language plpgsql as $$
begin
    perform from topics t where t.id = any(old) order by t.id for update;
    perform from documents d
    where d.id in (select dt.document_id from document_topics dt where dt.topic_id = any(old))
    order by d.id for key share;
    insert into document_topics (document_id, topic_id, manual, dismissed, confidence)
    select dt.document_id, new, dt.manual, dt.dismissed, dt.confidence
    from document_topics dt where dt.topic_id = any(old)
    on conflict (document_id, topic_id) do update set manual = true, dismissed = excluded.dismissed where excluded.manual;
    delete from topics t where t.id = any(old);
end
$$;
comment on function topics_replace is
    'Puts one topic in the place of others on all documents. What was said of a document by hand stands.';

create or replace function topics_absorb() returns trigger language plpgsql as $$
begin
    perform topics_replace(array(
        select t.id from topics t where t.user_id is not null and t.name_key = new.name_key for update
    ), new.id);
    return null;
end
$$;
drop trigger topics_absorb on topics;
create trigger topics_absorb after insert or update of name, name_key on topics
    for each row when (new.user_id is null) execute function topics_absorb();

-- Of two topics whose names turn out to be the same, the one that has the key already stays, or the one that has the very name: its
-- key follows. A name that has changed since `up`
-- read it has its key.
create function topics_rekey(topic uuid, spelling text, key text) returns void language plpgsql as $$
declare
    taken uuid;
begin
    perform from topics t where t.id = topic and t.name = spelling for update;
    if not found then
        return;
    end if;
    loop
        update topics t set name_key = key where t.id = topic;
        exit when found;
        select t.id into taken
        from topics t join topics mine on mine.id = topic and (t.user_id is null or t.user_id = mine.user_id)
        where (t.name_key = key or t.name = spelling) and t.id <> topic
        for key share of t;
        if found then
            perform topics_replace(array[topic], taken);
            exit;
        end if;
    end loop;
end
$$;
comment on function topics_rekey is 'Writes a topic''s key, or lets the topic that has it take this one''s place.';

-- Called under the lock of the document's row, and volatile: each of its statements sees what others have committed while a lock was
-- awaited. Within one round system topics are locked before own ones, as topics_absorb does; a later round may lock more of either.
create function hold_topics(document uuid, wanted uuid[], keys text[]) returns uuid[] language plpgsql as $$
declare
    held uuid[] := '{}';
    seen uuid[];
begin
    loop
        seen := array(
            select t.id from topics t join documents d on d.id = document and (t.user_id is null or t.user_id = d.user_id)
            where t.id = any(wanted) or t.name_key = any(keys)
                or exists (select from document_topics dt where dt.document_id = document and dt.topic_id = t.id)
        );
        exit when seen <@ held;
        held := array(
            select t.id from topics t where t.id = any(seen) order by t.user_id nulls first, t.id for key share
        );
    end loop;
    return held;
end
$$;
comment on function hold_topics is
    'Locks the topics of a document, and those that are wanted or have one of the keys, as far as its owner sees them.';

create function classify_document(document uuid, ids uuid[], keys text[], confidences real[]) returns void language plpgsql as $$
declare
    held uuid[] := hold_topics(document, ids, keys);
begin
    with found as materialized (
        select distinct on (t.id) t.id, m.confidence
        from unnest(ids, keys, confidences) with ordinality m (id, key, confidence, n)
        join topics t on t.id = any(held)
            and (t.id = m.id or t.name_key = m.key and not coalesce(m.id = any(held), false))
        order by t.id, m.n
    ), cleared as (
        delete from document_topics dt
        where dt.document_id = document and not dt.manual and dt.topic_id not in (select f.id from found f)
    )
    insert into document_topics (document_id, topic_id, confidence)
    select document, f.id, f.confidence from found f
    on conflict (document_id, topic_id) do update set confidence = excluded.confidence where not document_topics.manual;
end
$$;
comment on function classify_document is
    'Makes these the topics that were found, under the lock of the document''s row: each by its id, or by its key if the topic is gone.';
