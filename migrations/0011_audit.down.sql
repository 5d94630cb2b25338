drop function is_key_free;
drop function confirmed_bytes;
drop table audit_cursors;
