-- no-transaction
-- Most accounts are active users. The others are few: administrators, deactivated accounts, those that owe a
-- new password, and those that the sweep removes.
create index concurrently if not exists users_by_standing on users (id) where standing <> 'user';
