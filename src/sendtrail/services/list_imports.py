"""Imports for mailing lists: files of people to send to, which a worker fetches and reads (list_reading.py)."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.clients.http import check_address
from sendtrail.domain.described import check_described
from sendtrail.domain.list_rows import Columns
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.store import audit, nouns
from sendtrail.store import list_imports as store
from sendtrail.store.database import Connection
from sendtrail.store.list_imports import IMPORT, ImportRow


class _Imports(Kept[ImportRow]):
    """The rows of an import that is deleted are forgotten; who came with it into a list stays there."""

    async def remove(self, context: Context, scope: Scope, public_id: str) -> None:
        """Delete one, also while it is read; NotFound; Forbidden."""
        scope.require(self.writes, Reach.ORGANIZATION)
        async with context.database.transaction() as connection:
            row = await self.hold(connection, context, scope, public_id)
            await nouns.remove(connection, scope, IMPORT, row.id)
            await store.forget(connection, scope, row.id)
            await audit.note(connection, scope, "mailing_list_import.deleted", row.description or public_id.lower())


IMPORTS = _Imports(
    word="mailing_list_import",
    noun=IMPORT,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
)


class ImportPlan(msgspec.Struct, omit_defaults=True):
    """A file of people: where it is fetched from, and which of its columns holds what."""

    url: str
    columns: Columns
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def make(
    context: Context, scope: Scope, plan: ImportPlan, request: Request | None = None, param: str = "url"
) -> ImportRow:
    """A new import, which a worker fetches next.

    Invalid for an address that cannot be fetched from, by `param`, and names other fields; Forbidden.
    """
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    described = check_described(plan.description, plan.metadata)
    try:
        await check_address(plan.url, context.config.allow_private_hooks)
    except Invalid as error:
        raise Invalid(error.message.replace("url", param, 1), param) from None
    values = {"url": plan.url, "mappings": msgspec.to_builtins(plan.columns), **described}

    async def act(connection: Connection) -> ImportRow:
        return await nouns.add(connection, scope, IMPORT, values)

    return await IMPORTS.once(context, scope, request, act)


async def change(
    context: Context,
    scope: Scope,
    public_id: str,
    description: str | UnsetType | None,
    metadata: dict[str, Any] | UnsetType | None,
) -> ImportRow:
    """Let an import be called as said from now on; NotFound; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    columns = check_described(description, metadata)
    async with context.database.transaction() as connection:
        row = await IMPORTS.hold(connection, context, scope, public_id)
        changed = await nouns.change(connection, scope, IMPORT, row.id, columns) if columns else row
    return changed or row
