"""Lists of the Send Tracker that members keep under a name, each their own."""

from urllib.parse import parse_qsl, urlencode

import msgspec

from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import checked_name, number_of
from sendtrail.services.context import Context
from sendtrail.store import saved_views

MOST = 50
"""Views of one member: more would not be found again."""
_LONGEST = 2_000


class SavedView(msgspec.Struct, frozen=True):
    """`query`: what the list's address has after its question mark."""

    id: str
    name: str
    query: str


async def list_views(context: Context, scope: Scope) -> list[SavedView]:
    """Those of whoever asks, by name."""
    async with context.database.snapshot() as connection:
        rows = await saved_views.listed(connection, scope)
    return [SavedView(context.ids.encode("view", row.id), row.name, row.query) for row in rows]


class NameTaken(Conflict):
    """Another list is kept under this name."""


async def save(context: Context, scope: Scope, name: str, query: str, *, replace: bool = False) -> None:
    """Keep a list; with `replace` in place of another one of the same name, else NameTaken.

    Invalid names `name` or `query`; Conflict for too many.
    """
    name = checked_name(name, "name")
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key != "after"])
    if len(kept) > _LONGEST:
        raise Invalid(f"query may be {_LONGEST:,} characters at most", "query")
    async with context.database.transaction() as connection:
        known = {row.name: row.query for row in await saved_views.listed(connection, scope)}
        if not replace and known.get(name, kept) != kept:
            raise NameTaken(f"you have another view called {name!r}", "name")
        if len(known) >= MOST and name not in known:
            raise Conflict(f"you have {MOST} views already: remove one first", "name")
        await saved_views.put(connection, scope, name, kept)


async def remove(context: Context, scope: Scope, view_id: str) -> None:
    """NotFound where whoever asks has no such view."""
    number = number_of(context, "view", view_id)
    async with context.database.transaction() as connection:
        if not await saved_views.remove(connection, scope, number):
            raise NotFound("no such view", "id")
