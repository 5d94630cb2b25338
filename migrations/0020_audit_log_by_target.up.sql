-- no-transaction
-- See 0019.
create index concurrently if not exists audit_log_by_target on audit_log (target_id, at, id);
