"""The order of a list of sends, and how a stretch of it is read.

By day a list is read as it lies. By status or kind it is read part by part, each of one status or kind by day, where
the totals know which parts there are. Any other order takes reading all that match, so only short lists have one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sendtrail.domain.events import EVENT_TYPES, Kind
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.standings import kind_of, of_types
from sendtrail.store import sourcing
from sendtrail.store import tracker as store
from sendtrail.store.database import Connection
from sendtrail.store.tracker import DAYS_OF_PART, FIRST_DAY, Filter, Place, Stretch

MOST_SORTED = 25_000
"""So many sends can be put in any order while somebody waits."""
PARTED = ("status", "kind")
"""What lists of any length can be sorted by, besides the day, where `in_parts`."""
SORTS = ("day", *store.ORDERS)


@dataclass(frozen=True, slots=True)
class Order:
    """`sort`: of SORTS."""

    sort: str
    descending: bool

    def typed(self, place: Place) -> tuple[str | int, int]:
        """What places of this order compare by."""
        return (place.key if self.sort in ("day", "recipient", "sender") else int(place.key), place.send_id)


def order_of(scope: Scope, text: str) -> Order:
    """The order that a text names, with `-` before it from the greatest down; Invalid names `sort`."""
    sort = text.removeprefix("-")
    if sort not in SORTS:
        raise Invalid(f"sort must be one of {', '.join(SORTS)}, with - before it from the greatest down", "sort")
    if sort == "cost" and not scope.sees_money(Permission.SENDS_READ):
        raise Invalid("sort must not be cost for who may not know what sends cost", "sort")
    return Order(sort, text.startswith("-"))


def in_parts(scope: Scope, filter_: Filter) -> bool:
    """Whether the totals know how many of a list stand in each status and are of each kind."""
    return filter_.counted and scope.may(Permission.SENDS_READ, Reach.ORGANIZATION)


async def stretch(
    connection: Connection, scope: Scope, filter_: Filter, order: Order, after: Place | None, limit: int
) -> Stretch:
    """At most `limit` sends after a place. Invalid names `sort` where the list is too long for it."""
    if order.sort == "day":
        return await _by_day(connection, scope, filter_, order.descending, after, limit)
    if order.sort in PARTED and in_parts(scope, filter_):
        return await _part_by_part(connection, scope, filter_, order, after, limit)
    if not await _short(connection, scope, filter_):
        orders = "day, status or kind" if in_parts(scope, filter_) else "day"
        raise Invalid(f"sort must be {orders} where more than {MOST_SORTED:,} sends match", "sort")
    source = await sourcing.source(connection, scope, filter_, MOST_SORTED)
    return await store.sorted_page(connection, scope, filter_, source, order.sort, order.descending, after, limit)


async def _by_day(
    connection: Connection, scope: Scope, filter_: Filter, descending: bool, after: Place | None, limit: int
) -> Stretch:
    source = await sourcing.source(connection, scope, filter_, limit, descending=descending, after=after)
    return await store.page(connection, scope, filter_, source, descending, after, limit)


async def _part_by_part(
    connection: Connection, scope: Scope, filter_: Filter, order: Order, after: Place | None, limit: int
) -> Stretch:
    """As `store.sorted_page` would order them: keys are the part and, in it, the day."""
    there = {number for number, n in (await store.counted(connection, scope, filter_)).items() if n}
    if filter_.standings is not None:
        there &= set(filter_.standings)
    part, day = divmod(int(after.key), DAYS_OF_PART) if after else (None, 0)
    found = Stretch([], [])
    for number, narrowed in sorted(
        _parts(order.sort, filter_, there), key=lambda each: each[0], reverse=order.descending
    ):
        if part is not None and (number > part if order.descending else number < part):
            continue
        begun = None
        if after and number == part:
            begun = Place(date.fromordinal(FIRST_DAY.toordinal() + day).isoformat(), after.send_id)
        wanted = limit - len(found.send_ids)
        some = await _by_day(connection, scope, narrowed, order.descending, begun, wanted)
        keys = [f"{number * DAYS_OF_PART + (date.fromisoformat(str(key)) - FIRST_DAY).days}" for key in some.keys]
        found = Stretch(found.send_ids + some.send_ids, [*map(str, found.keys), *keys])
        if len(found.send_ids) == limit:
            break
    return found


def _parts(sort: str, filter_: Filter, there: set[int]) -> Iterator[tuple[int, Filter]]:
    """The parts in which somebody is, each with its place in the order."""
    if sort == "kind":
        for kind in Kind:
            if any(kind_of(number) == kind for number in there) and filter_.kind in (None, kind):
                yield int(kind), replace(filter_, kind=kind)
    else:
        for type_ in EVENT_TYPES:
            if standings := of_types([type_]) & there:
                yield type_.rank, replace(filter_, standings=standings)


async def _short(connection: Connection, scope: Scope, filter_: Filter) -> bool:
    source = await sourcing.source(connection, scope, filter_, MOST_SORTED + 1)
    return sum((await store.tally(connection, scope, filter_, source, MOST_SORTED + 1)).values()) <= MOST_SORTED
