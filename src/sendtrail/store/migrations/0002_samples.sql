-- What was made up to look around with is told apart from what is real; and whom to ask when a piece goes astray.

alter table organization add column support_contact text not null default '';    -- an address, a number or a page
alter table feed_file add column sample boolean not null default false;
alter table mailer_id add column sample boolean not null default false;
