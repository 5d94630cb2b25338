-- A model may get images of a document without text. The owner is told how many.
alter table documents add column images_sent integer;
comment on column documents.images_sent is 'How many images of the document the model of the latest classification got.';

create or replace view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
