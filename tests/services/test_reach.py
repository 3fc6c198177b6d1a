"""Whose a send is, and that everything told of many sends is told of those within reach only."""

from datetime import timedelta

import pytest

from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import campaigns, histories, reports, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.services.views import View
from sendtrail.store import teams
from tests.people import DAY, REACHED, World, world
from tests.services.organizations import organization

ACME = sorted(REACHED.keys() - {"fay"})


async def sent(context: Context, scope: Scope, **fields: str) -> View:
    new = NewSend(kind="letter", to=Address(name="Cy"), send_date=DAY, **fields)  # type: ignore[arg-type]  # texts only
    (made,) = await sends.create(context, scope, [new])
    if not isinstance(made, dict):
        raise made
    return made


def expected(made: World, who: str) -> tuple[int, int]:
    """How many sends somebody sees, two of each owner, and what they cost."""
    return 2 * len(REACHED[who]), 2 * sum(made.sends[name]["cost_cents"] for name in REACHED[who])


@pytest.mark.parametrize("who", sorted(REACHED))
async def test_reports_lists_and_campaigns_count_what_is_within_reach(context: Context, who: str) -> None:
    made = await world(context)
    scope, (n, cents) = made.scopes[who], expected(made, who)
    for name in REACHED[who]:
        await sends.record_events(
            context, made.scopes.get(name, made.scopes["ann"]), made.sends[name]["id"], [NewEvent(code="delivered")]
        )
    while await histories.refresh(context, rest=timedelta(0)):
        pass

    summary, timeline = await reports.overview(context, scope, DAY, DAY)
    assert (summary.total, summary.spent, summary.delivered) == (n, cents, n // 2)
    assert [day.total for day in timeline.data] == [n]
    assert (summary.balance is None) == (who not in ("ann", "gus", "fay"))

    listed, _ = await list_sends(context, scope, Wanted(), 100)
    assert {view["to"]["name"] for view in listed} == {f"To {name}." for name in REACHED[who]}
    assert len(listed) == n
    found, _ = await list_sends(context, scope, Wanted(q="To"), 100)
    assert found == listed

    shown, _ = await campaigns.list_campaigns(context, scope)
    assert {each.name: (each.total, each.spent) for each in shown} == {
        f"By {name}.": (1, made.sends[name]["cost_cents"]) for name in REACHED[who]
    }
    rows = await reports.campaign_rows(context, scope, DAY, DAY, None)
    assert {row.name for row in rows.data} == {each.name for each in shown}
    items = await reports.item_rows(context, scope, DAY, DAY, "single", "cost")
    assert len(items.data) == n // 2
    assert sum(item.cost_cents or 0 for item in items.data) == cents // 2

    assert (await reports.days_to_deliver(context, scope, DAY, DAY)).delivered == n // 2
    for name in REACHED[who]:
        history = await campaigns.history(context, scope, made.campaigns[name])
        assert history.data[-1].total == 1
    assert await reports.latest_period_with_mail(context, scope) == (DAY - timedelta(29), DAY)


@pytest.mark.parametrize("who", ACME)
async def test_what_lies_beyond_reach_is_as_if_it_did_not_exist(context: Context, who: str) -> None:
    made = await world(context)
    scope = made.scopes[who]
    for name in made.sends.keys() - REACHED[who]:
        send, campaign = made.sends[name]["id"], made.campaigns[name]
        for refused in (
            sends.get(context, scope, send),
            sends.record_events(context, scope, send, [NewEvent(code="printed")]),
            sends.record_events(context, scope, send, [NewEvent(code="cancelled")]),
            campaigns.get(context, scope, campaign),
            campaigns.history(context, scope, campaign),
        ):
            with pytest.raises(NotFound):
                await refused
        for known in (campaign, f"By {name}."):
            with pytest.raises(Invalid):
                await sent(context, scope, campaign=known)
        with pytest.raises(Invalid):
            await list_sends(context, scope, Wanted(campaign=campaign), 1)


async def test_a_campaign_of_many_shows_each_their_part(context: Context) -> None:
    made = await world(context)
    for name in ("sam", "tom", "zoe"):
        shared = made.campaigns["ann"]
        with pytest.raises(Invalid):
            await sent(context, made.scopes[name], campaign=shared)
        await sent(context, made.scopes["ann"], campaign=shared)
        async with context.database.transaction() as connection:
            for table in ("send", "state"):
                await connection.execute(
                    f"update {table} set owner_id = %(owner)s where send_id = (select max(send_id) from send)".encode(),
                    {"owner": made.members[name]},
                )
    detail = await campaigns.get(context, made.scopes["zoe"], made.campaigns["ann"])
    assert (detail.total, [each.total for each in detail.kinds]) == (1, [1])
    assert (await campaigns.get(context, made.scopes["ann"], made.campaigns["ann"])).total == 4


class TestOwners:
    async def test_a_members_send_is_theirs_and_their_teams(self, context: Context) -> None:
        made = await world(context)
        for name, team in (("sam", "East"), ("zoe", None)):
            send = await sent(context, made.scopes[name], sender="ann@example.com")
            assert send["owner"]["email"] == f"{name}@example.com"
            assert (send["team"] and send["team"]["name"]) == team

    async def test_a_keys_send_is_nobodys_unless_it_names_a_member(self, context: Context) -> None:
        made = await world(context)
        key = Scope(made.scopes["ann"].organization_id, True, "key:1")
        for sender in ("", "Sam", "nobody@example.com", "fay@example.com"):
            send = await sent(context, key, sender=sender)
            assert (send["owner"], send["team"], send["sender"]) == (None, None, sender)
        send = await sent(context, key, sender=" Sam@Example.com")
        assert (send["owner"]["email"], send["team"]["name"]) == ("sam@example.com", "East")
        assert (await sends.get(context, made.scopes["sam"], send["id"]))["id"] == send["id"]

    async def test_a_keys_send_into_a_campaign_is_whose_the_campaign_is(self, context: Context) -> None:
        made = await world(context)
        key = Scope(made.scopes["ann"].organization_id, True, "key:1")
        send = await sent(context, key, campaign="By sam.")
        assert (send["owner"]["email"], send["team"]["name"]) == ("sam@example.com", "East")
        send = await sent(context, key, campaign=made.campaigns["sam"], sender="zoe@example.com")
        assert (send["owner"]["email"], send["team"]) == ("zoe@example.com", None)

    async def test_a_send_may_name_a_team_of_ones_own(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        async with context.database.transaction() as connection:
            west = await teams.add(connection, ann, "West")
        assert west is not None
        send = await sent(context, ann, team="West")
        assert (await sent(context, ann, team=send["team"]["id"]))["team"] == send["team"]
        assert (await sent(context, made.scopes["sam"], team="East"))["team"]["name"] == "East"
        for who, team in (("sam", "West"), ("mia", send["team"]["id"]), ("ann", "North"), ("fay", "East")):
            with pytest.raises(Invalid) as refusal:
                await sent(context, made.scopes[who], team=team)
            assert refusal.value.param == "team"

    async def test_the_test_mode_of_the_same_people_stays_apart(self, context: Context) -> None:
        made = await world(context)
        sam = made.scopes["sam"]
        test = Scope(sam.organization_id, False, sam.actor, (), sam.rights, sam.member_id, sam.teams)
        assert (await list_sends(context, test, Wanted(), 10))[0] == []
        assert (await reports.summary(context, test, DAY, DAY)).total == 0
        assert await campaigns.list_campaigns(context, test) == ([], None)


async def test_who_may_not_see_money_sees_the_rest(context: Context) -> None:
    scope = await organization(context)
    await sent(context, scope)
    rights = {each: reach for each, reach in scope.rights.items() if not each.startswith("money")}
    poor = Scope(scope.organization_id, True, "key:2", rights=rights)
    summary = await reports.summary(context, poor, DAY, DAY)
    assert (summary.total, summary.spent, summary.balance) == (1, None, None)
    (view,), _ = await list_sends(context, poor, Wanted(), 10)
    assert view["cost_cents"] is None


async def test_costs_are_told_only_as_far_as_they_may_be_known(context: Context) -> None:
    made = await world(context)
    ann = made.scopes["ann"]
    rights = {Permission.REPORTS_READ: Reach.ORGANIZATION, Permission.MONEY_READ: Reach.OWN}
    part = Scope(ann.organization_id, True, ann.actor, (), rights, ann.member_id)
    assert (await reports.summary(context, part, DAY, DAY)).spent is None


async def test_a_right_that_was_not_given_reaches_nothing(context: Context) -> None:
    made = await world(context)
    bare = Scope(made.scopes["ann"].organization_id, True, "key:3", rights={})
    assert (await list_sends(context, bare, Wanted(), 10))[0] == []
    assert (await reports.summary(context, bare, DAY, DAY)).total == 0
    assert await campaigns.list_campaigns(context, bare) == ([], None)
    with pytest.raises(Forbidden):
        await sends.record_events(context, bare, made.sends["ann"]["id"], [NewEvent(code="cancelled")])
