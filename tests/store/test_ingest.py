"""The laws of the pipeline, on a real database."""

import asyncio
import random
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import CODE_BY_ID, Evidence, Source
from sendtrail.domain.observation import Observation, event_item
from sendtrail.domain.operations import Operation
from sendtrail.domain.packing import BEST, EXPECTED, ITEM, NO_OPERATION
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.store import ingest, meaning
from sendtrail.store.database import Database
from sendtrail.store.ingest import Tally
from sendtrail.store.system import proofs

from .piles import DAY, LABEL, NOON, SERIALS, letters, observations, organization, report, scan, take, told_once

in_database = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Stand(NamedTuple):
    """All that the laws speak of: the events and status of each barcode, and the counts."""

    trails: dict[int, set[int]]
    statuses: dict[int, tuple[str, int]]
    expected: dict[int, int]
    counts: dict[int, tuple[int, int]]


def item_source(item: int) -> int:
    return ITEM.unpack(item)["source"]


async def stand(database: Database, scope: Scope) -> Stand:
    async with database.snapshot() as connection:
        cursor = await connection.execute(
            "select mid_serial, trail, best, expected, cardinality(meta) - cardinality(trail)"
            "  from state join barcode using (send_id) where state.organization_id = %s",
            [scope.organization_id],
        )
        rows = await cursor.fetchall()
        cursor = await connection.execute(
            "select status, sum(n)::int, sum(cost_cents)::int from counts where organization_id = %s"
            " group by status having sum(n) <> 0 or sum(cost_cents) <> 0",
            [scope.organization_id],
        )
        counts = {status: (n, cost) async for status, n, cost in cursor}
    assert all(len(set(trail)) == len(trail) for _, trail, *_ in rows), "an event stands twice in a trail"
    assert all(difference == 0 for *_, difference in rows), "trail and meta run apart"
    best = {serial: BEST.unpack(best) for serial, _, best, _, _ in rows}
    return Stand(
        {serial: {item for item in trail if item_source(item) != Source.SYSTEM} for serial, trail, *_ in rows},
        {serial: (CODE_BY_ID[fields["code"]], fields["ms"]) for serial, fields in best.items() if fields["stage"] > 1},
        {serial: EXPECTED.unpack(expected)["day"] for serial, _, _, expected, _ in rows},
        counts,
    )


async def assert_recount_agrees(database: Database) -> None:
    async with database.snapshot() as connection:
        assert await proofs.miscounted(connection) == 0
        assert await proofs.misspent(connection) == 0
        assert await proofs.doubled(connection) == 0


@in_database
@given(observations(3), st.data())
async def test_any_order_and_repetition_gives_the_same_events_status_and_counts(
    context: Context, facts: list[Observation], data: st.DataObject
) -> None:
    stands = []
    for attempt in range(2):
        scope = await organization(context)
        await letters(context, scope, range(3))
        told = facts if attempt == 0 else data.draw(st.permutations(facts)) + facts[: len(facts) // 2]
        cut = data.draw(st.integers(0, len(told)))
        for batch in (told[:cut], told[cut:]):
            await take(context.database, scope, batch)
        stands.append(await stand(context.database, scope))
        await assert_recount_agrees(context.database)
    assert stands[0] == stands[1]
    wanted = told_once(facts)
    assert {serial: trail for serial, trail in stands[0].trails.items() if trail} == wanted


@in_database
@given(observations(2))
async def test_the_stored_status_is_the_greatest_event_of_the_trail(context: Context, facts: list[Observation]) -> None:
    scope = await organization(context)
    await letters(context, scope, range(2))
    await take(context.database, scope, facts)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select count(*) from state where organization_id = %s and best <> trail_best(trail)",
            [scope.organization_id],
        )
        assert await cursor.fetchone() == (0,)


