"""Webhooks, the tries to tell them something, and events, as PostGrid's client knows them.

A webhook is a hook in one of PostGrid's formats. What else a hook can be narrowed to stays as it is when one is changed
here. Its secret is told to who makes or changes it, not to everybody who may look.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from sendtrail.api.postgrid.errors import in_the_words
from sendtrail.api.postgrid.requests import USUAL, Body, Limit, Search, Skip
from sendtrail.api.postgrid.resources import Id, Resource, listing
from sendtrail.api.requests import Caller, Here
from sendtrail.domain import notices
from sendtrail.domain.events import Kind
from sendtrail.domain.notice_bodies import stamp
from sendtrail.domain.postgrid.common import common
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import hooks, webhooks
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import Format, HookPlan
from sendtrail.services.idempotency import Request
from sendtrail.services.webhooks import TYPES, WEBHOOKS

_NAMES = {"events": "enabledEvents", "format": "payloadFormat"}
_FORMATS: dict[str, Format] = {"jwt": "postgrid_jwt", "json": "postgrid_json"}
_WORDS = {format_: word for word, format_ in _FORMATS.items()}
_TURNS = 16
"""More than anything is tried."""

PayloadFormat = Literal["jwt", "json"]
Types = Annotated[str, QueryParameter(name="type", max_length=1000, description="Types of event, joined by commas.")]


class Sent(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A webhook as the client sends it."""

    url: str | UnsetType = UNSET
    enabled_events: list[str] | UnsetType = UNSET
    payload_format: PayloadFormat | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET

    @property
    def plan(self) -> HookPlan:
        """The hook that it is; Invalid names the client's field."""
        if self.enabled_events is not UNSET:
            webhooks.check_types(self.enabled_events, "enabledEvents")
        if self.secret == "":
            raise Invalid("secret must have at least 20 characters that are not blank", "secret")
        return HookPlan(
            events=self.enabled_events,
            url=self.url,
            format=UNSET if self.payload_format is UNSET else _FORMATS[self.payload_format],
            description=self.description,
            metadata=self.metadata,
        )


class Changed(Sent, rename="camel", forbid_unknown_fields=True):
    """What of a webhook is to be another. `enabled`: false lets what happens wait."""

    enabled: bool | UnsetType = UNSET


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            **common(context.ids, WEBHOOKS.word, row.id, row, scope.live),
            "url": row.url,
            "enabled": row.enabled,
            "enabledEvents": [each for each in TYPES if each in notices.expand(row.events)],
            "payloadFormat": _WORDS[row.format],
        }
        for row in rows
    ]


async def _show_with_secret(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    shown = await _show(context, scope, rows)
    return [{**each, "secret": row.secret} for each, row in zip(shown, rows, strict=True)]


async def _make(context: Context, scope: Scope, body: Body, request: Request | None) -> Any:
    sent = body.read(Sent)
    if sent.enabled_events is UNSET:
        raise Invalid("enabledEvents is missing", "enabledEvents")
    if sent.payload_format is UNSET:
        sent.payload_format = "jwt"
    with in_the_words(_NAMES):
        secret = "" if sent.secret is UNSET else sent.secret
        made = await hooks.make(context, scope, sent.plan, secret=secret, request=request)
    return await WEBHOOKS.get(context, scope, made.id)


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    await WEBHOOKS.get(context, scope, id_)
    sent = body.read(Changed)
    with in_the_words(_NAMES):
        await hooks.change(context, scope, id_, sent.plan, enabled=sent.enabled, secret=sent.secret)
    return await WEBHOOKS.get(context, scope, id_)


@get("/webhooks/{id_:str}/invocations", needs=Permission.HOOKS_READ, name="postgrid:webhooks:invocations")
async def list_invocations(
    context: Here, caller: Caller, id_: Id, skip: Skip = 0, limit: Limit = USUAL, search: Search = ""
) -> Response[bytes]:
    """The tries to tell a webhook something, the newest first. `statusCode` is 0 where there was no answer."""
    found = await webhooks.invocations(context, caller, id_, search=search, skip=skip, limit=limit)
    data = [
        {
            "id": context.ids.encode("webhook_invocation", row.delivery_id * _TURNS + row.turn),
            "object": "webhook_invocation",
            "live": caller.live,
            "webhook": id_.lower(),
            "event": context.ids.encode("event", row.notification_id),
            "type": row.type,
            "statusCode": row.status,
            **({"orderID": context.ids.encode(Kind(row.kind).word, row.send_id)} if row.kind and row.send_id else {}),
            "createdAt": stamp(row.at),
            "updatedAt": stamp(row.at),
        }
        for row in found.rows
    ]
    return listing(data, skip, limit, found.total)


@get("/events", needs=Permission.HOOKS_READ, name="postgrid:events:list")
async def list_events(
    context: Here,
    caller: Caller,
    skip: Skip = 0,
    limit: Limit = USUAL,
    types: Types = "",
) -> Response[bytes]:
    """What hooks were told in PostGrid's words, the newest first, each as it was told."""
    named = [each for each in types.split(",") if each]
    bodies, total = await webhooks.events(context, caller, named, skip=skip, limit=limit)
    return listing([msgspec.Raw(body.encode()) for body in bodies], skip, limit, total)


RESOURCE = Resource(
    path="webhooks",
    kept=WEBHOOKS,
    show=_show,
    show_made=_show_with_secret,
    show_changed=_show_with_secret,
    make=_make,
    change=_change,
)
HANDLERS = (list_invocations, list_events)
