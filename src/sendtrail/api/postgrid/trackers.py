"""Trackers and their visits, as PostGrid's client knows them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get
from msgspec import UNSET, UnsetType

from sendtrail.api.postgrid.errors import in_the_words
from sendtrail.api.postgrid.requests import USUAL, Body, Limit, Search, Skip
from sendtrail.api.postgrid.resources import Id, Resource, listing
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.postgrid.common import common
from sendtrail.domain.postgrid.trackers import TEMPLATE, WORD, ours, theirs, visit
from sendtrail.domain.scope import Scope
from sendtrail.services import trackers
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.trackers import TRACKERS, TrackerPlan

_NAMES = {"url": TEMPLATE, "host": TEMPLATE, "expire_after_days": "urlExpireAfterDays"}


class Sent(msgspec.Struct, forbid_unknown_fields=True):
    """A tracker as the client sends it."""

    redirect_url_template: str = msgspec.field(name=_NAMES["url"])
    url_expire_after_days: int = msgspec.field(name=_NAMES["expire_after_days"])
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET

    @property
    def plan(self) -> TrackerPlan:
        """The same in our words; Invalid names the client's field."""
        return TrackerPlan(
            ours(self.redirect_url_template), self.url_expire_after_days, self.description, self.metadata
        )


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            **common(context.ids, WORD, row.id, row, scope.live),
            "redirectURLTemplate": theirs(fared.template),
            "urlExpireAfterDays": fared.days,
            "visitCount": fared.visits,
            "uniqueVisitCount": fared.visitors,
        }
        for row, fared in zip(rows, await trackers.fared(context, scope, rows), strict=True)
    ]


async def _make(context: Context, scope: Scope, body: Body, request: Request | None) -> Any:
    with in_the_words(_NAMES):
        return await trackers.make(context, scope, body.read(Sent).plan, request)


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    await TRACKERS.get(context, scope, id_)
    with in_the_words(_NAMES):
        return await trackers.change(context, scope, id_, body.read(Sent).plan)


@get("/trackers/{id_:str}/visits", needs=TRACKERS.reads, name="postgrid:trackers:visits")
async def list_visits(
    context: Here, caller: Caller, id_: Id, skip: Skip = 0, limit: Limit = USUAL, search: Search = ""
) -> Response[bytes]:
    """Visits of a tracker's links, the newest first."""
    found = await trackers.visits(context, caller, id_, search=search, skip=skip, limit=limit)
    data = [
        visit(
            context.ids.encode("tracker_visit", row.id),
            id_.lower(),
            trackers.order_of(context, row),
            caller.live,
            row.device,
            row.occurred_at,
            row.address or "",
        )
        for row in found.rows
    ]
    return listing(data, skip, limit, found.total)


RESOURCE = Resource(path="trackers", kept=TRACKERS, show=_show, make=_make, change=_change)
HANDLERS = (list_visits,)
