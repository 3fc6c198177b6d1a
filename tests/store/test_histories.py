"""The history that the worker keeps is that of the trails, whatever came when and whoever looked."""

import asyncio
import random
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.observation import Observation
from sendtrail.domain.operations import Operation
from sendtrail.domain.packing import BEST
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.trail import Event, best, order_key, status_of_best
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.services import histories, sends
from sendtrail.services.context import Context
from sendtrail.services.meanings import load_operations
from sendtrail.store import histories as store
from sendtrail.store import ingest, organizations, system
from sendtrail.store import sends as send_store
from sendtrail.store.system import proofs

from .piles import DAY, NOON, SERIALS, letters, observations, organization, report, scan, take

HOUR = 3600
AT_ONCE = timedelta()
WORDS = [each.word for each in CATEGORIES]

Key = tuple[date, int, int, str, date]
"""The send's day, campaign and kind; the category and the day."""
History = dict[Key, tuple[int, int, int]]
"""How many entered, ceased and remained."""

in_database = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def category_after(events: list[Event]) -> str:
    status = status_of_best(best(events))
    return category(status.code, status.evidence)


async def model(context: Context, scope: Scope) -> History:
    """Naively: where each send stood after each of its events, in the order in which they happened."""
    entered, ceased, remained = Counter[Key](), Counter[Key](), Counter[Key]()
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select send_id, created_on, campaign_id, kind from state where organization_id = %s and live = %s",
            [scope.organization_id, scope.live],
        )
        cells = {send_id: cell async for send_id, *cell in cursor}
        trails = await send_store.trails(connection, scope, list(cells))
        zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
    for send_id, (created_on, campaign_id, kind) in cells.items():
        events = sorted(trails[send_id], key=lambda event: (event.occurred_at, order_key(event)))
        before: Key | None = None
        for n, event in enumerate(events, 1):
            day = event.occurred_at.astimezone(zone).date()
            now = (created_on, campaign_id, kind, category_after(events[:n]), day)
            if before and before[3] == now[3]:
                continue
            if before:
                remained[before] -= 1
                ceased[created_on, campaign_id, kind, before[3], day] += 1
            entered[now] += 1
            remained[now] += 1
            before = now
    return {key: (entered[key], ceased[key], remained[key]) for key in entered.keys() | ceased.keys()}


async def kept(context: Context, scope: Scope) -> History:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select created_on, campaign_id, kind, category, day, entered, ceased, remained from history"
            " where organization_id = %s and live = %s",
            [scope.organization_id, scope.live],
        )
        return {
            (created_on, campaign_id, kind, WORDS[place], day): (entered, ceased, remained)
            async for created_on, campaign_id, kind, place, day, entered, ceased, remained in cursor
        }


async def refreshed(context: Context, scope: Scope) -> History:
    while await histories.refresh(context, rest=AT_ONCE):
        pass
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from stale")
        assert await cursor.fetchone() == (0,)
        assert await proofs.miscounted(connection) == 0
        assert await proofs.forgotten(connection) == 0
    return await kept(context, scope)


def over_days(facts: list[Observation]) -> list[Observation]:
    """The same facts, each second a third of a day."""
    spread = []
    for each in facts:
        ms = (each.item >> 22) - NOON
        spread.append(each._replace(item=each.item + ((ms * 8 * HOUR - ms) << 22)))
    return spread


