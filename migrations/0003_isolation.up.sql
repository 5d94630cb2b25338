-- Every document has an owner from here on (D-01..D-03, D-10). Objects of documents without one are queued for removal by the
-- same transaction that forgets the rows: a crash or an unreachable store loses none of that work.
with ownerless as (
    delete from documents where user_id is null returning object_key, url_expires_at
)
insert into tombstones (object_key, final_at)
select object_key, url_expires_at + interval '24 hours' from ownerless;

delete from topics;
create index ix_topics_user_id on topics (user_id);

alter table documents alter column user_id set not null;

update quotas q set used_bytes = coalesce(
    (select sum(d.size_bytes) from documents d where d.user_id = q.user_id and d.status <> 'pending'), 0);
