-- How sends are to be made.

-- name: insert
-- Of sends that were made before, by what they hold a search finds them.
insert into piece (send_id, organization_id, live, to_contact_id, from_contact_id, return_envelope_id, description, making,
                   words)
select made.send_id, %(organization_id)s, %(live)s, to_contact_id, from_contact_id, return_envelope_id, made.description,
       making::jsonb,
       piece_words(send, made.description, making::jsonb, to_contact_id, from_contact_id, return_envelope_id)
  from unnest(%(send_ids)s::bigint[], %(to_contact_ids)s::bigint[], %(from_contact_ids)s::bigint[],
              %(return_envelope_ids)s::int[], %(descriptions)s::text[], %(makings)s::text[])
       made (send_id, to_contact_id, from_contact_id, return_envelope_id, description, making)
  join send on send.send_id = made.send_id

-- name: reword
update piece
   set words = piece_words(send, piece.description, making, to_contact_id, from_contact_id, return_envelope_id)
  from send
 where piece.send_id = %(send_id)s and piece.organization_id = %(organization_id)s and piece.live = %(live)s
   and send.send_id = piece.send_id

-- name: read
select send_id, to_contact_id, from_contact_id, return_envelope_id, description, making::text
  from piece
 where send_id = any (%(send_ids)s::bigint[]) and organization_id = %(organization_id)s and live = %(live)s

-- name: hold_numbers
-- In their order: two who write cheques of the same accounts never wait in a ring.
select id, last_number
  from bank_account
 where id = any (%(accounts)s::int[]) and organization_id = %(organization_id)s and live = %(live)s
 order by id
   for update

-- name: numbers_in_use
select distinct wanted.account, wanted.number
  from unnest(%(accounts)s::int[], %(numbers)s::bigint[]) wanted (account, number)
  join piece on (making -> 'cheque' ->> 'bank_account')::int = wanted.account
            and (making -> 'cheque' ->> 'number')::bigint = wanted.number
 where making ? 'cheque' and organization_id = %(organization_id)s and live = %(live)s

-- name: go_on_behind
update bank_account set last_number = given.number
  from unnest(%(accounts)s::int[], %(numbers)s::bigint[]) given (id, number)
 where bank_account.id = given.id and organization_id = %(organization_id)s and live = %(live)s
