-- The object that was charged is the one that is read later, or it is found out.
alter table documents add column etag text;
comment on column documents.etag is 'The object''s entity tag when it was charged; null: pending, or confirmed before it was kept. No other object is classified.';
