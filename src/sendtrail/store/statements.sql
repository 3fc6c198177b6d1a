-- Statements: the ledger as it is read. Days are those on which something was booked. What is asked for takes the place
-- of `/* chosen */`.

-- name: chosen
and (%(fund_id)s::int is null or ledger.fund_id = %(fund_id)s)
and (%(campaign_id)s::int is null or ledger.campaign_id = %(campaign_id)s)
and (%(team_id)s::int is null or ledger.team_id = %(team_id)s)
and (%(type)s::smallint is null or ledger.type = %(type)s)

-- name: totals
-- By type: what was booked before the period, and in it.
select type, coalesce(sum(cents) filter (where booked_on < %(start)s), 0)::bigint,
       coalesce(sum(n) filter (where booked_on >= %(start)s), 0)::bigint,
       coalesce(sum(cents) filter (where booked_on >= %(start)s), 0)::bigint
  from booked /* reach */
 where organization_id = %(organization_id)s and currency = %(currency)s and booked_on <= %(end)s
   /* chosen */
 group by type
 order by type

-- name: lines
-- Charges and refunds by day, source and campaign, the latest day first; each deposit and adjustment by itself. `place`
-- counts within a day.
with line as (
    select booked_on, type, fund_id, campaign_id, sum(n)::bigint as n, sum(cents)::bigint as cents, null::bigint as id
      from booked /* reach */
     where organization_id = %(organization_id)s and currency = %(currency)s
       and booked_on between %(start)s and %(until)s
       and type in (charge_type(), refund_type())
       /* chosen */
     group by booked_on, type, fund_id, campaign_id
    having sum(n) <> 0
    union all
    select booked_on, type, fund_id, campaign_id, 1, cents, id
      from ledger
     where organization_id = %(organization_id)s and currency = %(currency)s
       and booked_on between %(start)s and %(until)s
       and type not in (charge_type(), refund_type())
       /* chosen ledger */
       /* ledger reach */
), placed as (
    select line.*, row_number() over (partition by booked_on order by type, cents, campaign_id, fund_id, id) as place
      from line
)
select placed.booked_on, place, placed.type, placed.fund_id, fund.name, placed.campaign_id, coalesce(campaign.name, ''), n,
       placed.cents, coalesce(ledger.note, ''), coalesce(ledger.actor, ''), coalesce(member.email, ''),
       coalesce(api_key.name, ''), ledger.at
  from placed
  join fund on fund.id = placed.fund_id
  left join campaign on campaign.id = placed.campaign_id
  left join ledger on ledger.id = placed.id
  left join member on ledger.actor = 'member:' || member.id
  left join api_key on ledger.actor = 'key:' || api_key.id
 where placed.booked_on < %(until)s or place > %(after_place)s
 order by placed.booked_on desc, place
 limit %(limit)s

-- name: entries
-- One by one, the latest day first.
select ledger.id, ledger.type, ledger.cents, ledger.currency, ledger.at, ledger.booked_on, ledger.fund_id, fund.name,
       ledger.send_id, state.kind, coalesce(nullif(send.recipient->>'name', ''), nullif(send.recipient->>'company', ''),
                                            send.recipient->>'email', ''),
       ledger.sent_on, ledger.campaign_id, coalesce(campaign.name, ''), ledger.team_id, coalesce(team.name, ''),
       ledger.owner_id, ledger.code, ledger.note, ledger.actor, coalesce(member.email, ''), coalesce(api_key.name, '')
  from (select *
          from ledger
         where organization_id = %(organization_id)s
           and booked_on between %(start)s and %(end)s
           and (%(send_id)s::bigint is null or send_id = %(send_id)s)
           and (%(before_day)s::date is null or (booked_on, id) < (%(before_day)s, %(before)s))
           /* chosen ledger */
           /* ledger reach */
         order by booked_on desc, id desc
         limit %(limit)s) ledger
  join fund on fund.id = ledger.fund_id
  left join state on state.send_id = ledger.send_id and ledger.send_id <> 0
  left join send on send.send_id = ledger.send_id and ledger.send_id <> 0
  left join campaign on campaign.id = ledger.campaign_id
  left join team on team.id = ledger.team_id
  left join member on ledger.actor = 'member:' || member.id
  left join api_key on ledger.actor = 'key:' || api_key.id
 order by ledger.booked_on desc, ledger.id desc

-- name: place
select booked_on from ledger where organization_id = %(organization_id)s and id = %(id)s
