-- Tags of many sends at once. Whoever may write sends may tag them.

-- name: spelled
select distinct tag
  from send
 cross join unnest(tags) tag
 where send_id = any (%(send_ids)s)
   and organization_id = %(organization_id)s
   and live = %(live)s
   /* send reach */

-- name: add
-- How many got the tag; those that have it, or as many as can be, stay as they are.
with tagged as (
    update send set tags = tags || %(tag)s::text, terms = terms || %(mark)s || chr(10)
     where send_id = any (%(send_ids)s)
       and organization_id = %(organization_id)s
       and live = %(live)s
       and not tags && %(spelled)s::text[]
       and cardinality(tags) < %(most)s
       /* send reach */
    returning send_id, created_on
), listed as (
    insert into term (organization_id, live, term, created_on, send_id)
    select %(organization_id)s, %(live)s, %(mark)s, created_on, send_id
      from tagged
     order by created_on, send_id
    on conflict do nothing
)
select count(*) from tagged

-- name: remove
with untagged as (
    update send
       set tags = array(select tag from unnest(tags) with ordinality own (tag, place)
                         where tag <> all (%(spelled)s::text[]) order by place),
           terms = replace(terms, chr(10) || %(mark)s || chr(10), chr(10))
     where send_id = any (%(send_ids)s)
       and organization_id = %(organization_id)s
       and live = %(live)s
       and tags && %(spelled)s::text[]
       /* send reach */
    returning send_id, created_on
), unlisted as (
    delete from term
     using untagged
     where organization_id = %(organization_id)s
       and live = %(live)s
       and term = %(mark)s
       and term.created_on = untagged.created_on
       and term.send_id = untagged.send_id
)
select count(*) from untagged
