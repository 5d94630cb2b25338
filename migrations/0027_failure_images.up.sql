-- A model that was asked may have got images, also if the classification failed. The owner is told how many.
alter table documents add column failure_images_sent integer;
comment on column documents.failure_images_sent is 'How many images of the document were sent to failure_provider.';
comment on column documents.images_sent is 'How many images of the document were sent for the latest classification.';

create or replace view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
