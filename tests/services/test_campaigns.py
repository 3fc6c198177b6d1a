"""Campaigns: named once, listed by page, told with their totals."""

from collections import Counter
from dataclasses import replace

import pytest

from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.services.campaigns import add_campaign, get, list_campaigns
from sendtrail.services.context import Context
from tests.services.mail import counted, many
from tests.services.organizations import organization


async def test_a_name_is_taken_once_in_each_mode(context: Context) -> None:
    scope = await organization(context)
    added = await add_campaign(context, scope, " Spring ", "bulk")

    with pytest.raises(Conflict) as refusal:
        await add_campaign(context, scope, "Spring", "triggered")
    await add_campaign(context, replace(scope, live=False), "Spring", "triggered")
    await add_campaign(context, await organization(context, "Other"), "Spring", "triggered")

    assert refusal.value.param == "name"
    (listed,), after = await list_campaigns(context, scope)
    assert (listed.id, listed.created_at, after) == (added.id, added.created_at, None)
    assert (added.name, added.type, added.live) == ("Spring", "bulk", True)


async def test_pages_follow_each_other_without_gap_or_repetition(context: Context) -> None:
    scope = await organization(context)
    names = [f"Campaign {n}" for n in range(5)]
    for name in names:
        await add_campaign(context, scope, name, "bulk")

    seen: list[str] = []
    after = None
    while True:
        page, after = await list_campaigns(context, scope, limit=2, after=after)
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
        await list_campaigns(context, scope, after=after)

    assert refusal.value.param == "after"


async def test_the_list_finds_letters_of_a_name_as_they_are_and_a_type(context: Context) -> None:
    scope = await organization(context)
    await add_campaign(context, scope, "Spring 50% off", "bulk")
    await add_campaign(context, scope, "Basket_left", "triggered")
    await add_campaign(context, scope, "spring", "bulk")

    async def names(q: str = "", type_: str | None = None) -> list[str]:
        return [each.name for each in (await list_campaigns(context, scope, q=q, type_=type_))[0]]

    assert await names(" SPRING ") == ["spring", "Spring 50% off"]
    assert await names("%") == ["Spring 50% off"]
    assert await names("_") == ["Basket_left"]
    assert await names(type_="triggered") == ["Basket_left"]
    with pytest.raises(Invalid) as refusal:
        await list_campaigns(context, scope, type_="letters")
    assert refusal.value.param == "type"


async def test_totals_of_a_campaign_agree_with_its_sends(context: Context) -> None:
    scope = await organization(context)
    shown = await many(context, scope)
    await add_campaign(context, scope, "Empty", "bulk")
    listed = {each.name: each for each in (await list_campaigns(context, scope))[0]}

    for name in ("Spring", "Basket"):
        own = [view for view in shown if view["campaign"] and view["campaign"]["name"] == name]
        detail = await get(context, scope, listed[name].id)
        assert detail.total == len(own) > 20
        assert (detail.first_day, detail.last_day) == (min(v["day"] for v in own), max(v["day"] for v in own))
        assert detail.spent == sum(v["cost_cents"] for v in own if v["vocabularies"]["stannp"] != "cancelled")
        assert counted(detail) == Counter(view["vocabularies"]["stannp"] for view in own)
        for kind in detail.kinds:
            of_kind = Counter(view["vocabularies"]["stannp"] for view in own if view["kind"] == kind.kind)
            assert (counted(kind), kind.total) == (of_kind, of_kind.total())
        assert sum(kind.total for kind in detail.kinds) == detail.total
        assert all(getattr(detail, field) == getattr(listed[name], field) for field in listed[name].__struct_fields__)
    assert (listed["Empty"].total, listed["Empty"].first_day, listed["Empty"].spent) == (0, None, 0)
    assert (await get(context, scope, listed["Empty"].id)).kinds == []


async def test_a_campaign_of_others_or_none_is_not_found(context: Context) -> None:
    scope = await organization(context)
    added = await add_campaign(context, scope, "Spring", "bulk")

    for stranger in (await organization(context, "Other"), replace(scope, live=False)):
        with pytest.raises(NotFound):
            await get(context, stranger, added.id)
    for id_ in ("", "campaign_x", added.id.replace("campaign", "letter"), added.id[:-1]):
        with pytest.raises(NotFound):
            await get(context, scope, id_)
