-- The two roles of the vault, and what they may do in the database this is run in. Run once per database by a superuser
-- (on RDS: the master user); running it again changes nothing. The database itself is created by the caller.
--
-- Passwords are not set here, so that none is ever in a repository. Set them once, by hand or by what deploys:
--     alter role docuvault_migrate password '...';
--     alter role docuvault_app password '...';

-- Roles belong to the whole server, so two databases prepared at once meet here: the loser of a race finds the work done.
do $$
declare
    name text;
begin
    foreach name in array array['docuvault_migrate', 'docuvault_app'] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I login', name);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;
end
$$;

-- Limits belong to the roles, not to connections: a proxy between function and server passes no SET and no start-up options.
do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('docuvault_app', 'statement_timeout', '10s'),
            ('docuvault_app', 'lock_timeout', '5s'),
            ('docuvault_app', 'idle_in_transaction_session_timeout', '10s'),
            ('docuvault_migrate', 'lock_timeout', '30s')
        ) as limits (role, setting, value)
    loop
        if not exists (
            select from pg_db_role_setting
            where setrole = wanted.role::regrole and setdatabase = 0
                and wanted.setting || '=' || wanted.value = any (setconfig)
        ) then
            begin
                execute format('alter role %I set %I = %L', wanted.role, wanted.setting, wanted.value);
            exception when unique_violation or internal_error then
                null;
            end;
        end if;
    end loop;
end
$$;

-- The master user of RDS is no superuser: it can hand things only to a role that it is a member of.
do $$
begin
    if not pg_has_role(current_user, 'docuvault_migrate', 'member') then
        execute format('grant docuvault_migrate to %I', current_user);
    end if;
end
$$;

-- docuvault_migrate owns the database and its schema; docuvault_app may connect, and nobody else.
do $$
begin
    execute format('alter database %I owner to docuvault_migrate', current_database());
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to docuvault_app', current_database());
end
$$;

alter schema public owner to docuvault_migrate;
revoke all on schema public from public;
grant usage on schema public to docuvault_app;

-- Rows only: no TRUNCATE (it passes by row triggers and the ledger), no REFERENCES, no TRIGGER.
alter default privileges for role docuvault_migrate in schema public
    grant select, insert, update, delete on tables to docuvault_app;
