-- How sends are to be made.

-- name: insert
insert into piece (send_id, organization_id, live, to_contact_id, from_contact_id, return_envelope_id, description, making)
select send_id, %(organization_id)s, %(live)s, to_contact_id, from_contact_id, return_envelope_id, description, making::jsonb
  from unnest(%(send_ids)s::bigint[], %(to_contact_ids)s::bigint[], %(from_contact_ids)s::bigint[],
              %(return_envelope_ids)s::int[], %(descriptions)s::text[], %(makings)s::text[])
       made (send_id, to_contact_id, from_contact_id, return_envelope_id, description, making)

-- name: read
select send_id, to_contact_id, from_contact_id, return_envelope_id, description, making::text
  from piece
 where send_id = any (%(send_ids)s::bigint[]) and organization_id = %(organization_id)s and live = %(live)s

-- name: take_numbers
-- Accounts in their order: two who write cheques of the same never wait in a ring.
update bank_account set last_number = last_number + wanted.number
  from (select bank_account.id, wanted.number
          from unnest(%(accounts)s::int[], %(numbers)s::bigint[]) wanted (id, number)
          join bank_account on bank_account.id = wanted.id
         where bank_account.organization_id = %(organization_id)s and bank_account.live = %(live)s
         order by bank_account.id
           for update of bank_account) wanted
 where bank_account.id = wanted.id
returning bank_account.id, last_number

-- name: give_numbers
update bank_account set last_number = greatest(last_number, given.number)
  from (select bank_account.id, given.number
          from unnest(%(accounts)s::int[], %(numbers)s::bigint[]) given (id, number)
          join bank_account on bank_account.id = given.id
         where bank_account.organization_id = %(organization_id)s and bank_account.live = %(live)s
         order by bank_account.id
           for update of bank_account) given
 where bank_account.id = given.id
returning bank_account.id, last_number
