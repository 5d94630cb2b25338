-- Documents are classified again whatever the store holds under their keys.
alter table documents drop column etag;
