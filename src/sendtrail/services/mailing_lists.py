"""Mailing lists: contacts to whom a campaign goes. Each is in a list once.

Whoever changes who is in one holds its row, so one change comes after the other, and what is answered is done.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.described import check_described
from sendtrail.domain.problems import Conflict, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import number_of
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.store import audit, nouns
from sendtrail.store import mailing_lists as store
from sendtrail.store.database import Connection
from sendtrail.store.list_imports import IMPORT
from sendtrail.store.mailing_lists import MAILING_LIST, MailingListRow


class _Lists(Kept[MailingListRow]):
    """What was in a list that is deleted is forgotten."""

    async def remove(self, context: Context, scope: Scope, public_id: str) -> None:
        """Delete one. Conflict while a campaign makes its sends from it; NotFound; Forbidden."""
        scope.require(self.writes, Reach.ORGANIZATION)
        async with context.database.transaction() as connection:
            row = await self.hold(connection, context, scope, public_id)
            await _check_idle(connection, context, scope, row)
            await store.clear(connection, scope, row.id)
            await nouns.remove(connection, scope, MAILING_LIST, row.id)
            await audit.note(connection, scope, "mailing_list.deleted", row.description or public_id.lower())


LISTS = _Lists(
    word="mailing_list",
    noun=MAILING_LIST,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
)


class ListPlan(msgspec.Struct, omit_defaults=True):
    """What a list is to be called; what is left out stays."""

    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def make(context: Context, scope: Scope, plan: ListPlan, request: Request | None = None) -> MailingListRow:
    """A new list of nobody; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    columns = check_described(plan.description, plan.metadata)
    values = {"description": "", **columns}

    async def act(connection: Connection) -> MailingListRow:
        return await nouns.add(connection, scope, MAILING_LIST, values)

    return await LISTS.once(context, scope, request, act)


async def change(context: Context, scope: Scope, public_id: str, plan: ListPlan) -> MailingListRow:
    """Let a list be called as said from now on; NotFound; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    columns = check_described(plan.description, plan.metadata)
    async with context.database.transaction() as connection:
        row = await LISTS.hold(connection, context, scope, public_id)
        changed = await nouns.change(connection, scope, MAILING_LIST, row.id, columns) if columns else row
    return changed or row


async def put_contacts(
    context: Context, scope: Scope, public_id: str, contacts: Sequence[str], *, add: bool, param: str
) -> MailingListRow:
    """Add contacts, by id, to a list, or take them out; who is as asked already stays so.

    NotFound names the list or, by `param`, the first contact that is none; one to be taken out may be deleted. Conflict
    while a campaign makes its sends from the list.
    """
    named = {_number(context, "contact", each, param): each for each in contacts}

    async def act(connection: Connection, list_id: int) -> None:
        if not add:
            await store.remove_contacts(connection, scope, list_id, list(named))
            return
        missing = await store.missing_contacts(connection, scope, list(named))
        if first := next((public for number, public in named.items() if number in missing), ""):
            raise NotFound(f"no contact {first[:60]!a}", param)
        await store.add_contacts(connection, scope, list_id, list(named))

    return await _change(context, scope, public_id, act)


async def put_imports(
    context: Context, scope: Scope, public_id: str, imports: Sequence[str], *, add: bool, param: str
) -> MailingListRow:
    """Add all that came with imports, by id, to a list, or take them out.

    As `put_contacts`; Conflict also where one that is to be added is still being read, or could not be.
    """
    named = {_number(context, "mailing_list_import", each, param): each for each in imports}

    async def act(connection: Connection, list_id: int) -> None:
        if not add:
            await store.remove_imports(connection, scope, list_id, list(named))
            return
        known = await nouns.read(connection, scope, IMPORT, list(named))
        for number, public in named.items():
            row = known.get(number)
            if row is None or row.deleted_at:
                raise NotFound(f"no mailing_list_import {public[:60]!a}", param)
            if row.status != "completed":
                raise Conflict(f"{param}: {public[:60]!a} is {row.status}; it has to be completed first", param)
        await store.add_imports(connection, scope, list_id, list(named))

    return await _change(context, scope, public_id, act)


async def _change(
    context: Context, scope: Scope, public_id: str, act: Callable[[Connection, int], Awaitable[None]]
) -> MailingListRow:
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    async with context.database.transaction() as connection:
        row = await LISTS.hold(connection, context, scope, public_id)
        await _check_idle(connection, context, scope, row)
        await act(connection, row.id)
        changed = await nouns.change(connection, scope, MAILING_LIST, row.id, {"status": "completed"})
        await audit.note(connection, scope, "mailing_list.changed", row.description or public_id.lower())
    return changed or row


async def _check_idle(connection: Connection, context: Context, scope: Scope, row: MailingListRow) -> None:
    if sending := await store.sending(connection, scope, row.id):
        public = context.ids.encode("campaign", sending)
        raise Conflict(f"campaign {public!a} is making its orders from this list: wait until it is ready", "id")


def _number(context: Context, word: str, public_id: str, param: str) -> int:
    try:
        return number_of(context, word, public_id)
    except NotFound as error:
        raise NotFound(error.message, param) from None
