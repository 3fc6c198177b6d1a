-- Contacts: the same data is one contact. `rows` are objects with the columns' names; `digest` in hexadecimal.

-- name: known
select digest, id, first_name, last_name, company, job_title, email, phone, address_line1, address_line2, city, state,
       postal_code, country, address_status, address_errors, settings, description, metadata, created_at, updated_at,
       deleted_at
  from contact
 where organization_id = %(organization_id)s and live = %(live)s and digest = any (%(digests)s::bytea[])
   and deleted_at is null

-- name: add
insert into contact (organization_id, live, first_name, last_name, company, job_title, email, phone, address_line1,
                     address_line2, city, state, postal_code, country, address_status, address_errors, settings, digest,
                     description, metadata)
select %(organization_id)s, %(live)s, first_name, last_name, company, job_title, email, phone, address_line1,
       address_line2, city, state, postal_code, country, address_status, address_errors, settings,
       decode(digest, 'hex'), coalesce(description, ''), metadata
  from jsonb_to_recordset(%(rows)s) as given
       (first_name text, last_name text, company text, job_title text, email text, phone text, address_line1 text,
        address_line2 text, city text, state text, postal_code text, country text, address_status text,
        address_errors text, settings jsonb, digest text, description text, metadata jsonb)
 order by digest
on conflict (organization_id, live, digest) where deleted_at is null do nothing
returning digest, id, first_name, last_name, company, job_title, email, phone, address_line1, address_line2, city, state,
          postal_code, country, address_status, address_errors, settings, description, metadata, created_at, updated_at,
          deleted_at

-- name: describe
-- In test mode the description decides how the address was found to be, so that goes along.
with held as materialized (
    select id from contact
     where organization_id = %(organization_id)s and live = %(live)s and id = any (%(ids)s)
     order by id
       for update)
update contact
   set description = coalesce(given.description, contact.description),
       metadata = coalesce(given.metadata, contact.metadata),
       address_status = case when given.description is null then contact.address_status else given.address_status end,
       address_errors = case when given.description is null then contact.address_errors else given.address_errors end,
       updated_at = now()
  from held
  join jsonb_to_recordset(%(rows)s) as given
       (id bigint, address_status text, address_errors text, description text, metadata jsonb) using (id)
 where contact.id = held.id
returning digest, contact.id, first_name, last_name, company, job_title, email, phone, address_line1, address_line2, city,
          state, postal_code, country, contact.address_status, contact.address_errors, settings, contact.description,
          contact.metadata, created_at, updated_at, deleted_at
