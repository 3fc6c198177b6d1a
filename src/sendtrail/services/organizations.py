"""What an organization says of itself, and which one a file or a command means."""

from functools import cache
from zoneinfo import available_timezones

from sendtrail.domain.contacts import checked_contact
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import audit, histories, organizations, system
from sendtrail.store.organizations import OrganizationRow

MAX_NAME = 200
CURRENCIES = ("USD", "CAD", "GBP", "EUR", "AUD")
_HIDDEN = ("Etc/", "posix/", "right/", "SystemV/")
"""Zones by their offset alone, and older spellings: valid, but nothing that people look for."""


@cache
def time_zones() -> list[str]:
    """The IANA names to choose from."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(_HIDDEN))
    return [*places, "UTC"]


async def change(
    context: Context, scope: Scope, *, name: str, time_zone: str, support_contact: str, currency: str
) -> None:
    """Change what the organization says of itself.

    A new time zone moves no send to another day; when things happened to it is told by the new clocks. Invalid names
    the field; Conflict where another organization has the name, or where the currency changes although money was
    counted in it.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    if time_zone not in available_timezones():
        raise Invalid("time_zone must be an IANA name such as America/Chicago", "time_zone")
    if currency not in CURRENCIES:
        raise Invalid(f"currency must be one of {', '.join(CURRENCIES)}", "currency")
    wanted = OrganizationRow(name, time_zone, currency, checked_contact(support_contact))
    async with context.database.transaction() as connection:
        await organizations.lock(connection, scope)
        known = await organizations.get(connection, scope)
        if currency != known.currency and await organizations.has_money(connection, scope):
            raise Conflict(f"currency stays {known.currency}: sends or deposits are counted in it", "currency")
        if not await organizations.put(connection, scope, wanted):
            raise Conflict("name is that of another organization here", "name")
        changed = {each: new for each, new in wanted._asdict().items() if new != getattr(known, each)}
        if changed:
            await audit.note(connection, scope, "organization.changed", **changed)
        if time_zone != known.time_zone:
            await histories.outdate(connection, scope)


async def may_change_currency(context: Context, scope: Scope) -> bool:
    """Whether nothing is counted in the organization's currency yet."""
    async with context.database.snapshot() as connection:
        return not await organizations.has_money(connection, scope)


async def names(context: Context) -> list[str]:
    """The names of all organizations."""
    async with context.database.snapshot() as connection:
        return [name for _, name in await system.organizations(connection)]


async def scope_for(context: Context, name: str | None, live: bool, actor: str = "cli") -> Scope:
    """The reach into an organization and its clients; without a name into the only one that there is.

    NotFound names those that there are; Invalid asks for a name where there are several.
    """
    async with context.database.snapshot() as connection:
        known = await system.organizations(connection)
        if not known:
            raise NotFound("there is no organization yet: add its first user with `sendtrail user add`", "organization")
        if name is None and len(known) > 1:
            raise Invalid(f"say which organization: {_listed(known)}", "organization")
        found = next((number for number, each in known if name is None or each == name.strip()), None)
        if found is None:
            raise NotFound(f"there is no organization {str(name)[:60]!a}; there is {_listed(known)}", "organization")
        scope = Scope(found, live, actor)
        return Scope(found, live, actor, await organizations.clients(connection, scope))


def _listed(known: list[tuple[int, str]], most: int = 8) -> str:
    shown = ", ".join(name for _, name in known[:most])
    return f"{shown} and {len(known) - most} more" if len(known) > most else shown
