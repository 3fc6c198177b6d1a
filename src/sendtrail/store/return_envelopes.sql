-- Return envelopes: how many there are is worked out, so that it is right whatever becomes of the pieces.

-- name: of_contact
select id
  from return_envelope
 where organization_id = %(organization_id)s and live = %(live)s and contact_id = %(contact_id)s and deleted_at is null

-- name: hold
select id
  from return_envelope
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(numbers)s)
 order by id
   for update

-- name: available
select return_envelope.id,
       coalesce((select sum(quantity_filled)
                   from stock_order
                  where return_envelope_id = return_envelope.id and status = 'filled'), 0)::int
       - (select count(*)
            from piece
            join state using (send_id)
           where piece.return_envelope_id = return_envelope.id
             and status_category(best_status(state.best)) is distinct from %(cancelled)s)::int
  from return_envelope
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(numbers)s)
