"""What is presumed, through the store: when, of which sends, and that it gives way to whatever is heard later (law 9).

Time is rehearsed in 2031, so that the database's own clock is behind all of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, event_item, scan_item
from sendtrail.domain.operations import Operation
from sendtrail.domain.packing import NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.presumption import inferred_return, presumed_delivery
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.trail import Event, best, order_key
from sendtrail.services import histories, presumption, reports, sends, thresholds
from sendtrail.services.context import Context
from sendtrail.services.meanings import load_operations
from sendtrail.store import ingest as store_ingest
from sendtrail.store import presumption as store
from sendtrail.store import sends as store_sends
from sendtrail.store.database import Connection
from sendtrail.store.histories import Cell
from sendtrail.store.system import proofs
from sendtrail.store.system.presumption import due
from tests.people import world
from tests.services.test_cancelling import while_another_is_at_it
from tests.store.piles import organization, take
from tests.store.test_ingest import assert_recount_agrees

DAY = date(2031, 3, 3)
"""A Monday."""
NEW_YORK = ZoneInfo("America/New_York")
ELSEWHERE = Address(name="Ann", postal_code="10001")
SENDER = Address(name="Acme", postal_code="60601-2345")
PHASES = {
    "in_transit": Phase.ORIGIN,
    "in_local_area": Phase.DESTINATION,
    "out_for_delivery": Phase.DESTINATION_SEQUENCED,
    "rerouted": Phase.PARS,
    "round": Phase.DELIVERY,
}
OUT = ["03-05 18:00 handed_over", "03-07 04:30 out_for_delivery 10199"]
"""Out for delivery on a Friday."""
BACK = [*OUT, "03-10 02:00 rerouted 10199", "03-13 03:00 in_local_area 60601"]


def at(text: str) -> datetime:
    """`03-07 04:30` of 2031 in New York."""
    return datetime.strptime(f"2031-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)


def told(number: int, text: str) -> Observation:
    """A postal scan by its meaning, with a facility's ZIP; or what a printer or person says."""
    day, time, code, *zips = text.split()
    ms = to_ms(at(f"{day} {time}"))
    if code in PHASES:
        item = scan_item(ms, PHASES[code], NO_OPERATION, Evidence.LOGICAL if code == "round" else Evidence.SCANNED)
    else:
        source = Source.PRINTER if code == "handed_over" else Source.PERSON
        item = event_item(ms, code, source, Evidence.REPORTED)
    return Observation(0, item, zip=int(zips[0]) if zips else 0, send=str(number))


async def made(context: Context, scope: Scope, *new: NewSend) -> list[int]:
    results = await sends.create(context, scope, new)
    return [sends.send_number(context, result["id"]) for result in results if isinstance(result, dict)]


def letter(**values: Any) -> NewSend:
    return NewSend(**{"kind": "letter", "to": ELSEWHERE, "from_": SENDER, "send_date": DAY, **values})


async def hear(context: Context, scope: Scope, number: int, texts: Sequence[str]) -> None:
    await take(context.database, scope, [told(number, text) for text in texts])


async def infer(context: Context, now: datetime) -> int:
    """What a worker does at this moment: how many events came of it."""
    while await histories.refresh(context, rest=timedelta()):
        pass
    return (await presumption.refresh(context, now=now))[1]


async def trails(context: Context, scope: Scope, numbers: Sequence[int]) -> dict[int, list[Event]]:
    async with context.database.snapshot() as connection:
        return await store_sends.trails(connection, scope, numbers)


async def statuses(context: Context, scope: Scope, numbers: Sequence[int]) -> list[str]:
    async with context.database.snapshot() as connection:
        rows = {row.send_id: row.best for row in await store_sends.read(connection, scope, numbers)}
    found = await trails(context, scope, numbers)
    assert all(best(found[number]) == rows[number] for number in numbers)
    return [max(found[number], key=order_key).type.label for number in numbers]


