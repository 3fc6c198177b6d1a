"""Campaigns: named once, listed by page."""

from dataclasses import replace

import pytest

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.services.campaigns import add_campaign, list_campaigns
from sendtrail.services.context import Context
from tests.services.organizations import organization


async def test_a_name_is_taken_once_in_each_mode(context: Context) -> None:
    scope = await organization(context)
    added = await add_campaign(context, scope, " Spring ", "bulk")

    with pytest.raises(Conflict) as refusal:
        await add_campaign(context, scope, "Spring", "triggered")
    await add_campaign(context, replace(scope, live=False), "Spring", "triggered")
    await add_campaign(context, await organization(context, "Other"), "Spring", "triggered")

    assert refusal.value.param == "name"
    assert await list_campaigns(context, scope, 10) == ([added], None)
    assert (added.name, added.type, added.live) == ("Spring", "bulk", True)


async def test_pages_follow_each_other_without_gap_or_repetition(context: Context) -> None:
    scope = await organization(context)
    names = [f"Campaign {n}" for n in range(5)]
    for name in names:
        await add_campaign(context, scope, name, "bulk")

    seen: list[str] = []
    after = None
    while True:
        page, after = await list_campaigns(context, scope, 2, after)
        seen += [campaign.name for campaign in page]
        if after is None:
            break

    assert seen == names[::-1]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 201])
async def test_a_name_is_one_line(context: Context, name: str) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await add_campaign(context, scope, name, "bulk")

    assert refusal.value.param == "name"


@pytest.mark.parametrize("after", ["", "x", "letter_0000000000000", "campaign_0000000000000"])
async def test_a_cursor_is_one_that_a_list_gave(context: Context, after: str) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await list_campaigns(context, scope, 10, after)

    assert refusal.value.param == "after"
