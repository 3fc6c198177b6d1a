"""What is put into the outbox: all that a hook may want to hear, and nothing that none does."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from sendtrail.domain import notices
from sendtrail.domain.events import Kind
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange, SendChange
from sendtrail.services import editing, sends
from sendtrail.services.context import Context
from sendtrail.store.system import responses
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse

from .piles import letters, organization, report, scan, take

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def listen(context: Context, scope: Scope, *events: str, **more: Any) -> None:
    """A hook of the organization, in the scope's mode."""
    values = {"organization_id": scope.organization_id, "live": scope.live, "target": "webhook", "events": list(events)}
    values |= {"codes": notices.heard(events), "created_by": scope.actor} | more
    names = ", ".join(values)
    async with context.database.transaction() as connection:
        await connection.execute(
            f"insert into hook ({names}) values ({', '.join(['%s'] * len(values))})".encode(), list(values.values())
        )


async def taken_out(context: Context) -> list[tuple[int, int | None, int | None, int, Any]]:
    """The outbox, which is then empty: lane, events known before, response, send, change."""
    async with context.database.transaction() as connection:
        cursor = await connection.execute("delete from outbox returning lane, told, response_id, send_id, change, id")
        rows = await cursor.fetchall()
    return [(row[0], row[1], row[2], row[3], row[4]) for row in sorted(rows, key=lambda row: row[5])]


async def told(context: Context) -> list[int | None]:
    return [row[1] for row in await taken_out(context)]


async def numbers(context: Context, scope: Scope, serials: Sequence[int]) -> list[int]:
    return [sends.send_number(context, each) for each in await letters(context, scope, serials)]


async def test_without_a_hook_nothing_is_put_there(context: Context) -> None:
    scope, other = await organization(context), await organization(context)
    test_mode = Scope(scope.organization_id, False, "test")
    await listen(context, other, "send.*")
    await listen(context, test_mode, "send.*")
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, Phase.ORIGIN)])

    assert await taken_out(context) == []


async def test_what_happens_is_put_there_once_for_each_batch_and_send(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*")
    await listen(context, scope, "postalytics.*")
    first, second = await numbers(context, scope, [1, 2])
    assert [row[1:4] for row in await taken_out(context)] == [(0, None, first), (0, None, second)]

    scans = [scan(1, 0, Phase.ORIGIN), scan(1, 60, Phase.DESTINATION_SEQUENCED), scan(2, 0, Phase.ORIGIN)]
    await take(context.database, scope, scans)
    rows = await taken_out(context)
    assert [row[1:4] for row in rows] == [(1, None, first), (1, None, second)]
    assert [row[0] for row in rows] == [first % 16, second % 16]

    await take(context.database, scope, scans)
    assert await taken_out(context) == []


async def test_only_what_a_type_can_follow_from_is_put_there(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.printed", "stannp.returned")
    await letters(context, scope, [1])
    assert await told(context) == []
    await take(context.database, scope, [report(1, 0, "printed")])
    assert await told(context) == [1]
    await take(context.database, scope, [report(1, 60, "handed_over"), scan(1, 120, Phase.ORIGIN)])
    assert await told(context) == []
    await take(context.database, scope, [report(1, 180, "returned")])
    assert await told(context) == [4]


async def test_kinds_and_campaigns_of_a_hook_are_heeded(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*", kinds=[Kind.POSTCARD])
    await listen(context, scope, "send.*", campaigns=[77])
    await sends.create(
        context, scope, [NewSend("letter", Address(name="Ann")), NewSend("postcard", Address(name="Bo"))]
    )

    assert len(await taken_out(context)) == 1


async def test_an_event_that_became_better_known_is_news_where_the_status_changes(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.status_changed")
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=141)])
    assert await told(context) == [0, 1]

    better = await take(context.database, scope, [scan(1, 0, Phase.DELIVERY, operation=141)])
    assert better.new == 0
    assert await told(context) == [2]


@pytest.mark.parametrize(("clients", "heard"), [(True, 1), (False, 0)])
async def test_an_agency_hears_of_its_clients_where_it_wants_to(context: Context, clients: bool, heard: int) -> None:
    agency, client = await organization(context, "Agency"), await organization(context, "Client")
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %s where id = %s", [agency.organization_id, client.organization_id]
        )
    await listen(context, agency, "send.*", clients=clients)
    await letters(context, client, [1])

    assert len(await taken_out(context)) == heard


async def test_an_ended_hook_hears_nothing_and_a_disabled_one_all(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*", ended_at=NOW)
    await letters(context, scope, [1])
    assert await taken_out(context) == []
    await listen(context, scope, "send.*", disabled_at=NOW)
    await letters(context, scope, [2])
    assert len(await taken_out(context)) == 1


async def test_people_who_visit_are_news_and_machines_and_trials_are_not(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "postalytics.pURLOpened")
    (send,) = await numbers(context, scope, [1])
    visit = NewResponse(send, VISIT, NOW)
    rows = [visit, visit._replace(bot=True), visit._replace(test=True), visit._replace(code=GOAL)]
    recorded = await context.database.run(lambda connection: responses.record(connection, rows, NOW))
    assert [row[1:4] for row in await taken_out(context)] == [(None, recorded[0].id, send)]

    await listen(context, scope, "send.goal_reached", "send.link_opened", bots=True)
    recorded = await context.database.run(lambda connection: responses.record(connection, rows, NOW))
    assert {row[2] for row in await taken_out(context)} == {recorded[0].id, recorded[1].id, recorded[3].id}


async def test_what_somebody_changes_is_told_with_both_sides(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.updated")
    (letter,) = await letters(context, scope, [1])
    change = SendChange(to=AddressChange(name="Bea"))
    await editing.edit(context, scope, letter, change)
    await editing.edit(context, scope, letter, change)

    assert [row[4] for row in await taken_out(context)] == [{"name": ["Ann", "Bea"]}]


async def test_what_is_rolled_back_is_not_told(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*")
    with suppress(ZeroDivisionError):
        async with context.database.transaction() as connection:
            await sends.accept(connection, context, scope, [NewSend("letter", Address(name="Ann"))])
            raise ZeroDivisionError

    assert await taken_out(context) == []