async def test_what_went_quiet_is_presumed_delivered_on_the_morning_after_its_last_quiet_day(
    context: Context, dsn: str
) -> None:
    scope = await organization(context)
    wanted = {
        # Friday; quiet on Monday and Tuesday
        "03-12": (letter(), OUT),
        # a further pass on Saturday, when letters move but nobody counts
        "03-13": (letter(), [*OUT, "03-10 04:10 out_for_delivery 10199"]),
        # handed over on a Wednesday, and never scanned: ten business days, fifteen for marketing
        "03-20": (letter(mailing_class="first_class"), OUT[:1]),
        "03-27": (letter(mailing_class="marketing"), OUT[:1]),
        # Good Friday and Easter Monday are Canada Post's
        "04-18": (letter(post="canada_post", mailing_class="lettermail"), ["04-01 18:00 handed_over"]),
        "04-16": (letter(), ["04-01 18:00 handed_over"]),
        # Memorial Day is no business day
        "05-29": (letter(), ["05-23 04:30 out_for_delivery"]),
        "03-11": (NewSend(kind="gift", to=ELSEWHERE, send_date=DAY), ["03-06 14:00 out_for_delivery"]),
    }
    never = [
        (letter(extra_service="certified"), OUT),
        (letter(), OUT[:0]),
        (letter(), [*OUT, "03-08 09:00 delivered"]),
        (letter(), [*OUT, "03-07 15:00 round"]),
        (NewSend(kind="gift", to=ELSEWHERE, send_date=DAY), ["03-06 14:00 shipped"]),
    ]
    numbers = await made(context, scope, *(new for new, _ in [*wanted.values(), *never]))
    for number, (_, texts) in zip(numbers, [*wanted.values(), *never], strict=True):
        await hear(context, scope, number, texts)
    seen: dict[str, int] = {}
    assert await infer(context, at("03-07 12:00")) == 0
    for day in (DAY + timedelta(days=n) for n in range(100)):
        for hour in (0, 23):
            now = datetime(day.year, day.month, day.day, hour, 59 if hour else 0, tzinfo=NEW_YORK)
            before = await trails(context, scope, numbers)
            if await infer(context, now):
                after = await trails(context, scope, numbers)
                grown = [place for place, number in enumerate(numbers) if len(after[number]) > len(before[number])]
                seen |= {f"{day:%m-%d}": place for place in grown}
                assert hour == 0
    assert seen == {day: place for place, day in enumerate(wanted)}
    assert set((await statuses(context, scope, numbers))[: len(wanted)]) == {"Presumed delivered"}
    (event,) = [each for each in (await trails(context, scope, numbers))[numbers[0]] if each.code == "delivered"]
    assert (event.occurred_at, event.zip, event.source) == (at("03-07 04:30"), "10199", Source.SYSTEM)
    assert event.detail == {"rests_on": "out_for_delivery", "business_days": 2}
    await assert_recount_agrees(context.database)
    with psycopg.connect(dsn) as connection:  # nothing is left to wait for
        assert connection.execute("select count(*) from presumption where due_at < 'infinity'").fetchone() == (0,)


async def test_nothing_is_read_before_something_can_have_come_due(context: Context) -> None:
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    await hear(context, scope, number, OUT)
    await infer(context, at("03-07 12:00"))
    assert (await presumption.refresh(context, now=at("03-11 23:59"))) == (0, 0)
    assert (await presumption.refresh(context, now=at("03-12 00:00"))) == (1, 1)
    assert (await presumption.refresh(context, now=at("12-31 00:00"))) == (0, 0)


async def test_a_cell_that_changes_all_the_time_rests_between_two_looks(context: Context) -> None:
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    await infer(context, at("03-05 12:00"))
    for minute in range(1, 4):
        await hear(context, scope, number, [f"03-05 12:0{minute} in_transit"])
        await histories.refresh(context, rest=timedelta())
        looked, _ = await presumption.refresh(context, now=at("03-05 12:00") + timedelta(seconds=30 * minute))
        assert looked == (minute == 3)


