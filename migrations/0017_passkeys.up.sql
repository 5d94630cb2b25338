-- Passkeys: keys of a phone, a computer or a security key, which sign in instead of a password.
create table passkeys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    key_ref bytea not null constraint passkeys_key_unique unique,
    credential jsonb not null,
    sign_count bigint not null,
    name text not null constraint passkeys_name_length check (char_length(name) between 1 and 64),
    created_at timestamptz not null default now(),
    last_used_at timestamptz
);
create index passkeys_by_user on passkeys (user_id, created_at, id);
comment on table passkeys is 'The passkeys of accounts, up to ten for each. They have public keys only.';
comment on column passkeys.key_ref is 'The id of the key, which the key has chosen itself.';
comment on column passkeys.credential is 'The public key, and more that the library for WebAuthn needs to check an answer.';
comment on column passkeys.sign_count is
    'The number of signatures that the key had counted at its last use. Many keys do not count, and always say 0.';
comment on column passkeys.name is 'The name that the owner has given the passkey.';
comment on column passkeys.last_used_at is 'The time of the last sign-in with the passkey. Null: it was never used.';

create table passkey_challenges (
    id uuid primary key,
    session_id uuid references sessions (id) on delete cascade,
    state jsonb not null,
    expires_at timestamptz not null
);
create index passkey_challenges_by_session on passkey_challenges (session_id) where session_id is not null;
create index passkey_challenges_by_end on passkey_challenges (expires_at);
comment on table passkey_challenges is
    'Challenges that wait for the answer of a passkey. An answer deletes its challenge, whether it is right or not.';
comment on column passkey_challenges.session_id is
    'The session that may register a passkey with the challenge. Null: the challenge is for a sign-in.';
comment on column passkey_challenges.state is 'The random bytes to be signed, and what the answer must fulfil.';

alter table sessions add column passkey_id uuid;
comment on column sessions.passkey_id is
    'The passkey with which the session was started, or that was registered in it. Such a session owes no other factor. It is no foreign key: the statement that removes a passkey ends all sessions of the account.';

create or replace function owe_factor(owner uuid) returns void language sql volatile as $$
    update sessions set owes_factor = true where user_id = owner and ended_at is null and passkey_id is null
$$;

-- Volatile, so that it sees the passkeys that others have registered while the statement waited for the lock.
create function remove_passkeys(owner uuid) returns void language sql volatile as $$
    delete from passkeys where user_id = owner
$$;
comment on function remove_passkeys is 'Removes the passkeys of an account. Called under the lock of the user''s row.';

-- Only what the functions write may change. A challenge never changes: a row lock needs the right to update
-- some column.
revoke update on passkeys, passkey_challenges from docuvault_app;
grant update (expires_at) on passkey_challenges to docuvault_app;
grant update (credential, sign_count, name, last_used_at) on passkeys to docuvault_app;