@in_database
@given(observations(3), st.integers(0, 14))
async def test_scans_that_come_before_their_send_are_kept_and_matched_when_it_appears(
    context: Context, facts: list[Observation], cut: int
) -> None:
    before, after = await organization(context), await organization(context)
    for batch in (facts[:cut], facts[cut:], facts[:1]):
        await take(context.database, before, batch)
    await letters(context, before, range(3))
    await letters(context, after, range(3))
    await take(context.database, after, facts)
    assert await stand(context.database, before) == await stand(context.database, after)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from unmatched")
        assert await cursor.fetchone() == (0,)


async def test_a_tally_tells_new_repeated_and_unmatched_apart(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    first, second = scan(1, 0, Phase.ORIGIN, 141), scan(1, 60, Phase.DESTINATION, 893)
    stranger = scan(2, 0, Phase.ORIGIN, 141)
    assert await take(context.database, scope, [first, first, stranger]) == Tally(1, 1, 1)
    assert await take(context.database, scope, [first, second, stranger]) == Tally(1, 1, 1)
    assert await take(context.database, scope, [first, second]) == Tally(0, 2, 0)


async def test_a_scan_known_without_its_phase_becomes_better_known_in_its_place(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=919)])
    assert (await stand(context.database, scope)).statuses[SERIALS + 1][0] == "out_for_delivery"
    assert await take(context.database, scope, [scan(1, 0, Phase.DESTINATION, 919)]) == Tally(0, 1, 0)
    assert (await stand(context.database, scope)).statuses[SERIALS + 1][0] == "in_local_area"
    await assert_recount_agrees(context.database)


async def test_a_scan_of_a_code_that_nobody_knows_is_a_scan(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=321)])
    assert (await stand(context.database, scope)).statuses[SERIALS + 1][0] == "scanned"


async def test_another_organizations_barcode_stays_unmatched(context: Context) -> None:
    owner, stranger = await organization(context), await organization(context)
    await letters(context, owner, [1])
    assert await take(context.database, stranger, [scan(1, 0, Phase.ORIGIN)]) == Tally(0, 0, 1)
    assert (await stand(context.database, owner)).trails[SERIALS + 1] == set()


async def test_test_feeds_never_reach_live_sends(context: Context) -> None:
    live = await organization(context)
    await letters(context, live, [1])
    test = Scope(live.organization_id, False, "test")
    assert await take(context.database, test, [scan(1, 0, Phase.ORIGIN)]) == Tally(0, 0, 1)


async def test_an_agencys_feed_reaches_its_clients_sends(context: Context) -> None:
    agency, client = await organization(context), await organization(context)
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %s where id = %s", [agency.organization_id, client.organization_id]
        )
    await letters(context, client, [1])
    feed = Scope(agency.organization_id, True, "feed:1", (client.organization_id,))
    assert await take(context.database, feed, [scan(1, 0, Phase.ORIGIN), scan(2, 0, Phase.ORIGIN)]) == Tally(1, 0, 1)
    await letters(context, client, [2])
    assert len((await stand(context.database, client)).trails[SERIALS + 2]) == 1


async def test_a_logical_delivery_gives_way_to_a_later_reroute_and_a_return_to_nothing_but_the_end(
    context: Context,
) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    steps = [
        (scan(1, 10, Phase.DELIVERY, evidence=Evidence.LOGICAL), "delivered"),
        (scan(1, 20, Phase.PARS), "rerouted"),
        (report(1, 15, "returned"), "returned"),
        (scan(1, 90, Phase.DELIVERY, evidence=Evidence.SCANNED), "returned"),
    ]
    for observation, status in steps:
        await take(context.database, scope, [observation])
        assert (await stand(context.database, scope)).statuses[SERIALS + 1][0] == status


async def test_the_latest_scan_says_when_delivery_is_expected(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 50, Phase.DESTINATION, expected=2260)])
    await take(context.database, scope, [scan(1, 10, Phase.ORIGIN, expected=2255), scan(1, 60, Phase.DESTINATION_BOX)])
    assert (await stand(context.database, scope)).expected[SERIALS + 1] == 2260


