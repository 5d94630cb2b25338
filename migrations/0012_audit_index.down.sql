-- no-transaction
drop index concurrently if exists documents_confirmed_by_owner;
