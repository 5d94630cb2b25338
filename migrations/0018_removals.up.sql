-- An account is removed in two steps. The statement that begins the removal takes everything away that makes
-- the account usable: its address, its password, its sessions and its quota. The sweep then removes the rest,
-- a limited number of rows at a time, and the row of the account last.
--
-- Without a quota, no document can be added or charged: both lock the row of the quota first.
alter table users add column removed_at timestamptz;
comment on column users.removed_at is
    'When the removal of the account began. The account is inactive from then on. Null: it is not being removed.';
