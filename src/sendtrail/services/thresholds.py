"""How long an organization waits before something is said or presumed: read by the rules, changed by its people."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.domain.thresholds import BY_NAME, DEFAULTS, PRESUMED, checked
from sendtrail.services.context import Context
from sendtrail.store import audit, noticing, organizations, presumption, thresholds
from sendtrail.store.database import Connection

_REMEMBERED = timedelta(days=500)
"""Sends of older days are not looked at again: nothing that waits so long is waited for."""


async def thresholds_of(connection: Connection, scope: Scope) -> Mapping[str, int]:
    """Every threshold by its name: the organization's own value, else the default. The same in live and test."""
    own = await thresholds.own(connection, scope)
    return {**DEFAULTS, **{name: value for name, value in own.items() if name in BY_NAME}}


async def show(context: Context, scope: Scope) -> Mapping[str, int]:
    """`thresholds_of` in a transaction of its own."""
    async with context.database.snapshot() as connection:
        return await thresholds_of(connection, scope)


async def change(context: Context, scope: Scope, values: Mapping[str, int]) -> Mapping[str, int]:
    """Set some thresholds, all of them or none; every one then. Invalid names the one that cannot be so.

    A value that is the default is not kept, so that a better default of a later version counts. The rules follow within
    a minute.
    """
    for name, value in values.items():
        checked(name, value)
    async with context.database.transaction() as connection:
        await organizations.lock(connection, scope)
        known = await thresholds_of(connection, scope)
        changed = {name: value for name, value in values.items() if value != known[name]}
        kept = {name: value for name, value in changed.items() if value != DEFAULTS[name]}
        await thresholds.remove(connection, scope, changed.keys() - kept.keys())
        await thresholds.put(connection, scope, kept)
        if changed:
            await noticing.outdate(connection, scope, datetime.now(UTC).date() - _REMEMBERED)
            await audit.note(connection, scope, "thresholds.changed", ", ".join(changed), values=changed)
        if any(BY_NAME[name].group == PRESUMED for name in changed):
            await presumption.reconsider(connection, scope)
        return {**known, **changed}
