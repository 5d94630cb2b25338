-- The one place that says which account may see which document, and with which right. Today an account sees
-- what it owns.
create view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
comment on view document_access is
    'A row for each document and each account that may see it: accounts find documents here.';
comment on column document_access.account_id is 'Who may see the document.';
comment on column document_access.access is 'What the account may do with it: an owner, everything.';

-- Functions lock rows through the view and change them in documents. A row lock needs the right to update
-- some column: this one is computed, so nothing can be written to it.
revoke insert, update, delete on document_access from docuvault_app;
grant update (access) on document_access to docuvault_app;
