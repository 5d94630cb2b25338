-- Topics that were dismissed by hand are forgotten, as nothing could tell them from those that were set.
comment on column documents.lease_expires_at is null;
alter table documents drop column without_text, drop column failure_provider, drop column failure_model;
alter table topics drop column suggested_by;
drop view topics_of_documents;
comment on function pending_uploads is null;
drop function own_topics;
delete from document_topics where dismissed;
alter table document_topics drop column dismissed;
alter table topics drop constraint topics_name_length;
drop index topics_by_folded_name;
drop trigger topics_absorb on topics;
drop function topics_absorb;
drop trigger topics_claim_name on topics;
drop function topics_claim_name;
