-- Reports read `counts` and `spend`, which the pipeline keeps up to date: never the sends themselves.

-- name: days
-- A period, both days inclusive; the condition of a sector, below, takes the place of the comment. Cents of another
-- currency do not add up and are left out.
select created_on, status, sum(n)::bigint,
       coalesce(sum(cost_cents) filter (where currency = %(currency)s), 0)::bigint
  from counts
 where organization_id = %(organization_id)s
   and live = %(live)s
   and created_on between %(start)s and %(end)s
   /* sector */
 group by created_on, status
having sum(n) <> 0
 order by created_on, status

-- name: all

-- name: gift
and kind = any (%(gifts)s)

-- name: single
and campaign_id = 0 and kind <> all (%(gifts)s)

-- name: bulk
and campaign_id in (select id from campaign
                     where organization_id = %(organization_id)s and live = %(live)s and type = 'bulk')
and kind <> all (%(gifts)s)

-- name: triggered
and campaign_id in (select id from campaign
                     where organization_id = %(organization_id)s and live = %(live)s and type = 'triggered')
and kind <> all (%(gifts)s)

-- name: spent
select status, sum(cost_cents)::bigint
  from spend
 where organization_id = %(organization_id)s and live = %(live)s and currency = %(currency)s
 group by status

-- name: deposited
-- Money paid in is real: in test mode there is none.
select coalesce(sum(cents), 0)::bigint
  from deposit
 where organization_id = %(organization_id)s and currency = %(currency)s and %(live)s
