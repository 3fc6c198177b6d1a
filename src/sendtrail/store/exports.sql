-- Sends as rows of a table, in the order in which they are asked for.

-- name: spell
-- Days and times as text, the same on every server. No table is read whole for the sake of some thousand rows, not by
-- its index either: each row is looked up, by one process for each piece.
select set_config('DateStyle', 'ISO', true), set_config('TimeZone', 'UTC', true),
       set_config('enable_seqscan', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
       set_config('jit', 'off', true)

-- name: rows
-- What we write ourselves is ready, with commas between; texts that people gave come as they are. A row of plain values
-- costs whoever reads it a fraction of one with lists in it.
select send.send_id, send.kind, send.post, best_status(state.best),
       array_send(case when engaged.send_id is null then state.trail
                       else state.trail || array_remove(array[visit_item(last_visit_at), goal_item(last_goal_at)], null) end),
       concat_ws(',', send.created_on, date_trunc('second', send.created_at at time zone 'UTC'),
                 coalesce(send.send_date::text, '')),
       concat_ws(',', date_trunc('second', moment(best_ms(state.best)) at time zone 'UTC'),
                 case when state.expected = 0 then ''
                      else (date '2020-01-01' + expected_day(state.expected)::int)::text end),
       concat_ws(',', case when %(money)s then send.cost_cents / 100 || '.' || lpad((send.cost_cents %% 100)::text, 2, '0')
                           else '' end, send.currency),
       concat_ws(%(separator)s,
           coalesce(recipient ->> 'name', ''), coalesce(recipient ->> 'company', ''),
           coalesce(recipient ->> 'email', ''), coalesce(recipient ->> 'phone', ''),
           coalesce(recipient ->> 'address_line1', ''), coalesce(recipient ->> 'address_line2', ''),
           coalesce(recipient ->> 'city', ''), coalesce(recipient ->> 'state', ''),
           coalesce(recipient ->> 'postal_code', ''), coalesce(recipient ->> 'country', ''), coalesce(campaign.name, ''),
           case when send.kind = any (%(gifts)s) then 'gift' else coalesce(campaign.type, 'single') end,
           send.sender, coalesce(member.email, ''), coalesce(team.name, ''), array_to_string(send.tags, ';'),
           send.mailing_class, send.extra_service, send.supplier, send.message, send.external_id, send.imb, send.post,
           send.carrier, send.tracking_number, send.vendor, vendor_id)
  from unnest(%(send_ids)s::bigint[]) with ordinality listed (send_id, place)
  join state using (send_id)
  join send using (send_id)
  left join (select send_id, last_visit_at, last_goal_at from engagement) engaged using (send_id)
  left join campaign on campaign.id = send.campaign_id
  left join team on team.id = send.team_id
  left join member on member.id = send.owner_id
 where state.organization_id = %(organization_id)s
   and state.live = %(live)s
   /* state reach */
   /* terms */
 order by place

-- name: has_terms
and send.terms like all (%(patterns)s::text[])

-- name: codes
select selector, code from code
