-- Restores the schema, not the rows: documents without an owner and all topics stay removed, the corrected ledger stays.
alter table documents alter column user_id drop not null;
drop index ix_topics_user_id;
