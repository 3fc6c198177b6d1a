"""Templates: HTML with variables that orders are made from. An order keeps the HTML that its template had then."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.described import check_described
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.nouns import Kept
from sendtrail.store import audit, nouns
from sendtrail.store.templates import TEMPLATE, TemplateRow

TEMPLATES = Kept(
    word="template",
    noun=TEMPLATE,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
    label=lambda row: row.description,
)
MAX_HTML = 1_000_000


class TemplatePlan(msgspec.Struct, omit_defaults=True):
    """What a template is to be; what is left out stays."""

    html: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def make(context: Context, scope: Scope, plan: TemplatePlan) -> TemplateRow:
    """A new template; Invalid names the field; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    if plan.html is UNSET:
        raise Invalid("html is missing", "html")
    async with context.database.transaction() as connection:
        return await nouns.add(connection, scope, TEMPLATE, _columns(plan))


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
        if len(plan.html) > MAX_HTML:
            raise Invalid(f"html may be {MAX_HTML:,} characters at most", "html")
        columns["html"] = plan.html
    return columns
