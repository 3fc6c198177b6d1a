"""What sends are found by (domain/terms.py): kept beside the send, and one row for each, to be looked up."""

from collections.abc import Mapping, Sequence

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("terms.sql")


async def list_new(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> None:
    """Have sends found by the terms that they were written with."""
    await connection.execute(_SQL["list"], _of(scope, send_ids))


async def remove(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> None:
    """Have sends not found any more: before their day or their terms change."""
    await connection.execute(_SQL["remove"], _of(scope, send_ids))


async def put(connection: Connection, scope: Scope, terms: Mapping[int, Sequence[str]]) -> None:
    """Have sends found by these terms, on the day that they have now. What they were found by was removed before."""
    given = {"send_ids": list(terms), "terms": [lines(own) for own in terms.values()]}
    await connection.execute(_SQL["put"], {**_of(scope, []), **given})
    await list_new(connection, scope, list(terms))


def lines(terms: Sequence[str]) -> str:
    """Terms as the column has them: each between line ends, so that a whole one or its beginning is a part of it."""
    return "\n" + "".join(f"{term}\n" for term in terms)


def _of(scope: Scope, send_ids: Sequence[int]) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live, "send_ids": list(send_ids)}
