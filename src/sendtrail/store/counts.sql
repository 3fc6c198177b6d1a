-- Reports read `counts` and `spend`, which the pipeline keeps up to date: never the sends themselves.

-- name: days
-- A period, both days inclusive, of one sector or `all`. Cents of another currency do not add up and are left out.
select created_on, status, sum(n)::bigint,
       coalesce(sum(cost_cents) filter (where currency = %(currency)s), 0)::bigint
  from counts
 where organization_id = %(organization_id)s
   and live = %(live)s
   and created_on between %(start)s and %(end)s
   and (%(sector)s = 'all'
        or %(sector)s = 'gift' and kind = any (%(gifts)s)
        or %(sector)s = 'single' and kind <> all (%(gifts)s) and campaign_id = 0
        or kind <> all (%(gifts)s) and campaign_id in (
            select id from campaign
             where organization_id = %(organization_id)s and live = %(live)s and type = %(sector)s))
 group by created_on, status
having sum(n) <> 0
 order by created_on, status

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
