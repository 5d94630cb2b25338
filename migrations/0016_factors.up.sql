-- Second factors: encrypted TOTP secrets, hashed backup codes, and logins that still owe a factor.
alter table users add column totp_key text;
comment on column users.totp_secret is
    'The RFC 6238 secret, encrypted: nonce, ciphertext and tag of XChaCha20-Poly1305. It counts only once totp_enabled.';
comment on column users.totp_key is 'The id of the key in FACTOR_KEYS that encrypted totp_secret.';

-- No release has used this table. Its hash was of a kind for short codes, and its id had no purpose.
-- squawk-ignore ban-drop-table
drop table backup_codes;
create table backup_codes (
    code_hash bytea primary key,
    user_id uuid not null references users (id) on delete cascade,
    used_at timestamptz
);
create index backup_codes_by_user on backup_codes (user_id);
comment on table backup_codes is 'Second factors for one use each, ten for each account with TOTP.';
comment on column backup_codes.code_hash is 'SHA-256 of the code, which has 120 random bits.';

create table login_challenges (
    token_hash bytea primary key,
    user_id uuid not null references users (id) on delete cascade,
    password_digest bytea not null,
    expires_at timestamptz not null
);
create index login_challenges_by_user on login_challenges (user_id);
comment on table login_challenges is
    'Logins whose password was right, and that wait for a second factor. A row is deleted when its login is completed.';
comment on column login_challenges.token_hash is 'SHA-256 of the challenge, which the client has.';
comment on column login_challenges.password_digest is
    'SHA-256 of users.password_hash at the login. A changed password makes the challenge invalid.';

-- Both are volatile, so that they see what others have committed while the statement waited for the lock of the
-- user's row.
create function replace_backup_codes(owner uuid, hashes bytea[]) returns void language sql volatile as $$
    delete from backup_codes where user_id = owner;
    insert into backup_codes (code_hash, user_id) select hash, owner from unnest(hashes) hash;
$$;
comment on function replace_backup_codes is
    'Replaces all backup codes of an account. Called under the lock of the user''s row.';

create function owe_factor(owner uuid) returns void language sql volatile as $$
    update sessions set owes_factor = true where user_id = owner and ended_at is null
$$;
comment on function owe_factor is
    'Lets the sessions of an account owe a second factor. Called under the lock of the user''s row.';

-- A code can become used. Nothing else of these rows changes. Functions lock challenges, for which they need the
-- right to update a column.
revoke update on backup_codes, login_challenges from docuvault_app;
grant update (used_at) on backup_codes to docuvault_app;
grant update (expires_at) on login_challenges to docuvault_app;
