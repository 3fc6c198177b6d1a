"""Contacts: whom pieces go to and come from. The same data is one contact, however often it is given."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg.types.json import Jsonb

from sendtrail.domain.address_checks import AddressStatus
from sendtrail.domain.new_contact import NewContact, judge
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun

_SQL = statements("contacts.sql")


class ContactRow(NamedTuple):
    """One contact. `settings`: the switches that are on; `address_errors`: in words, '' for none."""

    id: int
    first_name: str
    last_name: str
    company: str
    job_title: str
    email: str
    phone: str
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    address_status: AddressStatus
    address_errors: str
    settings: dict[str, bool]
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


CONTACT = Noun("contact", ContactRow, "words", by_words=True)


async def ensure(connection: Connection, scope: Scope, contacts: Sequence[NewContact]) -> list[ContactRow]:
    """A row for each settled contact, in their order: the one that has the same data, with the description and metadata
    that came now, or a new one.

    New ones are made in the order of their digests, so that transactions which make the same ones wait for each other
    instead of for ever.
    """
    wanted = {contact.digest: contact for contact in contacts}
    found: dict[bytes, ContactRow] = {}
    while missing := wanted.keys() - found.keys():
        found |= await _known(connection, scope, missing)
        if new := [wanted[digest] for digest in sorted(missing - found.keys())]:
            found |= await _added(connection, scope, new)
    if others := [
        (found[digest], contact) for digest, contact in wanted.items() if _tells_more(found[digest], contact)
    ]:
        found |= await _described(connection, scope, others)
    return [found[contact.digest] for contact in contacts]


async def _known(connection: Connection, scope: Scope, digests: Collection[bytes]) -> dict[bytes, ContactRow]:
    cursor = await connection.execute(_SQL["known"], {**_own(scope), "digests": list(digests)})
    return {bytes(digest): ContactRow(*row) async for digest, *row in cursor}


async def _added(connection: Connection, scope: Scope, new: Sequence[NewContact]) -> dict[bytes, ContactRow]:
    """Those that nobody else made meanwhile."""
    cursor = await connection.execute(
        _SQL["add"], {**_own(scope), "rows": _json([_row(each, scope.live) for each in new])}
    )
    return {bytes(digest): ContactRow(*row) async for digest, *row in cursor}


async def _described(
    connection: Connection, scope: Scope, others: Sequence[tuple[ContactRow, NewContact]]
) -> dict[bytes, ContactRow]:
    rows = [{"id": row.id, **_row(contact, scope.live)} for row, contact in others]
    cursor = await connection.execute(
        _SQL["describe"], {**_own(scope), "ids": [row.id for row, _ in others], "rows": _json(rows)}
    )
    return {bytes(digest): ContactRow(*row) async for digest, *row in cursor}


def _tells_more(row: ContactRow, contact: NewContact) -> bool:
    """Whether a contact comes with a description or metadata that its row does not have."""
    described = contact.description is not None and contact.description != row.description
    return described or (contact.metadata is not None and contact.metadata != row.metadata)


def _row(contact: NewContact, live: bool) -> dict[str, Any]:
    right, status, errors = judge(contact, live)
    return {
        **msgspec.structs.asdict(right),
        "address_status": status,
        "address_errors": errors,
        "settings": contact.settings,
        "digest": contact.digest.hex(),
    }


def _json(rows: list[dict[str, Any]]) -> Jsonb:
    return Jsonb(rows, dumps=msgspec.json.encode)


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
