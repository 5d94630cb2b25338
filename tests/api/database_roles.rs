//! The functions' database role may read and write rows, and nothing else (SPEC section 7).

use migrate::{Command, Schema};
use serde_json::json;
use tests::{TestDatabase, TestVault};

/// Creates a database by the steps that an operator takes. A clone of the tests' template would not do:
/// Postgres does not copy the rights to the template database itself.
async fn new_database() -> TestDatabase {
    let database = TestDatabase::empty().await;
    migrate::handle(&database.migrate_capabilities(), Command::Migrate(Schema::Up)).await.unwrap();
    database
}

const APP: &str = "docuvault_app";

#[tokio::test]
async fn the_functions_role_cannot_change_the_schema() {
    let database = new_database().await;
    let app = database.connect_as(APP).await;
    for statement in [
        "create table mine (id int)",
        "create schema mine",
        "create function mine() returns int language sql as 'select 1'",
        "create index mine on documents (filename)",
        "create trigger mine before update on quotas for each row execute function suppress_redundant_updates_trigger()",
        "create temporary table mine (id int)",
        "alter table documents add column mine int",
        "alter table quotas drop constraint quotas_used_not_negative",
        "alter table quotas disable trigger all",
        "drop table documents",
        "drop function pending_uploads(uuid)",
        "truncate documents",
        "truncate tombstones",
        "comment on table documents is 'mine'",
        "alter role docuvault_app superuser",
        "alter role docuvault_migrate password 'mine'",
        "create role mine",
        "create database mine",
        "set role docuvault_migrate",
        "set session_replication_role = replica",
        "copy documents to program 'true'",
        "select * from pg_authid",
        "select pg_read_file('/etc/passwd')",
        "drop extension plpgsql",
    ] {
        let error = app.batch_execute(statement).await.expect_err(statement);
        let code = error.code().unwrap_or_else(|| panic!("{statement}: {error}")).code();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
}

#[tokio::test]
async fn the_functions_role_may_change_rows_of_every_table_but_those_that_never_change() {
    let vault = TestVault::new().await;
    let app = vault.database.connect_as(APP).await;
    let owned = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'";
    for row in app.query(owned, &[]).await.unwrap() {
        let table: &str = row.get(0);
        let may = async |right: &str| {
            let statement = format!("select has_table_privilege('{APP}', 'public.{table}', '{right}')");
            app.query_one(&statement, &[]).await.unwrap().get::<_, bool>(0)
        };
        // The migrator's own table is closed to functions. Of some tables, only some columns may change.
        let (updates, deletes) = match table {
            "audit_log" | "refresh_tokens" | "_sqlx_migrations" => (false, false),
            "sessions" | "devices" | "backup_codes" | "login_challenges" | "passkeys"
            | "passkey_challenges" => (false, true),
            _ => (true, true),
        };
        for right in ["truncate", "references", "trigger"] {
            assert!(!may(right).await, "{table}: {right}");
        }
        if table != "_sqlx_migrations" {
            assert!(may("select").await && may("insert").await, "{table}");
            assert_eq!((may("update").await, may("delete").await), (updates, deletes), "{table}");
        }
    }
}

#[tokio::test]
async fn the_functions_role_cannot_give_a_session_to_another_account_or_make_it_longer() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.refresh_token(alice.user()).await;
    let app = vault.database.connect_as(APP).await;
    for (statement, expected) in [
        ("update sessions set user_id = gen_random_uuid()", "42501"),
        ("update sessions set id = gen_random_uuid()", "42501"),
        ("update sessions set created_at = now()", "42501"),
        ("update sessions set ends_at = now() + interval '1 year'", "42501"),
        ("update sessions set expires_at = ends_at + interval '1 second'", "23514"),
        ("update refresh_tokens set generation = 2", "42501"),
        ("update refresh_tokens set session_id = gen_random_uuid()", "42501"),
        ("delete from refresh_tokens", "42501"),
        ("update devices set user_id = gen_random_uuid()", "42501"),
        ("update devices set token_hash = sha256('x')", "42501"),
        // Nothing can be written through a view of two tables.
        ("insert into callers (id) values (gen_random_uuid())", "55000"),
        ("delete from callers", "55000"),
        ("update callers set standing = 'admin'", "55000"),
    ] {
        let error = app.batch_execute(statement).await.expect_err(statement);
        assert_eq!(error.code().unwrap().code(), expected, "{statement}");
    }
    app.batch_execute("select from callers for no key update").await.unwrap();
}

#[tokio::test]
async fn the_functions_role_cannot_give_a_passkey_or_a_challenge_to_somebody_else() {
    let vault = TestVault::new().await;
    let app = vault.database.connect_as(APP).await;
    for statement in [
        "update passkeys set user_id = gen_random_uuid()",
        "update passkeys set key_ref = 'x'",
        "update passkeys set created_at = now()",
        "update passkey_challenges set session_id = null",
        "update passkey_challenges set state = '{}'",
    ] {
        let error = app.batch_execute(statement).await.expect_err(statement);
        assert_eq!(error.code().unwrap().code(), "42501", "{statement}");
    }
}

