"""Links are tried out without a trace, and a test campaign's visits and goals can be taken back."""

import asyncio
from dataclasses import replace

import pytest

from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import audit, campaign_changes, campaigns, destinations, doctor, goal_tags, goals, sends
from sendtrail.services import landing_trials as trials
from sendtrail.services.campaigns import Campaign
from sendtrail.services.context import Context
from sendtrail.services.goal_tags import Teller, Told
from sendtrail.services.goals import NewGoal
from sendtrail.services.landings import LinkPlan
from sendtrail.services.link_addresses import code
from tests.links.printing import asked
from tests.services.organizations import organization

READS = {Permission.CAMPAIGNS_READ: Reach.ORGANIZATION}
URL = "https://shop.example.com/?c={{code}}"


async def begun(context: Context, scope: Scope) -> tuple[Campaign, list[str]]:
    """A campaign whose sends have links, and their codes."""
    await destinations.add_destination(context, scope, "shop.example.com")
    campaign = await campaigns.add_campaign(context, scope, "Spring", "bulk", link=LinkPlan(url=URL))
    await sends.create(context, scope, [NewSend("letter", Address(name="Ann", email="a@x.org"), campaign="Spring")] * 2)
    return campaign, [code(context, link) for link in await asked(context, "select id from link order by id")]


async def tell(context: Context, code: str) -> None:
    await goal_tags.tell(context, code, Told(value=5), Teller())


async def test_a_trial_leaves_nothing_behind(context: Context) -> None:
    scope = await organization(context)
    campaign, (one, other) = await begun(context, scope)
    await tell(context, one)
    tested = await campaign_changes.change(context, scope, campaign.id, link=LinkPlan(testing=True))
    assert tested.link
    assert tested.link.testing
    await tell(context, one)
    await tell(context, other)
    await goals.add_once(context, scope, NewGoal(email="a@x.org"), None)
    assert await trials.tally(context, scope, campaign.id) == 3
    assert [goal.test for goal in (await goals.list_goals(context, scope))[0]] == [True, True, True, False]
    assert (await trials.forget(context, scope, campaign.id)).deleted == 3
    await tell(context, other)
    await campaign_changes.change(context, scope, campaign.id, link=LinkPlan(testing=False))
    await tell(context, other)
    assert await asked(context, "select goals, value_cents from engagement order by send_id") == [(1, 500), (1, 500)]
    assert await asked(context, "select test from response") == [False, False]
    assert [proof for proof in await doctor.prove(context) if proof.broken] == []
    notes, _ = await audit.list_notes(context, scope)
    assert [(note.action, note.detail) for note in notes][:3] == [
        ("campaign.trial_ended", {"deleted": 1}),
        ("campaign.responses_reset", {"deleted": 3}),
        ("campaign.trial_begun", {}),
    ]
    with pytest.raises(Forbidden):
        await trials.forget(context, replace(scope, rights=READS), campaign.id)


async def test_only_where_there_are_links_is_there_something_to_try_out(context: Context) -> None:
    scope = await organization(context)
    campaign = await campaigns.add_campaign(context, scope, "Plain", "bulk")
    with pytest.raises(Invalid, match=r"link\.url is missing"):
        await campaign_changes.change(context, scope, campaign.id, link=LinkPlan(testing=True))
    assert (await trials.forget(context, scope, campaign.id)).deleted == 0


async def test_in_test_mode_everything_can_be_taken_back(context: Context) -> None:
    scope = await organization(context, live=False)
    campaign, codes = await begun(context, scope)
    for each in codes:
        await tell(context, each)
    assert (await trials.forget(context, scope, campaign.id)).deleted == 2
    assert await asked(context, "select count(*) from engagement") == [0]
    await tell(context, codes[0])
    assert await asked(context, "select goals from engagement") == [1]
    assert [proof for proof in await doctor.prove(context) if proof.broken] == []


async def test_goals_that_come_while_it_ends_are_trials_or_count(context: Context) -> None:
    scope = await organization(context, live=False)
    campaign, codes = await begun(context, scope)

    async def telling() -> None:
        for _ in range(6):
            await asyncio.gather(*[tell(context, each) for each in codes])

    async def switching() -> None:
        for n in range(6):
            await campaign_changes.change(context, scope, campaign.id, link=LinkPlan(testing=n % 2 == 0))
            if n == 3:
                await trials.forget(context, scope, campaign.id)

    await asyncio.gather(telling(), switching())
    assert await asked(context, "select count(*) from response where test") == [0]
    assert [proof for proof in await doctor.prove(context) if proof.broken] == []
