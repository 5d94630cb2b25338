-- The vault as it began. Ids are UUIDv7 made by the functions: no sequence, and id order is creation order.

create table users (
    id uuid primary key,
    email text not null,
    password_hash text not null,
    role text not null default 'user' constraint users_role_known check (role in ('user', 'admin')),
    active boolean not null default true,
    totp_secret bytea,
    totp_enabled boolean not null default false,
    last_totp_step bigint,
    ai_provider text,
    ai_model text,
    created_at timestamptz not null default now(),
    last_login_at timestamptz
);
create unique index users_email_unique on users (lower(email));
comment on table users is 'Accounts. Never deleted while documents are left: their objects must be buried first.';
comment on column users.password_hash is 'Argon2id, PHC string.';
comment on column users.totp_secret is 'RFC 6238 secret; counts only once totp_enabled.';
comment on column users.last_totp_step is 'The last accepted time step: the same or an older one is a replay.';
comment on column users.ai_provider is 'Who classifies this user''s documents; null: the function''s default.';

create table quotas (
    user_id uuid primary key references users (id) on delete cascade,
    limit_bytes bigint not null default 104857600 constraint quotas_limit_not_negative check (limit_bytes >= 0),
    used_bytes bigint not null default 0 constraint quotas_used_not_negative check (used_bytes >= 0)
);
comment on table quotas is 'The ledger: used_bytes is the sum of size_bytes of the user''s confirmed documents, in every committed state.';
comment on column quotas.limit_bytes is 'Bytes. May be set below used_bytes: then not one more byte is admitted.';

create table documents (
    id uuid primary key,
    user_id uuid references users (id),
    filename text not null,
    content_type text not null,
    size_bytes bigint constraint documents_size_not_negative check (size_bytes >= 0),
    sha256 text constraint documents_sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$'),
    storage_backend text not null default 's3',
    object_key text not null constraint documents_object_key_unique unique,
    status text not null default 'pending'
        constraint documents_status_known check (status in ('pending', 'uploaded', 'classified', 'classification_failed')),
    created_at timestamptz not null default now(),
    url_expires_at timestamptz not null,
    confirmed_at timestamptz,
    event_at timestamptz,
    nudge_due_at timestamptz,
    lease_id uuid,
    lease_expires_at timestamptz,
    attempts integer not null default 0,
    failure_code text,
    failure_message text,
    ai_provider text,
    ai_model text,
    prompt_version text,
    truncated boolean,
    classified_at timestamptz,
    constraint documents_confirmed_have_size check (status = 'pending' or (size_bytes is not null and confirmed_at is not null)),
    constraint documents_failures_have_reason check (status <> 'classification_failed' or failure_code is not null)
);
create index documents_by_owner on documents (user_id, id);
create index documents_by_owner_and_status on documents (user_id, status, id);
create index documents_pending_by_age on documents (created_at) where status = 'pending';
create index documents_nudges_due on documents (nudge_due_at) where status = 'uploaded';
comment on table documents is 'One row per document, from the minting of its upload URL to its deletion.';
comment on column documents.size_bytes is 'Pending: what the client declared, if anything. Afterwards: what the store said, and what was charged.';
comment on column documents.sha256 is 'Declared by the client and enforced by the store; lower-case hex.';
comment on column documents.object_key is 'Written once, never reused by another row.';
comment on column documents.url_expires_at is 'When the presigned PUT stops being accepted.';
comment on column documents.event_at is 'When a put-notification came. Before confirmation it obliges the confirmation to send the nudge.';
comment on column documents.nudge_due_at is 'When the sweep nudges the classification again, unless the document has ended by then.';
comment on column documents.lease_id is 'The worker that classifies now; its word counts only while the id is still here.';
comment on column documents.attempts is 'Classifications begun.';

create table topics (
    id uuid primary key,
    user_id uuid references users (id) on delete cascade,
    name text not null,
    description text not null default '',
    created_at timestamptz not null default now(),
    constraint topics_name_unique unique nulls not distinct (user_id, name)
);
comment on table topics is 'The closed vocabulary of classification.';
comment on column topics.user_id is 'Null: a system topic, seen by everybody.';

create table document_topics (
    document_id uuid not null references documents (id) on delete cascade,
    topic_id uuid not null references topics (id) on delete cascade,
    manual boolean not null default false,
    confidence real,
    primary key (document_id, topic_id)
);
create index document_topics_by_topic on document_topics (topic_id);
comment on table document_topics is 'What a document is about.';
comment on column document_topics.manual is 'Set by a person: no classification takes it away.';

create table tombstones (
    object_key text primary key,
    created_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    final_at timestamptz not null,
    attempts integer not null default 0
);
create index tombstones_by_due on tombstones (due_at);
comment on table tombstones is 'Objects whose row is gone and that must go, too.';
comment on column tombstones.due_at is 'When the sweep deletes the object (again).';
comment on column tombstones.final_at is 'From here on no URL can recreate the object: a deletion after it is the last one.';
comment on column tombstones.attempts is 'Deletions begun since the last that succeeded.';

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

create table password_resets (
    token_hash bytea primary key,
    user_id uuid not null references users (id) on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index password_resets_by_user on password_resets (user_id);
comment on table password_resets is 'Single-use links to a new password.';

create table audit_log (
    id uuid primary key,
    at timestamptz not null default now(),
    actor_id uuid,
    action text not null,
    target_id uuid,
    address text,
    request_id text,
    details jsonb not null default '{}'
);
create index audit_log_by_time on audit_log (at);
comment on table audit_log is 'Who did what, to whom, when, from where. Append-only; never contents, secrets or URLs.';
comment on column audit_log.actor_id is 'No foreign key: the entry outlives the account.';

create table groups (
    id uuid primary key,
    name text not null constraint groups_name_unique unique,
    created_at timestamptz not null default now()
);
comment on table groups is 'The place of sharing, which does not exist yet.';

create table rate_limits (
    key text primary key,
    hits integer not null,
    window_ends_at timestamptz not null
);
comment on table rate_limits is 'Fixed windows, one row per limited thing (an account, an address).';

-- Volatile on purpose: called by a statement that holds the user's quota row, it counts what others have committed while
-- that lock was awaited, which the statement's own snapshot would not show.
create function pending_uploads(owner uuid) returns bigint language sql volatile as $$
    select count(*) from documents where user_id = owner and status = 'pending'
$$;

-- Append-only. What docuvault_app may do with every other table is said in roles.sql.
revoke update, delete on audit_log from docuvault_app;
