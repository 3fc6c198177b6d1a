"""Hooks that are told nothing any more, for now or for good, and the people who must hear of it."""

from sendtrail.domain.retrying import PATIENCE, Health
from sendtrail.domain.scope import Scope
from sendtrail.services import mail
from sendtrail.services.context import Context
from sendtrail.services.hooks import where
from sendtrail.store import audit, members, organizations
from sendtrail.store.database import Connection
from sendtrail.store.system import deliveries
from sendtrail.store.system.deliveries import HookRow

GONE = "gone"
_ACTOR = "deliveries"


async def gone(connection: Connection, hook: HookRow) -> None:
    """Its receiver wants to hear nothing any more (410)."""
    if await deliveries.end(connection, hook.id, GONE):
        await audit.note(connection, _scope(hook), "hook.gone", _label(hook))


async def disable(connection: Connection, context: Context, hook: HookRow, health: Health, error: str) -> None:
    """It has failed for days: what happens waits until somebody enables it, which the admins are asked to do."""
    why = f"nothing but failures for {PATIENCE.days} days; the last one: {error}"
    if not await deliveries.disable(connection, hook.id, why):
        return
    scope = _scope(hook)
    await audit.note(connection, scope, "hook.disabled", _label(hook), why=why)
    own = await organizations.get(connection, scope)
    mode = "" if hook.live else " in test mode"
    since = f"{health.failing_since:%d %B %Y, %H:%M} UTC".lstrip("0")
    for each in await members.listed(connection, scope):
        if each.role == "admin":
            await mail.write(
                connection,
                each.email,
                f"A hook of {own.name} was disabled: {_label(hook)}",
                f"The hook {_label(hook)} of {own.name}{mode} has taken nothing since {since}, after"
                f" {health.failures:,} tries in a row. The last one ended so: {error}.",
                "It is told nothing for now. Nothing is lost: what happens waits, and goes out in its order as soon as"
                " somebody enables the hook again:",
                f"{context.config.links_address}/hooks/{context.ids.encode('webhook', hook.id)}",
            )


def _scope(hook: HookRow) -> Scope:
    return Scope(hook.organization_id, hook.live, _ACTOR)


def _label(hook: HookRow) -> str:
    return hook.name or where(hook.target, hook.url, hook.settings)
