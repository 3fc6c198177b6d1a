"""From where a list of sends is read: whatever has to read the least before the list is full."""

from typing import NamedTuple

from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.store import tracker as store
from sendtrail.store.database import Connection
from sendtrail.store.tracker import All, Cells, Filter, Ids, Place, Prefix, Source, Term, cells, probe

_FEW = 20_000
"""So many sends are looked at one by one in some tens of milliseconds, whatever else they must fulfil."""
_MOST_BY_PREFIX = 100_000
"""Words with one beginning come in no order: all are read. Where there are more, every page of a list has some."""
_DENSE = 4
"""Where days hold so many times more matches than a list wants, its rows come fast enough by reading from the end."""
_READ = 75_000
"""So many sends that lie side by side are looked at in as much time."""


class Narrowest(NamedTuple):
    """How many sends have the term or beginning that the fewest have, `inf` for too many to tell; and reading by it."""

    n: float
    source: Source


async def source(
    connection: Connection,
    scope: Scope,
    filter_: Filter,
    limit: int,
    *,
    descending: bool = True,
    after: Place | None = None,
    narrowest: Narrowest | None = None,
) -> Source:
    """The source for `limit` sends by day, after a place of such a list (`tracker.page`). `narrowest`: by terms, for
    who reads page after page and has asked before."""
    if filter_.send_ids is not None:
        return Ids(filter_.send_ids)
    n, best = narrowest or await by_terms(connection, scope, filter_)
    if n <= _FEW:
        return best
    if filter_.owner_id is not None or scope.reach(Permission.SENDS_READ) is Reach.OWN:
        return All()
    if not (filter_.standings is not None or filter_.kind or filter_.sector or filter_.team_id) and scope.may(
        Permission.SENDS_READ, Reach.ORGANIZATION
    ):
        return best
    found = await cells(connection, scope, filter_, descending, after, limit)
    matching, whole = sum(cell.matching for cell in found), sum(cell.whole for cell in found)
    if not found or ((matching < _DENSE * limit or whole <= _FEW) and whole < n):
        return Cells([(cell.day, cell.campaign_id) for cell in found])
    if not isinstance(best, All):
        return best
    return All(end=found[0].day) if descending else All(start=found[0].day)


async def by_terms(connection: Connection, scope: Scope, filter_: Filter) -> Narrowest:
    """The term or beginning of the filter that the fewest sends have."""
    n: float = float("inf")
    best: Source = All()
    for each in (*map(Term, filter_.terms), *[await _word(connection, scope, prefix) for prefix in filter_.prefixes]):
        most = _FEW + 1 if isinstance(each, Term) else _MOST_BY_PREFIX + 1
        found = await probe(connection, scope, each, most)
        if found < n and (isinstance(each, Term) or found < most):
            n, best = found, each
    return Narrowest(n, best)


async def _word(connection: Connection, scope: Scope, prefix: str) -> Term | Prefix:
    """What only one word begins with is read as that word: in order."""
    return await store.word(connection, scope, Prefix(prefix)) or Prefix(prefix)


async def tally(connection: Connection, scope: Scope, filter_: Filter, most: int) -> tuple[dict[int, int], bool]:
    """How many match, by standing, and whether these are all: of more than `most` it is enough to know so much.

    Where all words of a search are common, those that have them all may be few among millions: so many rows are read,
    and what was found is what there is at least.
    """
    chosen = await source(connection, scope, filter_, most + 1)
    if isinstance(chosen, All) and store.patterns(filter_, chosen):
        if filter_.owner_id is not None or scope.reach(Permission.SENDS_READ) is Reach.OWN:
            found, seen = await store.tally_some(connection, scope, filter_, chosen, _FEW)
            return found, sum(found.values()) <= most and seen < _FEW
        first = await store.window(connection, scope, filter_.end, _READ)
        found = await store.tally(connection, scope, filter_, All(start=first), most + 1)
        whole = first is None or (filter_.start is not None and first <= filter_.start)
        return found, sum(found.values()) <= most and whole
    found = await store.tally(connection, scope, filter_, chosen, most + 1)
    return found, sum(found.values()) <= most