async def test_what_changes_while_it_is_looked_at_is_looked_at_again(context: Context) -> None:
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    await infer(context, at("03-05 12:00"))
    await hear(context, scope, number, OUT[:1])
    await histories.refresh(context, rest=timedelta())
    now, rest = at("03-05 20:00"), timedelta(minutes=1)
    async with context.database.transaction() as connection:
        (looked_at,) = await due(connection, now, 10)
    await hear(context, scope, number, OUT[1:])
    await histories.refresh(context, rest=timedelta())
    async with context.database.transaction() as connection:
        look = store.Look(Cell(looked_at.created_on, looked_at.campaign_id), looked_at.times, None, rest)
        await store.settle(connection, scope, now, [look])
        assert await due(connection, now, 10) == []
        assert len(await due(connection, now + rest, 10)) == 1


async def test_a_scan_at_the_senders_zip_after_a_reroute_is_a_return_and_a_forwarding_is_none(context: Context) -> None:
    scope = await organization(context)
    near = Address(name="Ann", postal_code="60614")
    numbers = await made(context, scope, letter(), letter(), letter(to=near), letter(), letter())
    logical, elsewhere = [*BACK[:-1], "03-13 15:00 round 60601"], [*BACK[:-1], "03-13 03:00 in_local_area 94105"]
    for number, texts in zip(numbers, (BACK, logical, BACK, elsewhere, [*OUT, BACK[-1]]), strict=True):
        await hear(context, scope, number, texts)
    assert await infer(context, at("03-14 00:00")) == 2
    labels = ["Presumed returned", "Presumed returned", *["In local area"] * 3]
    assert await statuses(context, scope, numbers) == labels
    # the reroute of the last one was told late
    await hear(context, scope, numbers[4], BACK[2:3])
    assert await infer(context, at("03-14 01:00")) == 1
    await hear(context, scope, numbers[0], ["03-15 03:00 out_for_delivery 60601"])
    await hear(context, scope, numbers[1], ["03-15 03:00 in_local_area 94105"])
    assert await infer(context, at("03-15 04:00")) == 1
    assert await statuses(context, scope, numbers[:2]) == ["Presumed returned", "In local area"]


async def test_a_return_that_shows_late_takes_a_presumed_delivery_back(context: Context) -> None:
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    await hear(context, scope, number, [*OUT[:1], "03-13 03:00 out_for_delivery 60601"])
    assert await infer(context, at("03-20 00:00")) == 1
    await hear(context, scope, number, ["03-10 02:00 rerouted 10199"])
    assert await infer(context, at("03-20 01:00")) == 1
    assert await statuses(context, scope, [number]) == ["Presumed returned"]
    assert await infer(context, at("06-20 01:00")) == 0


async def test_each_organization_waits_as_long_as_it_says_from_the_next_look_on(context: Context) -> None:
    patient, hasty = await organization(context, "Patient"), await organization(context, "Hasty")
    numbers = []
    for scope in (patient, hasty):
        (out, handed) = await made(context, scope, letter(), letter())
        await hear(context, scope, out, OUT)
        await hear(context, scope, handed, OUT[:1])
        numbers.append([out, handed])
    await thresholds.change(context, patient, {"quiet_days": 5, "first_class": 20})
    assert await infer(context, at("03-12 00:00")) == 1
    assert await infer(context, at("03-15 00:00")) == 1
    await thresholds.change(context, hasty, {"first_class": 3})
    assert await infer(context, at("03-16 00:00")) == 1
    assert await statuses(context, patient, numbers[0]) == ["Presumed delivered", "Handed over"]
    assert await statuses(context, hasty, numbers[1]) == ["Presumed delivered"] * 2
    assert await infer(context, at("04-02 23:59")) == 0
    assert await infer(context, at("04-03 00:00")) == 1


async def test_days_are_those_of_the_organizations_clocks_and_test_mode_rehearses_the_same(context: Context) -> None:
    live = await organization(context)
    test = replace(live, live=False)
    for scope in (live, test):
        (number,) = await made(context, scope, letter())
        await hear(context, scope, number, OUT)
    assert await infer(context, datetime(2031, 3, 12, 3, 59, tzinfo=UTC)) == 0
    assert await infer(context, datetime(2031, 3, 12, 4, 0, tzinfo=UTC)) == 2


