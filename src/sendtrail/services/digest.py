"""Once a day, in the morning, an e-mail to each member who wants it: what needs attention within their reach."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, attending, mail
from sendtrail.services.attending import Entry, Group, Wanted
from sendtrail.services.context import Context
from sendtrail.store import digests
from sendtrail.store.system import digests as system
from sendtrail.store.system.digests import DueDigest

MORNING, NOON = time(8), time(12)
"""By the organization's clocks. After a night in which nothing ran it comes later, but not in the evening."""
_EACH = 3
"""Entries that are named of each rule."""


async def write(context: Context, *, now: datetime | None = None) -> int:
    """Write the digests that are due; how many e-mails. Any number of workers may do it at once.

    Who has nothing open gets none, nor a later one on that day. `now` (aware): another moment than this one.
    """
    now = now or datetime.now(UTC)
    async with context.database.snapshot() as connection:
        due = await system.due(connection, now, MORNING, NOON)
    written = 0
    for each in due:
        scope = await accounts.scope_of_member(context, each.member_id, each.organization_id, True)
        groups: list[Group] = []
        if scope is not None and _wants(scope, each.chosen):
            groups = await attending.overview(context, scope, Wanted(), _EACH, now=now)
        async with context.database.transaction() as connection:
            mine = await system.claim(connection, each.organization_id, each.member_id, each.day)
            if mine and groups:
                subject, *paragraphs = _letter(each, groups, context.config.address)
                await mail.write(connection, each.email, subject, *paragraphs)
                written += 1
    return written


async def wanted(context: Context, scope: Scope) -> bool | None:
    """Whether the member who asks gets the digest; None for somebody who is no member of the organization itself."""
    async with context.database.snapshot() as connection:
        found = await digests.chosen(connection, scope)
    return None if found is None else _wants(scope, found[0])


async def choose(context: Context, scope: Scope, wants: bool) -> None:
    """Have the digest from now on, or no longer."""
    async with context.database.transaction() as connection:
        await digests.choose(connection, scope, wants)


def _wants(scope: Scope, chosen: bool | None) -> bool:
    """Whoever sees others' sends gets it unless they said no; whoever sees only their own, if they said yes."""
    if not scope.may(Permission.SENDS_READ):
        return False
    return scope.may(Permission.SENDS_READ, Reach.TEAMS) if chosen is None else chosen


def _letter(due: DueDigest, groups: Sequence[Group], address: str) -> list[str]:
    """The subject and the paragraphs."""
    n = sum(group.n for group in groups)
    things = "1 thing needs attention" if n == 1 else f"{n:,} things need attention"
    see = f"See all of it, and say what is done: {address}/attention" if address else "See all of it under Attention."
    where = f": {address}/settings/account" if address else "."
    return [
        f"{things} at {due.organization}",
        f"{things} at {due.organization}, the most urgent first.",
        *(_told(group, address) for group in groups),
        see,
        f"You get this once a day while something is open. Whether you do is a switch in your account{where}",
    ]


def _told(group: Group, address: str) -> str:
    lines = [f"{group.rule.title}: {group.n:,}", *(_line(entry, address) for entry in group.entries)]
    more = group.n - len(group.entries)
    return "\n".join([*lines, f"- and {more:,} more"] if more else lines)


def _line(entry: Entry, address: str) -> str:
    link = f" {address}/attention/{entry.id}" if address else ""
    return f"- {' '.join(entry.about.name.split())}: {entry.reason}{link}"
