-- Some of a year's sends, by their numbers: what they are, where they stand, and what they are found by.
with plan as materialized (
    select n + 1 as send_id, (n * %(days)s / %(sends)s)::int as day,
           case when hashint8(n * 7 + 1) %% 100000 = 0 then 'held'
                when hashint8(n * 7 + 1) %% 20000 = 1 then 'printed'
                when hashint8(n * 7 + 1) %% 70 = 2 then 'returned'
                when hashint8(n * 7 + 1) %% 30 = 3 then 'unscanned'
                else 'delivered' end as way,
           case when n %% 25 < 17 then 20 + (n * %(days)s / %(sends)s)::int * 2 + 1 + n %% 2
                when n %% 25 < 22 then 1 + abs(hashint8(n)) %% 20 else 0 end as campaign_id,
           (array['maria', 'james', 'linda', 'robert', 'aisha', 'wei', 'carlos', 'emma', 'john', 'martha']
           )[1 + abs(hashint8(n + 1)) %% 10] as first_name,
           case when n %% 50000 = 7 then 'zuzanna'
                else chr(97 + abs(hashint8(n + 2)) %% 26) || 'k' || abs(hashint8(n + 3)) %% 3000 end as last_name,
           'company' || abs(hashint8(n + 4)) %% 50000 as company,
           case when n %% 3 = 0 then 'maria' || n || '@example.com' else '' end as email,
           case when n %% 25 >= 17 and n %% 100 = 24 then 'Amazon' else '' end as supplier,
           array_remove(array[case when n %% 20 = 3 then 'spring' end, case when n %% 100000 = 11 then 'vip' end], null)
               as tags,
           case when n %% 2 = 0 then 'first_class' else 'marketing' end as mailing_class
      from generate_series(%(first)s::bigint, %(last)s::bigint) n
), dated as materialized (
    select plan.*, 1 + (case when campaign_id > 0 then campaign_id else abs(hashint8(send_id)) end) %% 40 as owner_id,
           1 + campaign_id %% 8 as team_id, case when supplier <> '' then 5 else 1 + campaign_id %% 4 end as kind,
           %(first_day)s::date + day as created_on, trail, best,
           chr(10) || concat_ws(chr(10), first_name, last_name, company, nullif(email, ''), '&' || company,
               case when email <> '' then '=' || email else '=' || first_name || ' ' || last_name || ' 10001' end,
               case when supplier <> '' then '$amazon' end, '%%' || mailing_class, '#' || tags[1]) || chr(10) as terms
      from plan join way using (day, way)
), sent as (
    insert into send (send_id, organization_id, live, kind, campaign_id, created_at, created_on, recipient, post,
                      supplier, tags, mailing_class, external_id, currency, owner_id, team_id, terms)
    select send_id, 1, true, kind, campaign_id, created_on, created_on,
           jsonb_build_object('name', initcap(first_name || ' ' || last_name), 'company', initcap(company),
                              'email', email, 'address_line1', '1 Main Street', 'city', 'New York',
                              'state', 'NY', 'postal_code', '10001', 'country', 'US'),
           'usps', supplier, tags, mailing_class, 'order-' || send_id, 'USD', owner_id, team_id, terms
      from dated
), stood as (
    insert into state (send_id, organization_id, campaign_id, owner_id, team_id, cost_cents, created_on, kind, live,
                       currency, trail, meta, best)
    select send_id, 1, campaign_id, owner_id, team_id, 70, created_on, kind, true, 'USD', trail,
           array_fill(0::bigint, array[cardinality(trail)]), best
      from dated
), called as (
    insert into alias select 1, true, 'external_id', 'order-' || send_id, send_id from dated
)
insert into term
select 1, true, term, created_on, send_id
  from dated cross join unnest(string_to_array(trim(terms, chr(10)), chr(10))) term
