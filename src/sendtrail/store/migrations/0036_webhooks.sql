-- Hooks as PostGrid's client knows them: those in its formats.

alter table hook add column updated_at timestamptz;
update hook set updated_at = created_at;
alter table hook alter column updated_at set default now(), alter column updated_at set not null;

create view webhook as
select id, organization_id, live, url, format, secret, events, disabled_at is null and ended_at is null as enabled,
       description, metadata, created_at, updated_at, case when ended_why = 'deleted' then ended_at end as deleted_at
  from hook
 where target = 'webhook' and format in ('postgrid_json', 'postgrid_jwt');
