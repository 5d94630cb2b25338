drop view document_access;
alter table documents drop column failure_images_sent;
comment on column documents.images_sent is 'How many images of the document the model of the latest classification got.';

create view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
comment on view document_access is
    'A row for each document and each account that may see it: accounts find documents here.';
comment on column document_access.account_id is 'Who may see the document.';
comment on column document_access.access is 'What the account may do with it: an owner, everything.';

revoke insert, update, delete on document_access from docuvault_app;
grant update (access) on document_access to docuvault_app;