#[tokio::test]
async fn the_audit_log_is_append_only() {
    let vault = TestVault::new().await;
    let app = vault.database.connect_as(APP).await;
    let id = uuid::Uuid::now_v7();
    let append = "insert into audit_log (id, action) values ($1, 'user.created')";
    assert_eq!(app.execute(append, &[&id]).await.unwrap(), 1);
    for statement in [
        "update audit_log set action = 'other'",
        "delete from audit_log",
        "truncate audit_log",
        "insert into audit_log (id, action) select id, 'other' from audit_log on conflict (id) do update set action = 'other'",
    ] {
        let error = app.batch_execute(statement).await.expect_err(statement);
        assert_eq!(error.code().unwrap().code(), "42501", "{statement}");
    }
    let action = app.query_one("select action from audit_log", &[]).await.unwrap();
    assert_eq!(action.get::<_, &str>(0), "user.created");
}

#[tokio::test]
async fn nothing_in_the_database_changes_the_audit_log_for_the_functions_role() {
    let database = new_database().await;
    let app = database.connect_as(APP).await;
    let names = async |statement: &str| -> Vec<String> {
        app.query(statement, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let views = "select distinct v.oid::regclass::text from pg_depend d
        join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
        where d.refobjid = 'audit_log'::regclass and v.oid <> 'audit_log'::regclass";
    for view in names(views).await {
        for right in ["insert", "update", "delete", "truncate"] {
            let statement = format!("select has_table_privilege('{APP}', '{view}', '{right}')");
            assert!(!app.query_one(&statement, &[]).await.unwrap().get::<_, bool>(0), "{view}: {right}");
        }
    }
    // Functions with the rights of their owner could do what the role may not.
    let definers =
        "select proname::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef";
    assert_eq!(names(definers).await, [""; 0]);
    let triggers = "select tgname::text from pg_trigger where tgrelid = 'audit_log'::regclass
        union select rulename::text from pg_rules where tablename = 'audit_log'";
    assert_eq!(names(triggers).await, [""; 0]);
    for statement in [
        "create temporary view log as select * from audit_log",
        "create rule hide as on insert to audit_log do instead nothing",
        "create trigger hide before insert on audit_log for each row execute function topics_absorb()",
        "alter table audit_log disable trigger all",
        "alter table audit_log enable row level security",
        "alter table audit_log drop column details",
        "drop table audit_log",
        "select * from audit_log for update",
        "merge into audit_log a using audit_log b on a.id = b.id when matched then delete",
        "grant delete on audit_log to docuvault_app",
    ] {
        let Err(error) = app.batch_execute(statement).await else {
            // Without the right to grant, a grant does nothing but warn.
            assert!(statement.starts_with("grant"), "{statement}");
            continue;
        };
        assert_eq!(error.code().unwrap().code(), "42501", "{statement}: {error}");
    }
    let may = "select has_any_column_privilege('docuvault_app', 'audit_log', 'update')
        or has_table_privilege('docuvault_app', 'audit_log', 'delete')";
    assert!(!app.query_one(may, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn each_role_has_its_own_timeouts() {
    let vault = TestVault::new().await;
    let mut shown = Vec::new();
    for role in [APP, "docuvault_migrate"] {
        let client = vault.database.connect_as(role).await;
        for setting in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
            let row = client.query_one(&format!("show {setting}"), &[]).await.unwrap();
            shown.push(row.get::<_, String>(0));
        }
    }
    assert_eq!(shown, ["10s", "5s", "10s", "70s", "30s", "0"]);
}

#[tokio::test]
async fn a_statement_that_exceeds_the_timeout_is_cancelled() {
    let vault = TestVault::new().await;
    let app = vault.database.connect_as(APP).await;
    let error = app.batch_execute("select pg_sleep(60)").await.expect_err("a minute");
    assert_eq!(error.code().unwrap().code(), "57014");
}

#[tokio::test]
async fn neither_role_has_server_wide_privileges() {
    let vault = TestVault::new().await;
    let statement = "select jsonb_object_agg(rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
        from pg_roles where rolname in ('docuvault_app', 'docuvault_migrate')";
    let rights: serde_json::Value =
        vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0);
    assert_eq!(rights, json!({"docuvault_app": false, "docuvault_migrate": false}));
}

#[tokio::test]
async fn the_ledger_cannot_become_negative() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let app = vault.database.connect_as(APP).await;
    for statement in ["update quotas set used_bytes = -1", "update quotas set limit_bytes = -1"] {
        let error = app.batch_execute(statement).await.expect_err(statement);
        assert_eq!(error.code().unwrap().code(), "23514", "{statement}");
    }
    assert_eq!(alice.used_bytes().await, 0);
}
