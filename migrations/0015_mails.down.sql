-- Mails that wait are lost, and so are changes of addresses that are under way. Accounts whose address nobody has
-- confirmed can log in then.
drop function remove_reset_links;
alter table users drop column address_mail_id;
alter table users drop column new_email;
alter table users drop column unverified;
alter table users drop column language;
drop table email_verifications;
drop table mails;