async def test_asked_about_some_sends_it_answers_at_once_and_once(context: Context) -> None:
    scope = await organization(context)
    numbers = await made(context, scope, letter(), letter())
    for number in numbers:
        await hear(context, scope, number, OUT)
    assert await presumption.presume(context, scope, numbers[:1], at("03-12 00:00")) == 1
    assert await presumption.presume(context, scope, numbers[:1], at("03-12 00:00")) == 0
    other = await organization(context, "Other")
    assert await presumption.presume(context, other, numbers, at("03-12 00:00")) == 0
    assert await statuses(context, scope, numbers) == ["Presumed delivered", "Out for delivery"]


@pytest.mark.parametrize(("late", "label"), [("03-12 03:00 in_local_area", "In local area"), (OUT[1], None)])
async def test_a_scan_that_is_being_written_comes_before(context: Context, late: str, label: str | None) -> None:
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    await hear(context, scope, number, OUT)

    async def scanned(connection: Connection) -> None:
        rows = store_ingest.copy_rows([told(number, late)], 0)
        await store_ingest.record(connection, scope, rows)

    if label:
        answer = await while_another_is_at_it(
            context, scanned, presumption.presume(context, scope, [number], at("03-12 04:00"))
        )
        assert answer == 0
        assert await statuses(context, scope, [number]) == [label]
    else:  # one that is known holds nobody up
        async with context.database.transaction() as connection:
            await scanned(connection)
            assert await presumption.presume(context, scope, [number], at("03-12 04:00")) == 1


async def test_many_workers_beside_late_scans_double_nothing(context: Context) -> None:
    scope = await organization(context)
    numbers = await made(context, scope, *(letter() for _ in range(60)))
    await take(context.database, scope, [told(number, text) for number in numbers for text in OUT])
    while await histories.refresh(context, rest=timedelta()):
        pass
    late = [[told(number, "03-13 03:00 in_local_area 10001") for number in numbers[start::3]] for start in range(2)]
    await asyncio.gather(
        *(presumption.refresh(context, now=at("03-14 00:00")) for _ in range(4)),
        *(take(context.database, scope, batch) for batch in late),
        *(presumption.presume(context, scope, numbers, at("03-14 00:00")) for _ in range(2)),
    )
    await infer(context, at("03-14 12:00"))
    found = await trails(context, scope, numbers)
    assert max(sum(each.evidence is Evidence.INFERRED for each in trail) for trail in found.values()) == 1
    assert await statuses(context, scope, numbers[0::3] + numbers[1::3]) == ["In local area"] * 40
    assert await statuses(context, scope, numbers[2::3]) == ["Presumed delivered"] * 20
    await assert_recount_agrees(context.database)


async def test_what_is_broken_off_at_any_point_is_done_the_next_time_and_once(context: Context) -> None:
    scope = await organization(context)
    numbers = await made(context, scope, *(letter() for _ in range(1_100)))
    await take(context.database, scope, [told(number, text) for number in numbers for text in OUT])
    while await histories.refresh(context, rest=timedelta()):
        pass
    for milliseconds in (1, 10, 30, 60, 100, 150, 200, 250):
        broken_off = asyncio.create_task(presumption.refresh(context, now=at("03-14 00:00")))
        await asyncio.wait([broken_off], timeout=milliseconds / 1000)
        broken_off.cancel()
        await asyncio.gather(broken_off, return_exceptions=True)
    await infer(context, at("03-14 00:00"))
    found = await trails(context, scope, numbers)
    assert {sum(each.evidence is Evidence.INFERRED for each in trail) for trail in found.values()} == {1}
    assert await infer(context, at("03-15 00:00")) == 0
    await assert_recount_agrees(context.database)


