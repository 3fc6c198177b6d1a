"""Campaigns: what sends are grouped by."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import campaigns
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection

CampaignType = Literal["bulk", "triggered"]
MAX_NAME = 200


class Campaign(msgspec.Struct, frozen=True):
    """`type`: `bulk` goes out at once, `triggered` one by one as something happens."""

    id: str
    name: str
    type: str
    live: bool
    created_at: datetime


async def add_campaign(
    context: Context, scope: Scope, name: str, type_: CampaignType, *, request: Request | None = None
) -> Campaign:
    """A new campaign of the scope's mode; Conflict where its name is taken."""
    name = name.strip()
    if not _is_name(name):
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    if type_ not in ("bulk", "triggered"):
        raise Invalid("type must be bulk or triggered", "type")

    async def act(connection: Connection) -> bytes:
        row = await campaigns.add(connection, scope, name, type_)
        if row is None:
            raise Conflict(f"there is a campaign named {name[:60]!a} already", "name")
        return msgspec.json.encode(_shown(context, scope, row))

    return msgspec.json.decode(await once(context, scope, request, act), type=Campaign)


async def begin_missing(connection: Connection, context: Context, scope: Scope, names: Collection[str]) -> None:
    """Begin a bulk campaign for each name that is none yet, within the caller's transaction."""
    for name in sorted(names):
        if _is_name(name) and not _is_id(context, name):
            await campaigns.add(connection, scope, name, "bulk")


async def list_campaigns(
    context: Context, scope: Scope, limit: int, after: str | None = None
) -> tuple[list[Campaign], str | None]:
    """Campaigns, newest first, and the cursor of the next page."""
    before = None
    if after is not None:
        try:
            prefix, before = context.ids.decode(after)
        except ValueError:
            prefix = ""
        if prefix != "campaign":
            raise Invalid("after must be a cursor that a list answered as next", "after")
    async with context.database.snapshot() as connection:
        rows = await campaigns.page(connection, scope, before, limit + 1)
    shown = [_shown(context, scope, row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME and text.isprintable()


def _is_id(context: Context, text: str) -> bool:
    try:
        return context.ids.decode(text)[0] == "campaign"
    except ValueError:
        return False


def _shown(context: Context, scope: Scope, row: CampaignRow) -> Campaign:
    return Campaign(context.ids.encode("campaign", row.id), row.name, row.type, scope.live, row.created_at)
