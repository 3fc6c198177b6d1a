"""Whose scan it is: serial numbers that come around again, agencies with clients, live and test, in any order."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.observation import Observation
from sendtrail.domain.packing import ITEM, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import ingest, sends
from sendtrail.services.context import Context
from sendtrail.store.database import Database

from .piles import DAY, SERIALS, organization, scan, take
from .test_ingest import assert_recount_agrees

AGENCY, CLIENT, SIBLING, STRANGER = range(4)
FAMILY = {AGENCY: (AGENCY, CLIENT, SIBLING), CLIENT: (CLIENT,), SIBLING: (SIBLING,), STRANGER: (STRANGER,)}
"""Whose sends a feed of each reaches."""


class Sent(NamedTuple):
    owner: int
    live: bool
    serial: int
    day: int


class Scanned(NamedTuple):
    feed: int
    live: bool
    serial: int
    day: int
    hour: int


sent = st.builds(Sent, st.integers(0, 3), st.booleans(), st.integers(0, 1), st.sampled_from([0, 50, 100]))
scanned = st.builds(
    Scanned,
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 1),
    st.sampled_from([-1, 0, 49, 50, 130]),
    st.integers(6, 9),
)


def family(organization: int) -> int:
    return STRANGER if organization == STRANGER else AGENCY


def owner_of(seen: Scanned, all_sent: Sequence[Sent]) -> Sent | None:
    """The model: of the family's sends with this number the last one begun, if the feed reaches it."""
    known = [
        each
        for each in all_sent
        if (each.live, each.serial, family(each.owner)) == (seen.live, seen.serial, family(seen.feed))
        and each.day <= seen.day
    ]
    latest = max(known, key=lambda each: each.day, default=None)
    return latest if latest and latest.owner in FAMILY[seen.feed] else None


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(sent, max_size=6, unique_by=lambda each: (family(each.owner), each.live, each.serial, each.day)),
    st.lists(scanned, max_size=8, unique_by=lambda each: (family(each.feed), each[1:])),
    st.randoms(use_true_random=False),
)
async def test_a_scan_belongs_to_the_send_that_its_barcode_meant_then_whatever_came_first(
    context: Context, all_sent: list[Sent], all_seen: list[Scanned], order: random.Random
) -> None:
    async with context.database.transaction() as connection:  # of the example before
        await connection.execute("truncate unmatched")
    scopes = await _family(context)
    steps: list[Sent | Scanned] = [*all_sent, *all_seen]
    order.shuffle(steps)
    ids: dict[Sent, str] = {}
    for step in steps:
        if isinstance(step, Sent):
            (made,) = await sends.create(context, scopes[step.owner][step.live], [_letter(step)])
            assert isinstance(made, dict), made
            ids[step] = made["id"]
        else:
            await take(context.database, scopes[step.feed][step.live], [_observation(step)])

    matched = {seen: owner_of(seen, all_sent) for seen in all_seen}
    for each, id_ in ids.items():
        trail = (await sends.get(context, scopes[each.owner][each.live], id_))["trail"]
        wanted = sorted(_ms(seen) for seen, owner in matched.items() if owner == each)
        assert sorted(to_ms(event["occurred_at"]) for event in trail if event["source"] == "usps") == wanted
    assert await _unmatched(context.database) == sorted(_ms(seen) for seen, owner in matched.items() if owner is None)
    await assert_recount_agrees(context.database)
    assert await ingest.sweep(context) == 0


async def _family(context: Context) -> list[dict[bool, Scope]]:
    """An agency with two clients, and a stranger; the scope of each, live and test."""
    own = [(await organization(context)).organization_id for _ in range(4)]
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %s where id = any (%s)", [own[AGENCY], [own[CLIENT], own[SIBLING]]]
        )
    reach = {AGENCY: (own[CLIENT], own[SIBLING])}
    return [{live: Scope(id_, live, "test", reach.get(n, ())) for live in (True, False)} for n, id_ in enumerate(own)]


def _letter(each: Sent) -> NewSend:
    return NewSend(
        "letter",
        Address(name="Ann"),
        imb=f"00270{SERIALS + each.serial:015d}",
        send_date=DAY + timedelta(days=each.day),
    )


def _ms(seen: Scanned) -> int:
    return to_ms(datetime.combine(DAY + timedelta(days=seen.day), time(seen.hour + 5), UTC))


def _observation(seen: Scanned) -> Observation:
    item = scan(seen.serial, 0, Phase.ORIGIN)
    shift = ITEM.shift("ms")
    return item._replace(item=(item.item & ((1 << shift) - 1)) | _ms(seen) << shift)


async def _unmatched(database: Database) -> list[int]:
    async with database.snapshot() as connection:
        cursor = await connection.execute("select item_ms(item) from unmatched order by 1")
        return [row[0] async for row in cursor]
