"""Templates, as PostGrid's client knows them."""

from collections.abc import Sequence
from typing import Any

from sendtrail.api.postgrid.requests import Body
from sendtrail.api.postgrid.resources import Resource
from sendtrail.domain.postgrid.common import common
from sendtrail.domain.scope import Scope
from sendtrail.services import templates
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.templates import TEMPLATES, TemplatePlan


class Sent(TemplatePlan, forbid_unknown_fields=True):
    """A template as the client sends it."""


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{**common(context.ids, "template", row.id, row, scope.live), "html": row.html} for row in rows]


async def _make(context: Context, scope: Scope, body: Body, request: Request | None) -> Any:
    return await templates.make(context, scope, body.read(Sent), request)


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    return await templates.change(context, scope, id_, body.read(Sent))


RESOURCE = Resource(path="templates", kept=TEMPLATES, show=_show, make=_make, change=_change)
