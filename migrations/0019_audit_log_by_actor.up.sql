-- no-transaction
-- An account reads the entries in which it is the actor or the target, in the order of time.
create index concurrently if not exists audit_log_by_actor on audit_log (actor_id, at, id);
