alter table users drop column standing;
alter table users drop column password_must_change;
drop table backup_codes;
