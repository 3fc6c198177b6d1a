-- What people change of sends that were made.

alter table send add column imb_given boolean not null default false; -- by us: a new ZIP Code changes it; else it came so
create index on audit (organization_id, subject, id desc) where action = 'send.changed';
