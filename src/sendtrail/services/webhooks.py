"""Hooks as PostGrid's client keeps them: those in its formats, the tries to tell them something, and its events."""

from collections.abc import Sequence
from dataclasses import dataclass

from sendtrail.domain.notices import NEVER_TOLD, VOCABULARIES
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import hooks
from sendtrail.services.context import Context
from sendtrail.services.nouns import Kept
from sendtrail.store import nouns
from sendtrail.store import webhooks as store
from sendtrail.store.nouns import Found
from sendtrail.store.webhooks import WEBHOOK, InvocationRow, WebhookRow

TYPES = (*VOCABULARIES["postgrid"], *NEVER_TOLD)
"""All that a webhook of PostGrid's can listen for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Webhooks(Kept[WebhookRow]):
    """They are hooks, and end as hooks do."""

    async def remove(self, context: Context, scope: Scope, public_id: str) -> None:
        await self.get(context, scope, public_id)
        await hooks.delete(context, scope, public_id)


WEBHOOKS = _Webhooks(
    word="webhook",
    noun=WEBHOOK,
    reads=Permission.HOOKS_READ,
    writes=Permission.HOOKS_WRITE,
    label=lambda row: row.url,
)


async def invocations(
    context: Context, scope: Scope, public_id: str, *, search: str = "", skip: int = 0, limit: int = 10
) -> Found[InvocationRow]:
    """The tries to tell a webhook something, the newest first; NotFound; Forbidden for who may not see all sends."""
    _require_all_sends(scope)
    async with context.database.snapshot() as connection:
        row = await WEBHOOKS.read(connection, context, scope, public_id)
        terms = nouns.terms_of(search)
        return await store.invocations(connection, scope, row.id, TYPES, terms=terms, skip=skip, limit=limit)


async def events(
    context: Context, scope: Scope, types: Sequence[str] = (), *, skip: int = 0, limit: int = 10
) -> tuple[list[str], int]:
    """Events of PostGrid's that some hook was told of, as JSON, the newest first, and how many there are; of all types
    unless some are named. Invalid names `type`; Forbidden for who may not see all sends."""
    _require_all_sends(scope)
    check_types(types, "type")
    async with context.database.snapshot() as connection:
        return await store.told(connection, scope, types or TYPES, skip=skip, limit=limit)


def check_types(types: Sequence[str], param: str) -> None:
    """Invalid names `param` where one of these is no type of PostGrid's."""
    for each in types:
        if each not in TYPES:
            raise Invalid(f"{param}: {each[:60]!a} is no type of event; there are {', '.join(TYPES)}", param)


def _require_all_sends(scope: Scope) -> None:
    """What was told may be of anybody's sends."""
    scope.require(Permission.HOOKS_READ)
    scope.require(Permission.SENDS_READ, Reach.ORGANIZATION)
