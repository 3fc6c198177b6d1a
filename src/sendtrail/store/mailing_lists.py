"""Mailing lists: contacts to whom a campaign goes, each once, with what is merged for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun
from sendtrail.store.reach import within

_SQL = statements("mailing_lists.sql")


class MailingListRow(NamedTuple):
    """One mailing list."""

    id: int
    status: str
    errors: list[dict[str, str]]
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class Member(NamedTuple):
    """A contact of a list. `sender_id`: the contact whom their piece is from, None where the campaign says;
    `variables`: what is merged for them; `deleted`: the contact was."""

    contact_id: int
    sender_id: int | None
    variables: dict[str, Any] | None
    deleted: bool


class Size(NamedTuple):
    """How many a list has, how many of them without a sender of their own, and how many without a variable."""

    members: int
    senderless: int
    without: int


MAILING_LIST = Noun("mailing_list", MailingListRow, "description || ' ' || coalesce(metadata::text, '')")


async def add_contacts(connection: Connection, scope: Scope, list_id: int, contact_ids: Sequence[int]) -> None:
    """Add contacts that are not deleted; who is in it already stays as they are."""
    await _run(connection, scope, "add_contacts", list_id, contact_ids)


async def remove_contacts(connection: Connection, scope: Scope, list_id: int, contact_ids: Sequence[int]) -> None:
    """Take contacts out."""
    await _run(connection, scope, "remove_contacts", list_id, contact_ids)


async def add_imports(connection: Connection, scope: Scope, list_id: int, import_ids: Sequence[int]) -> None:
    """Add all that came with imports. Whom several rows name is in it once, as the last of them says; who is in it
    already gets what the row says."""
    await _run(connection, scope, "add_imports", list_id, import_ids)


async def remove_imports(connection: Connection, scope: Scope, list_id: int, import_ids: Sequence[int]) -> None:
    """Take out whoever is in it by one of the imports."""
    await _run(connection, scope, "remove_imports", list_id, import_ids)


async def clear(connection: Connection, scope: Scope, list_id: int) -> None:
    """Take everybody out."""
    await connection.execute(_SQL["clear"], {**within(scope), "list_id": list_id})


async def missing_contacts(connection: Connection, scope: Scope, contact_ids: Sequence[int]) -> set[int]:
    """Those of these numbers that no contact has, or a deleted one."""
    cursor = await connection.execute(_SQL["known_contacts"], {**within(scope), "numbers": list(contact_ids)})
    return set(contact_ids) - {number async for (number,) in cursor}


async def size(connection: Connection, scope: Scope, list_id: int, variable: str) -> Size:
    """How many contacts a list has that are not deleted."""
    parameters = {"list_id": list_id, "variable": variable}
    cursor = await connection.execute(_SQL["size"], {**within(scope), **parameters})
    (row,) = await cursor.fetchall()
    return Size(*row)


async def members(connection: Connection, scope: Scope, list_id: int, after: int, limit: int) -> list[Member]:
    """At most `limit` of a list beyond the contact numbered `after`, by their numbers, deleted ones too."""
    parameters = {"list_id": list_id, "after": after, "limit": limit}
    cursor = await connection.execute(_SQL["members"], {**within(scope), **parameters})
    return [Member(*row) async for row in cursor]


async def sending(connection: Connection, scope: Scope, list_id: int) -> int:
    """The number of a campaign that is just making its sends from a list, 0 where none is."""
    cursor = await connection.execute(_SQL["sending"], {**within(scope), "list_id": list_id})
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _run(connection: Connection, scope: Scope, name: str, list_id: int, numbers: Sequence[int]) -> None:
    await connection.execute(_SQL[name], {**within(scope), "list_id": list_id, "numbers": list(numbers)})
