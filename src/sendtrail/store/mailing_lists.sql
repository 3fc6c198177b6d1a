-- Who is in a mailing list. The list is held by whoever changes it, so these need not look whose it is, but the contacts
-- and imports that are named must be of its organization and mode.

-- name: known_contacts
select id from contact
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(numbers)s) and deleted_at is null

-- name: add_contacts
insert into mailing_list_member (mailing_list_id, contact_id)
select %(list_id)s, id from contact
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(numbers)s) and deleted_at is null
    on conflict do nothing

-- name: remove_contacts
delete from mailing_list_member
 using mailing_list
 where mailing_list.id = mailing_list_id and organization_id = %(organization_id)s and live = %(live)s
   and mailing_list_id = %(list_id)s and contact_id = any (%(numbers)s)

-- name: add_imports
insert into mailing_list_member (mailing_list_id, contact_id, import_id, sender_id, variables)
select distinct on (contact_id) %(list_id)s, contact_id, import_id, sender_id, variables
  from mailing_list_import_row
  join mailing_list_import on mailing_list_import.id = import_id
 where organization_id = %(organization_id)s and live = %(live)s and import_id = any (%(numbers)s)
   and contact_id is not null
 order by contact_id, import_id desc, line desc
    on conflict (mailing_list_id, contact_id) do update
   set import_id = excluded.import_id, sender_id = excluded.sender_id, variables = excluded.variables

-- name: remove_imports
delete from mailing_list_member
 using mailing_list
 where mailing_list.id = mailing_list_id and organization_id = %(organization_id)s and live = %(live)s
   and mailing_list_id = %(list_id)s and import_id = any (%(numbers)s)

-- name: clear
delete from mailing_list_member
 using mailing_list
 where mailing_list.id = mailing_list_id and organization_id = %(organization_id)s and live = %(live)s
   and mailing_list_id = %(list_id)s

-- name: size
select count(*), count(*) filter (where sender_id is null),
       count(*) filter (where not coalesce(variables ? %(variable)s, false))
  from mailing_list_member
  join contact on contact.id = contact_id
 where mailing_list_id = %(list_id)s and organization_id = %(organization_id)s and live = %(live)s
   and contact.deleted_at is null

-- name: members
select contact_id, sender_id, variables, contact.deleted_at is not null
  from (select * from mailing_list_member
         where mailing_list_id = %(list_id)s and contact_id > %(after)s
         order by contact_id limit %(limit)s) as member
  join contact on contact.id = contact_id
 where organization_id = %(organization_id)s and live = %(live)s
 order by contact_id

-- name: sending
select campaign_id from mailing
 where mailing_list_id = %(list_id)s and organization_id = %(organization_id)s and live = %(live)s
   and status = 'creating_orders' and deleted_at is null
 limit 1
