drop function pending_uploads(uuid);
drop table rate_limits, groups, audit_log, password_resets, refresh_tokens, tombstones, document_topics, topics, documents,
    quotas, users;
