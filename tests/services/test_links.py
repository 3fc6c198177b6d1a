"""Links are with their sends from the beginning, whatever happens at the same time; what a printer takes has no end."""

import asyncio
from contextlib import aclosing

import pytest

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import audit, campaign_changes, campaigns, destinations, link_exports, links, sends
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan
from sendtrail.services.links import Chosen
from tests.services.organizations import organization

PLAN = LinkPlan("https://shop.example.com/?n={{to.name}}", 30)


def letters(*names: str) -> list[NewSend]:
    return [NewSend("letter", Address(name=name), campaign="Spring") for name in names]


async def blocked(context: Context) -> bool:
    """Whether somebody waits for another's lock."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select exists (select from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock')"
        )
        ((waits,),) = await cursor.fetchall()
    return bool(waits)


async def linked(context: Context, scope: Scope) -> list[str]:
    found, _ = await links.list_links(context, scope, Chosen("Spring"), limit=100)
    return sorted(each.send.name for each in found)


async def test_no_send_stays_without_a_link_while_its_campaign_gets_a_landing(context: Context) -> None:
    scope = await organization(context)
    await destinations.add_destination(context, scope, "shop.example.com")
    spring = await campaigns.add_campaign(context, scope, "Spring", "bulk")
    async with context.database.transaction() as connection:
        await sends.accept(connection, context, scope, letters("Ann", "Bo"))
        setting = asyncio.create_task(campaign_changes.change(context, scope, spring.id, link=PLAN))
        while not await blocked(context):
            assert not setting.done()
    await setting
    assert await linked(context, scope) == ["Ann", "Bo"]
    await sends.create(context, scope, letters("Cy"))
    assert await linked(context, scope) == ["Ann", "Bo", "Cy"]


async def test_a_host_does_not_go_while_somebody_begins_to_lead_there(context: Context) -> None:
    scope = await organization(context)
    await destinations.add_destination(context, scope, "shop.example.com")

    async def begin(name: str) -> None:
        await campaigns.add_campaign(context, scope, name, "bulk", link=PLAN)

    results = await asyncio.gather(
        *(begin(f"Nr {number}") for number in range(4)),
        destinations.remove_destination(context, scope, "shop.example.com"),
        return_exceptions=True,
    )
    removed, begun = results[-1] is None, [each for each in results[:-1] if each is None]
    assert removed != bool(begun)
    assert {type(each) for each in results if each} <= {Conflict, Invalid}


async def test_changes_of_where_links_lead_are_noted(context: Context) -> None:
    scope = await organization(context)
    await destinations.add_destination(context, scope, "shop.example.com")
    spring = await campaigns.add_campaign(context, scope, "Spring", "bulk", link=PLAN)
    await campaign_changes.change(context, scope, spring.id, link=LinkPlan(expire_after_days=365))
    await campaign_changes.change(context, scope, spring.id, link=LinkPlan(expire_after_days=365))
    await campaign_changes.change(context, scope, spring.id, link=None)
    await destinations.remove_destination(context, scope, "shop.example.com")
    notes, _ = await audit.list_notes(context, scope)
    assert [
        (each.action, each.detail.get("link.url"), each.detail.get("link.expire_after_days")) for each in notes
    ] == [
        ("destination.removed", None, None),
        ("campaign.changed", "none", "none"),
        ("campaign.changed", None, "365"),
        ("campaign.added", PLAN.url, "30"),
        ("destination.added", None, None),
    ]


async def test_a_link_that_is_over_holds_no_host(context: Context) -> None:
    scope = await organization(context)
    await destinations.add_destination(context, scope, "shop.example.com")
    (sent,) = await sends.create(context, scope, [NewSend("letter", Address(name="Ann"))])
    assert isinstance(sent, dict)
    link = await links.make_link(context, scope, sent["id"], PLAN)
    with pytest.raises(Conflict, match="1 single link leads to"):
        await destinations.remove_destination(context, scope, "shop.example.com")
    async with context.database.transaction() as connection:
        await connection.execute("update link set created_at = now() - interval '31 days'")
        await connection.execute("update send set created_on = current_date - 31")
        await connection.execute("update state set created_on = current_date - 31")
    assert (await links.get(context, scope, link.id)).expired
    await destinations.remove_destination(context, scope, "shop.example.com")


async def test_a_printers_file_comes_in_pieces_however_long_it_is(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await organization(context)
    await destinations.add_destination(context, scope, "shop.example.com")
    await campaigns.add_campaign(context, scope, "Spring", "bulk", link=PLAN)
    await sends.create(context, scope, letters(*(f"N{number:02}" for number in range(25))))
    monkeypatch.setattr(link_exports, "_PIECE", 10)
    of = await link_exports.printed(context, scope, "Spring")
    async with aclosing(await link_exports.csv(context, scope, of, spreadsheet=False)) as content:
        pieces = [piece async for piece in content]
    assert [(piece.sends, piece.content.count(b"\r\n")) for piece in pieces] == [(0, 1), (10, 10), (10, 10), (5, 5)]
    names = [line.split(",")[3] for line in b"".join(piece.content for piece in pieces).decode().splitlines()[1:]]
    assert names == [f"N{number:02}" for number in range(25)]
    monkeypatch.setattr(link_exports, "PART", 10)
    monkeypatch.setattr(link_exports, "_DRAWN", 5)
    of = await link_exports.printed(context, scope, "Spring")
    assert of.parts == 3
    sizes = []
    for part in (1, 2, 3):
        async with aclosing(await link_exports.archive(context, scope, of, "svg", part)) as content:
            sizes.append(len([piece async for piece in content]))
    assert sizes == [3, 3, 2]
