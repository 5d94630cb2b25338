-- Restores the schema, not the rows: all passkeys are gone.
drop function count_passkeys, other_passkey;
alter table sessions drop column passkey_id;
drop table passkey_challenges, passkeys;
