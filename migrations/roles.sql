-- Creates the two roles of the vault, and sets what they may do in the current database. A superuser (on RDS:
-- the master user) runs it once for each database. Running it again sets only what is missing or differs. The
-- database must exist.
--
-- It sets no passwords, so that no repository contains one. Set them once, by hand or by the deployment:
--     alter role docuvault_migrate password '...';
--     alter role docuvault_app password '...';

-- Roles belong to the whole server. If two databases are prepared at the same time, one of them creates the
-- roles, and the other ignores the error.
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

-- The limits are set for the roles and not by connections: a proxy between function and server passes on no
-- SET and no start-up options.
do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('docuvault_app', 'statement_timeout', '10s'),
            ('docuvault_app', 'lock_timeout', '5s'),
            ('docuvault_app', 'idle_in_transaction_session_timeout', '10s'),
            ('docuvault_migrate', 'statement_timeout', '70s'),
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

-- The master user of RDS is not a superuser: it can give objects only to a role of which it is a member.
do $$
begin
    if not pg_has_role(current_user, 'docuvault_migrate', 'member') then
        execute format('grant docuvault_migrate to %I', current_user);
    end if;
end
$$;

-- docuvault_migrate owns the database and its schema. Besides it, only docuvault_app may connect.
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

-- docuvault_app may change rows only. It has no TRUNCATE, which runs no row triggers and so bypasses the
-- ledger, no REFERENCES and no TRIGGER.
alter default privileges for role docuvault_migrate in schema public
    grant select, insert, update, delete on tables to docuvault_app;
