drop function rate_limit_hit(text, bigint, interval);
drop function url_in_the_way(uuid, bigint);
drop index tombstones_by_owner;
alter table tombstones drop column url_expires_at, drop column user_id;
