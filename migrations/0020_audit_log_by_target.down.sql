-- no-transaction
drop index concurrently if exists audit_log_by_target;
