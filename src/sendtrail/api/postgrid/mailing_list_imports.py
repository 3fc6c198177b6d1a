"""Imports for mailing lists, as PostGrid's client knows them."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.api.postgrid.requests import Body
from sendtrail.api.postgrid.resources import Resource
from sendtrail.domain.postgrid.mailing_lists import columns, import_
from sendtrail.domain.scope import Scope
from sendtrail.services import list_imports
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.list_imports import IMPORTS, ImportPlan


class Changed(msgspec.Struct, forbid_unknown_fields=True):
    """What of an import can be changed."""

    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


class Sent(Changed, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """An import as the client sends it. `file`: where a CSV file is fetched from."""

    file: str
    file_type: Literal["csv"]
    receiver_address_mapping: dict[str, str]
    receiver_merge_variable_mapping: dict[str, str] | None = None
    sender_address_mapping: dict[str, str] | None = None
    sender_merge_variable_mapping: dict[str, str] | None = None


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [import_(context.ids, row, scope.organization_id, scope.live) for row in rows]


async def _make(context: Context, scope: Scope, body: Body, again: Request | None) -> Any:
    sent = body.read(Sent)
    read = columns(
        sent.receiver_address_mapping,
        sent.sender_address_mapping,
        sent.receiver_merge_variable_mapping,
        sent.sender_merge_variable_mapping,
    )
    plan = ImportPlan(sent.file, read, sent.description, sent.metadata)
    return await list_imports.make(context, scope, plan, again, "file")


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    sent = body.read(Changed)
    return await list_imports.change(context, scope, id_, sent.description, sent.metadata)


RESOURCE = Resource(
    path="mailing_list_imports", kept=IMPORTS, show=_show, make=_make, change=_change, names_object=False
)
