"""Contacts, as PostGrid's client knows them."""

from collections.abc import Sequence
from typing import Any

from sendtrail.api.postgrid.requests import Body
from sendtrail.api.postgrid.resources import Resource
from sendtrail.domain.postgrid.contacts import SentContact, contact, new_contact
from sendtrail.domain.scope import Scope
from sendtrail.services import contacts
from sendtrail.services.contacts import CONTACTS
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [contact(context.ids, row, scope.live) for row in rows]


async def _make(context: Context, scope: Scope, body: Body, request: Request | None) -> Any:
    return await contacts.make(context, scope, new_contact(body.read(SentContact)), request)


RESOURCE = Resource(path="contacts", kept=CONTACTS, show=_show, make=_make)
