"""Responses and the totals of their sends: nothing is counted twice, nothing is lost, and a storm takes no room."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import SendChange
from sendtrail.services import campaigns, editing, sends
from sendtrail.services.context import Context
from sendtrail.store.system import responses
from sendtrail.store.system.responses import GOAL, MOST, VISIT, NewResponse, Recorded

from .piles import organization

NOW = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
LETTER = NewSend("letter", Address(name="Ann", email="ann@example.com"), campaign="Spring")


async def numbers(context: Context, scope: Scope, *new: NewSend) -> list[int]:
    await campaigns.add_campaign(context, scope, "Spring", "bulk")
    made = await sends.create(context, scope, list(new))
    return [sends.send_number(context, each["id"]) for each in made if isinstance(each, dict)]


async def record(context: Context, rows: Sequence[NewResponse], now: datetime = NOW) -> list[Recorded]:
    return await context.database.run(lambda connection: responses.record(connection, rows, now))


async def totals(context: Context, send_id: int) -> dict[str, Any]:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select to_jsonb(e) from engagement e where send_id = %s", [send_id])
        row = await cursor.fetchone()
    return dict(row[0]) if row else {}


async def listed(context: Context, send_id: int) -> int:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from response where send_id = %s", [send_id])
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


def visit(send_id: int, visitor: int | None = 7, **fields: Any) -> NewResponse:
    return NewResponse(send_id, VISIT, NOW, link_id=3, visitor=visitor, **fields)


async def test_visits_by_people_count_and_robots_and_trials_are_told_apart(context: Context) -> None:
    scope = await organization(context)
    send, other = await numbers(context, scope, LETTER, replace(LETTER, to=Address(name="Bo", postal_code="60601")))

    told = await record(
        context,
        [visit(send), visit(other), visit(send), visit(send, 8), visit(send, 9, bot=True), visit(send, 9, test=True)],
    )
    await record(context, [visit(send), visit(send, 10), visit(other, None), visit(send, 9, bot=True, test=True)])

    assert len({each.id for each in told}) == 6
    assert all(each.new and each.id for each in told)
    own, others = await totals(context, send), await totals(context, other)
    assert (own["visits"], own["visitors"], own["bots"], own["unlisted"], own["goals"]) == (5, 3, 1, 0, 0)
    assert (others["visits"], others["visitors"], others["bots"]) == (2, 1, 0)
    assert own["campaign_id"] == others["campaign_id"] != 0
    assert own["organization_id"] == scope.organization_id
    assert own["recipient"] != others["recipient"]
    assert await listed(context, send) == 8


async def test_the_same_person_is_the_same_recipient_of_several_sends(context: Context) -> None:
    scope = await organization(context)
    first, second, nobody, nobodies = await numbers(
        context, scope, LETTER, LETTER, *[NewSend("letter", Address(company="Inc"))] * 2
    )
    await record(context, [visit(each) for each in (first, second, nobody, nobodies)])

    hashes = [(await totals(context, each))["recipient"] for each in (first, second, nobody, nobodies)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


async def test_a_visitor_is_new_once_a_day(context: Context) -> None:
    (send,) = await numbers(context, await organization(context), LETTER)
    for day in (0, 0, 1):
        await record(context, [visit(send), visit(send, 8)], NOW + timedelta(days=day))
    assert (await totals(context, send))["visitors"] == 4


async def test_what_comes_beyond_a_minutes_worth_counts_without_a_row(context: Context) -> None:
    (send,) = await numbers(context, await organization(context), LETTER)

    first = await record(context, [visit(send, n) for n in range(MOST - 10)])
    second = await record(context, [visit(send, n, bot=n % 2 == 0) for n in range(30)])
    trial = await record(context, [visit(send, 1, test=True)])
    whole = await record(context, [visit(send, n) for n in range(MOST + 5)], NOW + timedelta(minutes=1))

    assert [bool(each.id) for each in first + second] == [True] * MOST + [False] * 20
    assert all(each.new for each in first + second)
    assert trial == [Recorded(0, True)]
    assert [bool(each.id) for each in whole] == [True] * MOST + [False] * 5
    found = await totals(context, send)
    assert (found["visits"], found["bots"], found["unlisted"]) == (MOST - 10 + 15 + MOST + 5, 15, 25)
    assert await listed(context, send) == found["visits"] + found["bots"] - found["unlisted"]


async def test_a_goal_with_a_reference_counts_once_for_each_send_even_told_at_once(context: Context) -> None:
    scope = await organization(context)
    send, other = await numbers(context, scope, LETTER, LETTER)

    def goal(send_id: int, reference: str = "", cents: int = 100) -> NewResponse:
        return NewResponse(send_id, GOAL, NOW, value_cents=cents, reference=reference)

    first, within = await record(context, [goal(send, "order 0", 100), goal(send, "order 0", 999)])
    await asyncio.gather(
        *(record(context, [goal(send, "order 1"), goal(other, "order 1"), goal(send, f"own {n}")]) for n in range(5)),
    )
    again, unnamed, _ = await record(context, [goal(send, "order 0", 999), goal(send), goal(send)])

    assert (within.new, again.new, unnamed.new) == (False, False, True)
    assert first.new
    assert again.id == first.id
    assert ((await totals(context, send))["goals"], (await totals(context, send))["value_cents"]) == (9, 900)
    assert (await totals(context, other))["goals"] == 1
    assert await listed(context, send) == 9


async def test_a_goal_with_a_reference_always_has_its_row(context: Context) -> None:
    (send,) = await numbers(context, await organization(context), LETTER)
    await record(context, [visit(send) for _ in range(MOST)])

    told = await record(
        context, [NewResponse(send, GOAL, NOW), NewResponse(send, GOAL, NOW, reference="order"), visit(send)]
    )

    assert [bool(each.id) for each in told] == [False, True, False]
    found = await totals(context, send)
    assert (found["goals"], found["visits"], found["unlisted"]) == (2, MOST + 1, 2)


async def test_many_at_once_leave_totals_that_agree_with_the_rows(context: Context) -> None:
    scope = await organization(context)
    own = await numbers(context, scope, LETTER, LETTER, LETTER)

    async def some(turn: int) -> None:
        rows = [visit(own[(n + turn) % 3], visitor=n % 4, bot=n % 5 == 0) for n in range(12)]
        await record(context, rows if turn % 2 else rows[::-1])

    await asyncio.gather(*(some(turn) for turn in range(20)))

    found = [await totals(context, each) for each in own]
    assert sum(each["visits"] + each["bots"] for each in found) == 240
    for send, each in zip(own, found, strict=True):
        assert each["visits"] + each["bots"] == await listed(context, send) + each["unlisted"]
        assert each["visitors"] == 4


async def test_the_totals_of_a_send_that_moves_to_another_day_move_with_it(context: Context) -> None:
    scope = await organization(context)
    (send,) = await numbers(context, scope, LETTER)
    await record(context, [visit(send)])
    day = NOW.date() + timedelta(days=400)

    await editing.edit(context, scope, context.ids.encode("letter", send), SendChange(send_date=day))

    assert (await totals(context, send))["created_on"] == day.isoformat()


async def test_a_send_that_is_not_there_has_no_responses(context: Context) -> None:
    assert await record(context, [visit(4711)]) == [Recorded(0, False)]
    assert await record(context, []) == []
