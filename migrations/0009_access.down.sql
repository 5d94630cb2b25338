drop view document_access;
