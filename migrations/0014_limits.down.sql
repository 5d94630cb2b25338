alter table users drop column password_expires_at;
drop function restore_allowances(text[], text, integer);
drop function use_allowances(text[], integer[], integer[], integer[]);
drop function allowance_key(text);
drop table allowances;
