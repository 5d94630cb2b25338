-- Attempts at logins, codes and the like are limited per account and per address. An allowance is what one of
-- them has left of one action: a number of attempts at once (the burst), and one more in each refill time.
-- After the burst, each further attempt has to wait, and each wait is twice as long as the one before, up to
-- the refill time. Burst, first wait and refill time are constants of the functions (src/limit.rs).
create table allowances (
    key bytea primary key,
    full_at timestamptz not null,
    open_at timestamptz not null default '-infinity'
) with (fillfactor = 70);
comment on table allowances is
    'How many attempts an account or an address has used up. The sweep removes the rows of unused allowances.';
comment on column allowances.key is
    'The SHA-256 hash of the action and of what is limited, so that no tried e-mail address can be read.';
comment on column allowances.full_at is 'From this time on, the allowance is unused again.';
comment on column allowances.open_at is 'Attempts before this time are refused.';

create function allowance_key(name text) returns bytea language sql immutable as $$
    select sha256(convert_to(lower(name), 'UTF8'))
$$;
comment on function allowance_key is 'The key of an allowance. Upper and lower case are the same.';

-- An attempt that is refused uses nothing. Of attempts at the same time, each waits for the row that the one
-- before it has locked, and then sees what that one has used. Rows are locked in the order of the names. Times
-- are read after the row is locked, so that they follow each other in the order of the locks.
create function use_allowances(names text[], bursts integer[], pauses_s integer[], refills_s integer[])
returns timestamptz language plpgsql volatile as $$
declare
    keys bytea[] := array(
        select allowance_key(n.name) from unnest(names) with ordinality as n (name, place) order by n.place);
    refused_until timestamptz;
    refill interval;
    over_burst double precision;
begin
    select max(a.open_at) into refused_until from allowances a where a.key = any (keys) and a.open_at > now();
    if refused_until is not null then
        return refused_until;
    end if;
    for i in 1 .. cardinality(keys) loop
        refill := make_interval(secs => refills_s[i]);
        insert into allowances as a (key, full_at) values (keys[i], clock_timestamp() + refill)
        on conflict (key) do update set full_at = greatest(a.full_at, clock_timestamp()) + refill
        where a.open_at <= clock_timestamp()
        returning ceil(extract(epoch from a.full_at - clock_timestamp()) / refills_s[i]) - bursts[i] into over_burst;
        if not found then
            return (select a.open_at from allowances a where a.key = keys[i]);
        end if;
        if over_burst >= 0 then
            update allowances a
            set open_at = clock_timestamp()
                + least(refill, make_interval(secs => pauses_s[i] * power(2, least(over_burst, 20))))
            where a.key = keys[i];
        end if;
    end loop;
    return null;
end
$$;
comment on function use_allowances is
    'Uses one attempt of each allowance. Null: done. Otherwise the time from which on an attempt is admitted.';

create function restore_allowances(whole text[], one text, refill_s integer) returns void
language plpgsql volatile as $$
begin
    update allowances a set full_at = a.full_at - make_interval(secs => refill_s), open_at = '-infinity'
    where a.key = allowance_key(one);
    for i in 1 .. cardinality(whole) loop
        delete from allowances a where a.key = allowance_key(whole[i]);
    end loop;
end
$$;
comment on function restore_allowances is
    'Gives back whole allowances, and one attempt of another, after an attempt that has succeeded.';

-- Nothing but a temporary password ends by itself. Those that exist get the same time as new ones.
alter table users add column password_expires_at timestamptz;
comment on column users.password_expires_at is
    'From this time on, a temporary password is refused. Null: the password does not expire.';
update users set password_expires_at = now() + interval '72 hours' where password_must_change;