async def test_days_to_deliver_are_those_of_deliveries_that_somebody_told_of(context: Context) -> None:
    made_ = await world(context)
    ann, sam, mia = (made_.scopes[name] for name in ("ann", "sam", "mia"))
    numbers = await made(context, sam, *(letter() for _ in range(3)))
    await hear(context, sam, numbers[0], [*OUT, "03-08 15:00 round"])
    await hear(context, sam, numbers[1], OUT)
    await hear(context, sam, numbers[2], OUT[:1])
    assert await infer(context, at("03-31 00:00")) == 2
    while await histories.refresh(context, rest=timedelta()):
        pass
    for scope in (ann, sam, mia):
        found = await reports.days_to_deliver(context, scope, DAY, DAY)
        assert (found.delivered, found.median) == (1, 5)
    async with context.database.snapshot() as connection:
        assert await proofs.forgotten(connection) == 0
    await hear(context, sam, numbers[1], ["03-10 15:00 round"])
    while await histories.refresh(context, rest=timedelta()):
        pass
    found = await reports.days_to_deliver(context, ann, DAY, DAY)
    assert {each.days: each.n for each in found.data if each.n} == {5: 1, 7: 1}


KINDS = [
    letter(),
    letter(mailing_class="marketing"),
    letter(extra_service="certified"),
    letter(post="canada_post", mailing_class="lettermail"),
    NewSend(kind="gift", to=ELSEWHERE, send_date=DAY),
]
facts = st.builds(
    lambda day, time, code, zip_: f"03-{day:02d} {time} {code} {zip_}",
    st.integers(3, 20),
    st.sampled_from(["03:00", "23:30"]),
    st.sampled_from([*PHASES, "handed_over", "delivered", "returned"]),
    st.sampled_from(["10199", "60601"]),
)
heard = st.lists(st.tuples(st.integers(0, len(KINDS) - 1), facts), max_size=18)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(heard, st.lists(st.integers(4, 60), min_size=1, max_size=4, unique=True), st.data())
async def test_whatever_comes_when_nothing_due_is_missed_and_what_happened_later_wins(
    context: Context, given: list[tuple[int, str]], days: list[int], data: st.DataObject
) -> None:
    scope = await organization(context)
    numbers = await made(context, scope, *KINDS)
    observations = [told(numbers[place], text) for place, text in given if not (place == 4 and "handed" in text)]
    looks = [datetime(2031, 3, 1, 9, tzinfo=UTC) + timedelta(days=day) for day in sorted(days)]
    cuts = sorted(data.draw(st.integers(0, len(observations))) for _ in looks)
    for now, (start, end) in zip(looks, pairwise([0, *cuts]), strict=True):
        await take(context.database, scope, observations[start:end])
        await infer(context, now)
        async with context.database.snapshot() as connection:
            own = await store.facts(connection, scope, numbers, "America/New_York")
        for number, trail in (await trails(context, scope, numbers)).items():
            assert presumed_delivery(trail, own[number], now) is None
            assert inferred_return(trail, own[number], now) is None
    await take(context.database, scope, observations[cuts[-1] :])
    await statuses(context, scope, numbers)
    for trail in (await trails(context, scope, numbers)).values():
        real = [event for event in trail if event.evidence is not Evidence.INFERRED]
        stands = max(trail, key=order_key)
        if stands.evidence is Evidence.INFERRED:
            assert not any(e.occurred_at > stands.occurred_at and e.type.stage >= stands.type.stage for e in real)
        else:
            assert stands == max(real, key=order_key)
    await assert_recount_agrees(context.database)


async def test_operation_codes_that_mean_a_reroute_count_like_phases(context: Context) -> None:
    await load_operations(context, [Operation(918, "rerouted", "")])
    scope = await organization(context)
    (number,) = await made(context, scope, letter())
    item = scan_item(to_ms(at("03-10 02:00")), Phase.NONE, 918, Evidence.SCANNED)
    reroute = Observation(0, item, zip=10199, send=str(number))
    await take(context.database, scope, [*(told(number, text) for text in (*OUT, BACK[-1])), reroute])
    assert await infer(context, at("03-14 00:00")) == 1
