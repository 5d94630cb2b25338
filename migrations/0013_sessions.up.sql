-- A session begins with a login and lasts until it is ended, is not used for 30 days, or is 90 days old. It has
-- one live refresh token at a time, except in the ten seconds in which two tabs may refresh at once.
create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    address text,
    user_agent text constraint sessions_user_agent_length check (char_length(user_agent) <= 256),
    expires_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz,
    owes_factor boolean not null default false,
    last_generation bigint not null default 1,
    live_from bigint not null default 1,
    parent bigint not null default 0,
    rotated_at timestamptz not null default now(),
    constraint sessions_expire_before_their_end check (expires_at <= ends_at)
);
create index sessions_by_user on sessions (user_id, created_at, id);
create index sessions_by_end on sessions (ends_at);
comment on table sessions is 'What an account may use from one browser, since a login. A refresh keeps it alive.';
comment on column sessions.last_used_at is 'The time of the login, or of the newest refresh.';
comment on column sessions.address is 'The client''s address at that time.';
comment on column sessions.user_agent is 'The name of the client''s program at that time. The client can write anything.';
comment on column sessions.expires_at is 'The end of the session if it is not used before. Each refresh postpones it.';
comment on column sessions.ends_at is 'The end of the session, however often it is used.';
comment on column sessions.ended_at is 'The time at which the session was ended before its time.';
comment on column sessions.owes_factor is 'The account may do nothing in this session until it has a second factor.';
comment on column sessions.last_generation is 'The generation of the newest refresh token. The first one has 1.';
comment on column sessions.live_from is 'Tokens of this generation and of later ones are live.';
comment on column sessions.parent is 'The generation of the token that was exchanged for the live ones; 0 at first.';
comment on column sessions.rotated_at is 'The time at which that token was exchanged for the first time.';

-- No release has used the table of 0001, so it is empty.
-- squawk-ignore ban-drop-table
drop table refresh_tokens;
create table refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null references sessions (id) on delete cascade,
    generation bigint not null,
    constraint refresh_tokens_generation_unique unique (session_id, generation)
);
comment on table refresh_tokens is
    'Every refresh token of a session, also those that were exchanged for another. Rows never change: the session says which tokens are live.';
comment on column refresh_tokens.token_hash is 'The SHA-256 of the token. The token itself is stored nowhere.';
comment on column refresh_tokens.generation is 'The number of the token in its session.';

create table devices (
    token_hash bytea not null,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    primary key (token_hash, user_id)
);
create index devices_by_user on devices (user_id);
create index devices_by_last_use on devices (last_used_at);
comment on table devices is 'The browsers with which accounts have logged in. Several accounts may share a browser.';
comment on column devices.token_hash is 'The SHA-256 of the token in the browser''s cookie.';
comment on column devices.last_used_at is 'The time of the newest login.';

-- The one place that says which session may act for which account, and what the account may do in it.
create view callers as
    select u.id, s.id as session_id,
        case when s.owes_factor and u.standing in ('user', 'admin') then 'factor_owed' else u.standing end as standing
    from users u join sessions s on s.user_id = u.id
    where s.ended_at is null and s.expires_at > now();
comment on view callers is 'A row for each session that is alive: every statement on behalf of an account reads it.';
comment on column callers.id is 'The account.';
comment on column callers.standing is
    'What the account may do: users.standing, or factor_owed if the session has to get a second factor first.';

-- Volatile, so that it sees the sessions that others have begun while the statement waited for a lock. A login
-- locks the user's row, too, before it begins a session.
create function end_sessions(owner uuid, kept uuid) returns setof uuid language sql volatile as $$
    update sessions set ended_at = now()
    where user_id = owner and id is distinct from kept and ended_at is null and expires_at > now()
    returning id
$$;
comment on function end_sessions is
    'Ends all sessions of an account except one (null: all), and returns them. Called under the lock of the user''s row.';

-- Volatile, so that it sees the browsers that others have used while the statement waited for the lock.
create function forget_devices(owner uuid, kept bytea[]) returns void language sql volatile as $$
    delete from devices where user_id = owner and not coalesce(token_hash = any (kept), false)
$$;
comment on function forget_devices is
    'Forgets the browsers of an account, except those with these hashes of tokens (null: no hash). Called under the lock of the user''s row.';

-- Volatile, so that it sees what others have committed while the statement waited for a lock.
create function current_user_row(account uuid) returns setof users language sql volatile as $$
    select * from users where id = account
$$;
comment on function current_user_row is 'Reads an account as it is now, not as it was when the statement began.';

-- Functions lock rows through the view. A row lock needs the right to update some column: nothing can be
-- written through a view of two tables.
revoke insert, update, delete on callers from docuvault_app;
grant update (standing) on callers to docuvault_app;
-- Tokens never change, and go with their session. Of a session and of a device, only what the functions write
-- may change.
revoke update, delete on refresh_tokens from docuvault_app;
revoke update on sessions, devices from docuvault_app;
grant update (last_used_at, address, user_agent, expires_at, ended_at, owes_factor, last_generation, live_from, parent, rotated_at)
    on sessions to docuvault_app;
grant update (last_used_at) on devices to docuvault_app;
