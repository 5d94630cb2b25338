-- The owner of a document that is not read is told its format.
alter table documents add column unread_format text;
comment on column documents.unread_format is 'The name of the format, if the latest classification knew it but could not read it.';

create or replace view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
