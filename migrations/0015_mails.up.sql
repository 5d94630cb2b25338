-- Mails wait in a table until the function `mail` has sent them. The statement that needs a mail adds its row,
-- so that neither exists without the other.
create table mails (
    id uuid primary key,
    kind text not null,
    user_id uuid references users (id) on delete cascade,
    address text not null,
    details jsonb not null default '{}',
    created_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts integer not null default 0,
    expires_at timestamptz not null
);
create index mails_by_due on mails (due_at);
create index mails_by_user on mails (user_id);
comment on table mails is 'Mails that wait to be sent. A row has no link: the function that sends it makes the token of the link.';
comment on column mails.kind is 'What the mail says: mail::Kind. A release leaves kinds that it does not know to a later one.';
comment on column mails.user_id is 'The account that the mail is about. Null: nothing is sent. Such a row makes a request about an unknown address take as long as one about a known address.';
comment on column mails.address is 'The recipient. It is not always the address of the account: a new one is asked, and an old one is told.';
comment on column mails.details is 'Words of the vault, and the network address of a request. No secrets.';
comment on column mails.due_at is 'When the mail is sent (again). A worker that has claimed the mail moves it to the end of the claim.';
comment on column mails.attempts is 'Attempts begun. A worker records a failure only if no other attempt has begun since.';
comment on column mails.expires_at is 'When the mail is dropped, sent or not. A link in it is valid up to this time.';

-- The links that confirm an address. Those that set a new password are in password_resets.
create table email_verifications (
    token_hash bytea primary key,
    mail_id uuid not null,
    user_id uuid not null references users (id) on delete cascade,
    expires_at timestamptz not null
);
create index email_verifications_by_user on email_verifications (user_id);
comment on table email_verifications is 'Links that confirm an address. An attempt to send a mail adds one, and each of them is valid until one was used.';
comment on column email_verifications.token_hash is 'SHA-256 of the token, which is stored nowhere.';
comment on column email_verifications.mail_id is 'The mail with the link. It counts only while users.address_mail_id is this one.';

-- Volatile, so that it sees the links that others have made while the statement waited for the lock.
create function remove_reset_links(owner uuid) returns void language sql volatile as $$
    delete from password_resets where user_id = owner;
    delete from mails where user_id = owner and kind = 'password_reset'
$$;
comment on function remove_reset_links is
    'Removes the links for a new password of an account, and the mails that would bring more. Called under the lock of the user''s row.';

alter table users add column language text not null default 'en';
alter table users add column unverified boolean not null default false;
alter table users add column new_email text;
alter table users add column address_mail_id uuid;
comment on column users.language is 'The language of mails to this account, such as de.';
comment on column users.unverified is 'True: nobody has confirmed the address since the registration. Nobody can log in then.';
comment on column users.new_email is 'The address that the account gets once its link is used. Null: no change is under way.';
comment on column users.address_mail_id is 'The mail whose link confirms the address, or changes it to new_email. Links of earlier mails are invalid.';
