"""Which organization a file or a command means."""

from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import organizations, system


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
