-- Restores the schema, not the rows: all sessions and devices are gone, and everybody has to log in again.
drop function end_sessions, forget_devices, current_user_row;
drop view callers;
drop table devices, refresh_tokens, sessions;

create table refresh_tokens (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    family_id uuid not null,
    token_hash bytea not null constraint refresh_tokens_hash_unique unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);
create index refresh_tokens_by_family on refresh_tokens (family_id);
create index refresh_tokens_by_user on refresh_tokens (user_id);
comment on table refresh_tokens is 'Sessions. A token is redeemed once; its successor has the same family.';
comment on column refresh_tokens.token_hash is 'SHA-256 of the token, which is stored nowhere.';
