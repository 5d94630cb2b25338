drop function replace_backup_codes, owe_factor;
drop table login_challenges;

drop table backup_codes;
create table backup_codes (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    code_hash text not null,
    used_at timestamptz
);
create index backup_codes_by_user on backup_codes (user_id);
comment on table backup_codes is 'Ten single-use second factors per user.';
comment on column backup_codes.code_hash is 'Argon2id, PHC string.';

comment on column users.totp_secret is 'RFC 6238 secret; counts only once totp_enabled.';
alter table users drop column totp_key;
