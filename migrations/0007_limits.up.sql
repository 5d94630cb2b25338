-- What an account may hold and ask for: upload URLs that are alive, with a buried key or without; requests within an hour.

-- Functions of the release before know nothing of these columns: what they bury is removed in time and counts for nobody.
alter table tombstones
    add column user_id uuid,
    add column url_expires_at timestamptz;
update tombstones set
    -- Keys begin with their owner's id. Those of documents that never had an owner need not.
    user_id = case when object_key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' then split_part(object_key, '/', 1)::uuid end,
    url_expires_at = final_at - interval '24 hours';
create index tombstones_by_owner on tombstones (user_id, url_expires_at);
comment on column tombstones.user_id is 'Whose URL it is; null: nobody''s. No foreign key: the tombstone outlives the account.';
comment on column tombstones.url_expires_at is 'When the presigned PUT of this key stops being accepted; until then it counts as a live URL.';

-- Volatile as pending_uploads, which counts for functions of the release before: called by a statement that holds the user's
-- quota row, it counts what others have committed while that lock was awaited. The most-th youngest of the live URLs is the one
-- whose end makes room for another. A confirmed document's URL is as good as dead: its key is written.
create function url_in_the_way(owner uuid, most bigint) returns timestamptz language sql volatile as $$
    select url_expires_at from (
        select url_expires_at from documents where user_id = owner and status = 'pending'
        union all
        select url_expires_at from tombstones where user_id = owner
    ) u
    where url_expires_at > now()
    order by url_expires_at desc offset most - 1 limit 1
$$;
comment on function url_in_the_way is 'When the user may have one more upload URL; null: now. Asked under the lock of the user''s quota.';

-- A row per limited thing is used again and again. Its lock puts requests at once in order; one that is refused changes nothing.
create function rate_limit_hit(limited text, most bigint, span interval) returns timestamptz language plpgsql volatile as $$
begin
    insert into rate_limits as r (key, hits, window_ends_at) values (limited, 1, now() + span)
    on conflict (key) do update set
        hits = case when r.window_ends_at <= now() then 1 else r.hits + 1 end,
        window_ends_at = case when r.window_ends_at <= now() then excluded.window_ends_at else r.window_ends_at end
    where r.window_ends_at <= now() or r.hits < most;
    if found then
        return null;
    end if;
    return (select r.window_ends_at from rate_limits r where r.key = limited);
end
$$;
comment on function rate_limit_hit is 'Counts a hit, or returns when the window ends that admits no more.';
