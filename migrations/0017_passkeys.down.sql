-- Restores the schema, not the rows: all passkeys are gone.
drop function remove_passkeys;
create or replace function owe_factor(owner uuid) returns void language sql volatile as $$
    update sessions set owes_factor = true where user_id = owner and ended_at is null
$$;
alter table sessions drop column passkey_id;
drop table passkey_challenges, passkeys;