@in_database
@given(observations(3), st.data())
async def test_history_is_that_of_the_trails_in_any_order_and_however_often_it_is_worked_out(
    context: Context, facts: list[Observation], data: st.DataObject
) -> None:
    told = over_days(data.draw(st.permutations(facts)))
    cut = data.draw(st.integers(0, len(told)))
    scope = await organization(context)
    await take(context.database, scope, told[: cut // 2])
    await letters(context, scope, range(3))
    await take(context.database, scope, told[cut // 2 : cut])
    assert await refreshed(context, scope) == await model(context, scope)
    await take(context.database, scope, told[cut:])
    assert await refreshed(context, scope) == await model(context, scope)


async def test_a_piece_that_came_back_was_delivered_until_then(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    steps = [scan(1, 0, Phase.ORIGIN), report(1, 9 * 24 * HOUR, "delivered"), report(1, 12 * 24 * HOUR, "returned")]
    for step in (steps[2], steps[0], steps[1]):
        await take(context.database, scope, [step])
    found = await refreshed(context, scope)
    in_march = {(word, day): numbers for (_, _, _, word, day), numbers in found.items() if day < DAY + timedelta(30)}
    assert in_march == {
        ("in_transit", DAY): (1, 0, 0),
        ("in_transit", DAY + timedelta(9)): (0, 1, 0),
        ("delivered", DAY + timedelta(9)): (1, 0, 0),
        ("delivered", DAY + timedelta(12)): (0, 1, 0),
        ("returned", DAY + timedelta(12)): (1, 0, 1),
    }
    assert found == await model(context, scope)


async def test_days_are_those_of_the_organizations_clocks(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, Phase.ORIGIN)])
    days = []
    for zone in ("Pacific/Kiritimati", "America/New_York"):
        async with context.database.transaction() as connection:
            await connection.execute(
                "update organization set time_zone = %s where id = %s", [zone, scope.organization_id]
            )
            await store.outdate(connection, scope)
        found = await refreshed(context, scope)
        assert found == await model(context, scope)
        days.append(min(key[-1] for key in found))
    assert days == [DAY + timedelta(1), DAY]


async def test_history_follows_the_meaning_of_operation_codes(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=321), report(1, HOUR, "returned")])
    before = await refreshed(context, scope)
    assert await load_operations(context, [Operation(321, "delivered", "")]) == 0
    after = await refreshed(context, scope)
    assert after == await model(context, scope) != before


async def test_a_piece_whose_scans_pass_to_another_loses_its_past_with_them(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    later = DAY + timedelta(60)
    await take(context.database, scope, [scan(1, 70 * 24 * HOUR, Phase.DELIVERY)])
    assert await refreshed(context, scope) == await model(context, scope)
    again = NewSend("letter", Address(name="Bo"), imb=f"00270{SERIALS + 1:015d}", send_date=later)
    (made,) = await sends.create(context, scope, [again])
    assert isinstance(made, dict)
    found = await refreshed(context, scope)
    assert found == await model(context, scope)
    assert {created_on for created_on, _, _, word, _ in found if word == "delivered"} == {later}


@pytest.mark.parametrize("slot", ["pg_backend_pid() % 16", "16 + pg_backend_pid() % 16"])
async def test_a_batch_that_commits_while_its_cell_is_worked_out_is_not_forgotten(context: Context, slot: str) -> None:
    """Whether it touched a mark that is there, or made one of its own."""
    scope = await organization(context)
    await letters(context, scope, [1])
    rows = ingest.copy_rows([scan(1, 0, Phase.ORIGIN)], NOON // 1000)
    async with context.database.transaction() as connection:
        cursor = await connection.execute(f"select {slot}".encode())
        async with context.database.transaction() as other:
            await other.execute("update stale set slot = %s", await cursor.fetchone())
        await ingest.record(connection, scope, rows)
        refreshing = asyncio.create_task(histories.refresh(context, rest=AT_ONCE))
        await asyncio.wait([refreshing], timeout=0.2)
    await refreshing
    assert await refreshed(context, scope) == await model(context, scope)


async def test_history_is_right_after_writers_and_workers_at_once(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, range(30))
    chance = random.Random(5)
    phases = [Phase.ORIGIN, Phase.DESTINATION, Phase.DELIVERY, Phase.PARS]
    batches = [
        [scan(chance.randrange(30), chance.randrange(9) * 20 * HOUR, chance.choice(phases)) for _ in range(60)]
        for _ in range(20)
    ]
    work = [take(context.database, scope, batch) for batch in batches]
    looks = [histories.refresh(context, rest=AT_ONCE) for _ in range(12)]
    mixed = [*work, *looks]
    chance.shuffle(mixed)
    await asyncio.gather(*mixed)
    assert await refreshed(context, scope) == await model(context, scope)


async def test_test_mode_and_other_organizations_have_histories_of_their_own(context: Context) -> None:
    acme, other = await organization(context), await organization(context)
    test = Scope(acme.organization_id, False, "test")
    for n, scope in enumerate((acme, other, test)):
        await letters(context, scope, range(n + 1))
    for n, scope in enumerate((acme, other, test)):
        found = await refreshed(context, scope)
        assert found == await model(context, scope)
        assert sum(entered for entered, _, _ in found.values()) == n + 1


async def test_what_has_changed_rests_the_longer_the_more_sends_it_has(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, range(20))
    async with context.database.transaction() as connection:
        await connection.execute("update stale set since = now() - interval '100 seconds'")
        assert await system.due_histories(connection, timedelta(seconds=101), 9) == []
        due = (scope.organization_id, True, DAY, 0, 20)
        assert await system.due_histories(connection, timedelta(seconds=99), 9) == [due]
        await connection.execute("update counts set n = n * 15000")
        assert await system.due_histories(connection, timedelta(seconds=26), 9) == []
        assert len(await system.due_histories(connection, timedelta(seconds=24), 9)) == 1


async def test_all_of_many_portions_is_worked_out(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_AT_ONCE_CELLS", 2)
    monkeypatch.setattr(histories, "_AT_ONCE_SENDS", 3)
    scopes = [await organization(context) for _ in range(2)]
    for scope in scopes:
        for n in range(7):
            day = DAY + timedelta(n)
            new = [NewSend("letter", Address(name="Ann"), send_date=day) for _ in range(1 + n % 5)]
            await sends.create(context, scope, new)
    assert await histories.refresh(context, 9, rest=AT_ONCE) == 9
    assert await histories.refresh(context, rest=AT_ONCE) == 5
    for scope in scopes:
        assert await refreshed(context, scope) == await model(context, scope)


async def test_reports_can_tell_as_of_when_a_history_is(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    async with context.database.transaction() as connection:
        cursor = await connection.execute("update stale set since = now() - interval '1 hour' returning since, now()")
        ((since, now),) = await cursor.fetchall()
        assert await store.as_of(connection, scope) == since
        assert await store.as_of(connection, scope, DAY, DAY, 0) == since
        assert await store.as_of(connection, scope, DAY, DAY, 7) == now
        assert await store.as_of(connection, scope, DAY + timedelta(1)) == now
    await refreshed(context, scope)
    async with context.database.snapshot() as connection:
        assert await store.as_of(connection, scope) > now


async def test_counts_of_many_writers_are_put_together(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, range(4))
    facts = [scan(n, n, phase) for n in range(4) for phase in (Phase.ORIGIN, Phase.DELIVERY)]
    await asyncio.gather(*(take(context.database, scope, facts[n::4]) for n in range(4)))
    await refreshed(context, scope)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select status, n from counts where organization_id = %s", [scope.organization_id]
        )
        rows = await cursor.fetchall()
        assert await proofs.misspent(connection) == 0
    ((status, n),) = rows
    assert (BEST.unpack(status)["code"], n) == (28, 4)


async def test_a_history_that_missed_something_is_found(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await refreshed(context, scope)
    await take(context.database, scope, [scan(1, 0, Phase.ORIGIN)])
    async with context.database.transaction() as connection:
        assert await proofs.forgotten(connection) == 0
        await connection.execute("delete from stale")
        assert await proofs.forgotten(connection) == 2
