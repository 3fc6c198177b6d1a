-- What was sent one by one, in the columns of a report.

-- name: items
-- The condition of a sector, what a list is sorted by, and its direction take the places of the comments. The cursor is
-- the last send of the page before: where it stands is worked out as for all others.
select send.send_id, send.kind, recipient, send.created_on, send.cost_cents, send.currency, state.best
  from send
  join state using (send_id)
 where send.organization_id = %(organization_id)s
   and send.live = %(live)s
   and send.created_on between %(start)s and %(end)s
   /* sector */
   /* send reach */
   /* after */
 order by /* key */ /* direction */, send.send_id /* direction */
 limit %(limit)s

-- name: after
and (/* key */, send.send_id) /* beyond */ (
    select /* key */, send.send_id from send join state using (send_id)
     where send.send_id = %(after)s and send.organization_id = %(organization_id)s and send.live = %(live)s
       /* send reach */)

-- name: single
and send.campaign_id = 0 and send.kind < 5

-- name: gift
and send.kind >= 5
