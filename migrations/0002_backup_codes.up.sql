create table backup_codes (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    code_hash text not null,
    used_at timestamptz
);
create index backup_codes_by_user on backup_codes (user_id);
comment on table backup_codes is 'Ten single-use second factors per user.';
comment on column backup_codes.code_hash is 'Argon2id, PHC string.';

alter table users add column password_must_change boolean not null default false;
comment on column users.password_must_change is 'The password was given by somebody else: nothing but changing it is allowed.';

alter table users add column standing text not null generated always as (
    case when not active then 'inactive' when password_must_change then 'password_owed' else role end
) stored;
comment on column users.standing is 'What the account may do now, in one word that every statement can check on its way.';
