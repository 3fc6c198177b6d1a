-- Trials of links, and statistics that are taken back.

-- name: switch
update landing set testing = %(testing)s
 where id = %(landing_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: forget
-- A trial has a row and counts nowhere, so there is nothing else to take back.
delete from response
 using link
 where response.test
   and link.id = response.link_id
   and link.landing_id = %(landing_id)s
   and link.organization_id = %(organization_id)s
   and link.live = %(live)s

-- name: hold
-- Whoever responds from now on waits, and counts from nothing.
select send_id from engagement
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = %(campaign_id)s
 order by send_id
   for update

-- name: reset
with gone as (
    delete from response
     where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s
    returning test
), visitors as (
    delete from visitor where send_id = any (%(send_ids)s)
), tracked_too as (
    delete from tracked where send_id = any (%(send_ids)s)
), totals as (
    delete from engagement
     where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s
)
select count(*) from gone

-- name: tally
select count(*)
  from response
  join link on link.id = response.link_id
 where response.test and link.landing_id = %(landing_id)s
   and link.organization_id = %(organization_id)s and link.live = %(live)s
