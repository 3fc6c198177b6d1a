"""Templates: HTML with variables that orders are made from. An order keeps the HTML that its template had then."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.described import check_described
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.store import audit, nouns
from sendtrail.store.database import Connection
from sendtrail.store.templates import TEMPLATE, TemplateRow

TEMPLATES = Kept(
    word="template",
    noun=TEMPLATE,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
    label=lambda row: row.description,
)
MAX_HTML = 1_000_000
"""Bytes, in UTF-8. Lists hold up to a thousand templates with all of their HTML."""


class TemplatePlan(msgspec.Struct, omit_defaults=True):
    """What a template is to be; what is left out stays."""

    html: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def make(context: Context, scope: Scope, plan: TemplatePlan, request: Request | None = None) -> TemplateRow:
    """A new template, empty until it is given HTML; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    columns = {"html": "", **_columns(plan)}

    async def act(connection: Connection) -> TemplateRow:
        return await nouns.add(connection, scope, TEMPLATE, columns)

    return await TEMPLATES.once(context, scope, request, act)


async def change(context: Context, scope: Scope, public_id: str, plan: TemplatePlan) -> TemplateRow:
    """Let a template be as said from now on; NotFound; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    columns = _columns(plan)
    async with context.database.transaction() as connection:
        row = await TEMPLATES.hold(connection, context, scope, public_id)
        if not columns:
            return row
        changed = await nouns.change(connection, scope, TEMPLATE, row.id, columns)
        await audit.note(connection, scope, "template.changed", row.description or public_id.lower())
        return changed or row


def _columns(plan: TemplatePlan) -> dict[str, object]:
    columns: dict[str, object] = check_described(plan.description, plan.metadata)
    if plan.html is not UNSET:
        if len(plan.html.encode("utf-8", "replace")) > MAX_HTML:
            raise Invalid(f"html may be {MAX_HTML:,} bytes at most", "html")
        columns["html"] = plan.html
    return columns
