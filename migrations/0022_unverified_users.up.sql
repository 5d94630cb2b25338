-- no-transaction
-- The sweep looks for registrations that nobody has confirmed in time.
create index concurrently if not exists users_by_registration on users (created_at) where unverified;
