-- Names are compared by lower() again; topics that became one stay one.
drop function classify_document;
drop function hold_topics;
drop function topics_rekey;
drop trigger topics_absorb on topics;
drop trigger topics_claim_name on topics;
create or replace function topics_claim_name() returns trigger language plpgsql as $$
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
create or replace function topics_absorb() returns trigger language plpgsql as $$
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
drop function topics_replace;
drop index topics_by_name_key;
drop index topics_name_key_unique;
alter table topics drop column name_key;
create index topics_by_folded_name on topics (lower(name));
drop index documents_without_key;
alter table documents drop column filename_key;
