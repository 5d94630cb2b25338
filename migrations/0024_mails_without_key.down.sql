delete from mails m where not exists (select from users u where u.id = m.user_id);
-- The table has only mails that wait, so that the scan is short.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table mails add constraint mails_user_id_fkey foreign key (user_id) references users (id) on delete cascade;
comment on column mails.user_id is 'The account that the mail is about. Null: nothing is sent. Such a row makes a request about an unknown address take as long as one about a known address.';
