-- Accounts whose removal has begun are not removed any more. They stay inactive.
alter table users drop column removed_at;