async def test_a_routing_code_that_reads_otherwise_than_printed_is_noted(context: Context) -> None:
    scope = await organization(context)
    await sends.create(
        context, scope, [NewSend("letter", Address(name="Bo"), imb=f"00270{SERIALS + 1:015d}99501", send_date=DAY)]
    )
    read_otherwise = scan(1, 0, Phase.ORIGIN)._replace(label=27010001)
    assert await take(context.database, scope, [read_otherwise]) == Tally(1, 0, 0)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select seq, detail from event_detail")
        assert await cursor.fetchall() == [(2, {"zip_read": "10001"})]


async def test_a_misread_barcode_is_kept_unmatched_and_found_when_its_send_appears(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    right, misread = scan(1, 0, Phase.ORIGIN), scan(1, 0, Phase.ORIGIN)._replace(label=31000000)
    assert await take(context.database, scope, [misread]) == Tally(0, 0, 1)
    assert await take(context.database, scope, [right]) == Tally(1, 0, 0)


async def test_a_barcode_of_zeros_is_kept_like_any_other(context: Context) -> None:
    scope = await organization(context)
    zeros = scan(-SERIALS, 0, Phase.ORIGIN)
    assert zeros.mid_serial == 0
    assert await take(context.database, scope, [zeros]) == Tally(0, 0, 1)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select mid_serial from unmatched")
        assert await cursor.fetchall() == [(0,)]


async def test_operation_codes_wait_for_batches_that_were_read_by_the_old_ones(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    rows = ingest.copy_rows([scan(1, 0, operation=321)], NOON // 1000)
    async with context.database.transaction() as connection:
        await ingest.record(connection, scope, rows)
        loading = asyncio.create_task(
            context.database.run(lambda other: meaning.load_operations(other, [Operation(321, "delivered", "")]))
        )
        _, waiting = await asyncio.wait([loading], timeout=0.2)
        assert waiting
    await loading
    assert (await stand(context.database, scope)).statuses[SERIALS + 1][0] == "delivered"
    await assert_recount_agrees(context.database)


async def test_two_reasons_of_one_moment_are_two_facts_in_any_order(context: Context) -> None:
    reasons = [
        Observation(
            SERIALS + 1, event_item(NOON, "returned", Source.USPS, Evidence.REPORTED, text), label=LABEL, detail=text
        )
        for text in ('{"nixie": "N"}', '{"nixie": "V"}')
    ]
    for told in (reasons, reasons[::-1]):
        scope = await organization(context)
        await letters(context, scope, [1])
        for reason in told:
            assert await take(context.database, scope, [reason]) == Tally(1, 0, 0)
        assert await take(context.database, scope, reasons) == Tally(0, 2, 0)
        async with context.database.snapshot() as connection:
            cursor = await connection.execute(
                "select detail ->> 'nixie', code_id from event join event_detail using (send_id, seq)"
                " where organization_id = %s order by 1",
                [scope.organization_id],
            )
            assert await cursor.fetchall() == [("N", 32), ("V", 32)]


async def test_writers_of_the_same_sends_at_once_agree_with_one(context: Context) -> None:
    together, alone = await organization(context), await organization(context)
    for scope in (together, alone):
        await letters(context, scope, range(40))
    chance = random.Random(7)
    facts = [
        scan(chance.randrange(40), chance.randrange(9), chance.choice(list(Phase)), chance.choice([NO_OPERATION, 141]))
        for _ in range(1200)
    ]
    batches = [[chance.choice(facts) for _ in range(150)] for _ in range(24)]
    await asyncio.gather(*(take(context.database, together, batch) for batch in batches))
    await take(context.database, alone, [fact for batch in batches for fact in batch])
    assert await stand(context.database, together) == await stand(context.database, alone)
    await assert_recount_agrees(context.database)
