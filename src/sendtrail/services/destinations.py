"""Destinations: the hosts to which an organization's links may lead, and what it keeps of those who visit.

They are the same in live and test mode: what is tried out leads where it will.
"""

from datetime import datetime

import msgspec

from sendtrail.domain import landing
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit
from sendtrail.store import destinations as store
from sendtrail.store.database import Connection
from sendtrail.store.destinations import Led

MAX_DESTINATIONS = 200
MAX_ADDRESS_DAYS = 90
_NAMED = 5


class Destination(msgspec.Struct, frozen=True):
    """`host`: with its port where it is not the usual one."""

    host: str
    created_at: datetime


async def list_destinations(context: Context, scope: Scope) -> list[Destination]:
    """The organization's destinations, by host."""
    async with context.database.snapshot() as connection:
        return [Destination(*row) for row in await store.listed(connection, scope)]


async def add_destination(context: Context, scope: Scope, text: str, request: Request | None = None) -> Destination:
    """Let links lead to a host, given as a name or a whole address. Conflict where they may; Invalid names `host`."""
    host = _outside(context, landing.host(text))

    async def act(connection: Connection) -> bytes:
        if len(await store.held(connection, scope)) >= MAX_DESTINATIONS:
            raise Conflict(f"links may lead to {MAX_DESTINATIONS} hosts at most: remove one first", "host")
        row = await store.add(connection, scope, host)
        if row is None:
            raise Conflict(f"links may lead to {host} already", "host")
        await audit.note(connection, scope, "destination.added", host)
        return msgspec.json.encode(Destination(*row))

    return msgspec.json.decode(await once(context, scope, request, act), type=Destination)


async def allow(connection: Connection, context: Context, scope: Scope, host: str) -> None:
    """Let links lead to a host, as landing.host writes it, if they may not yet; Invalid, Conflict: `host`; Forbidden.

    In test mode none is allowed, for it would be in live mode too.
    """
    scope.require(Permission.SETTINGS_WRITE, Reach.ORGANIZATION)
    known = await store.held(connection, scope)
    if host in known:
        return
    if not scope.live:
        allowed = ", ".join(known) or "none yet"
        raise Invalid(
            f"host {host} is none that links may lead to (allowed: {allowed}), and a test key allows no other:"
            " allow it at /settings/links or with a live key",
            "host",
        )
    _outside(context, host)
    if len(known) >= MAX_DESTINATIONS:
        raise Conflict(
            f"host {host} would be one more than the {MAX_DESTINATIONS} to which links may lead: remove one first",
            "host",
        )
    if await store.add(connection, scope, host):
        await audit.note(connection, scope, "destination.added", host)


async def remove_destination(context: Context, scope: Scope, text: str) -> None:
    """Let no links lead to a host any more; NotFound where they may not, Conflict names what leads there still."""
    host = text.strip().lower()

    async def act(connection: Connection) -> None:
        if not await store.hold(connection, scope, host):
            raise NotFound(f"no destination {host[:60]!a}", "host")
        led = await store.led(connection, scope, host, _NAMED)
        if led.campaigns or led.links or led.trackers:
            raise Conflict(f"{_said(led)} to {host}: {_remedy(context, led)}", "host")
        await store.remove(connection, scope, host)
        await audit.note(connection, scope, "destination.removed", host)

    await context.database.run(act)


async def address_days(context: Context, scope: Scope) -> int:
    """For how many days visitors' addresses are kept; 0: they never are."""
    async with context.database.snapshot() as connection:
        return await store.address_days(connection, scope)


async def keep_addresses(context: Context, scope: Scope, days: int) -> None:
    """Keep visitors' addresses for so many days from now on; what is older is erased at once.

    Invalid names `address_days`.
    """
    if not 0 <= days <= MAX_ADDRESS_DAYS:
        raise Invalid(f"address_days must lie between 0 and {MAX_ADDRESS_DAYS}", "address_days")

    async def act(connection: Connection) -> None:
        if await store.keep_addresses(connection, scope, days):
            await audit.note(connection, scope, "organization.changed", address_days=days)

    await context.database.run(act)


def _outside(context: Context, host: str) -> str:
    """The host, unless it is this machine and nobody develops here; Invalid names `host`."""
    if landing.is_loopback(host) and not context.config.allow_private_hooks:
        raise Invalid(
            f"host {host} is each visitor's own machine: it can be allowed where SENDTRAIL_ALLOW_PRIVATE_HOOKS is true",
            "host",
        )
    return host


def _said(led: Led) -> str:
    """Who leads there: `the campaigns 'Spring', 'Summer' and 3 more lead`."""
    parts = []
    if led.campaigns:
        names = ", ".join(repr(name[:60]) for name in led.campaigns[:_NAMED])
        more = len(led.campaigns) - _NAMED
        parts.append(
            f"the campaign{'s' if len(led.campaigns) > 1 else ''} {names}" + (f" and {more} more" if more > 0 else "")
        )
    if led.links:
        parts.append(counted(led.links, "single link"))
    if led.trackers:
        parts.append(counted(led.trackers, "tracker"))
    one = len(led.campaigns) + led.links + led.trackers == 1
    return " and ".join(parts) + (" leads" if one else " lead")


def _remedy(context: Context, led: Led) -> str:
    """What can be done about what leads there."""
    said = []
    if led.campaigns:
        said.append("change the address of the campaign" + ("s" if len(led.campaigns) > 1 else ""))
    if led.deleted:
        names = ", ".join(repr(name[:60]) for name in led.deleted[:_NAMED])
        said[0] = f"restore {names}, for printed links of a deleted campaign lead on, and {said[0]}"
    if led.links:
        ids = ", ".join(f"/links/{context.ids.encode('link', number)}" for number in led.newest)
        said.append(f"change single links: {ids}" + (" and so on" if led.links > len(led.newest) else ""))
    if led.trackers:
        said.append("change the redirectURLTemplate of the tracker" + ("s" if led.trackers > 1 else ""))
    return "; ".join(said)
