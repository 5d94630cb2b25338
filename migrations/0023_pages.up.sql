-- A model reads no page that has no text, such as a scan. The owner is told how many there are.
alter table documents add column pages integer, add column pages_without_text integer;
comment on column documents.pages is 'How many pages the latest classification found; null for formats without fixed pages.';
comment on column documents.pages_without_text is 'How many of these pages have no text, such as scans.';

create or replace view document_access as
    select d.user_id as account_id, 'owner'::text as access, d.* from documents d;
