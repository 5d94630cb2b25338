-- no-transaction
-- A store lists objects by their keys, which begin with the ids of the owner and the document. The audit reads
-- rows in the same order, and sums up the sizes of an account without reading its rows. Only confirmed
-- documents are in the index, so that the request of an upload URL does not write to it.
create index concurrently if not exists documents_confirmed_by_owner on documents (user_id, id) include (size_bytes) where status <> 'pending';
