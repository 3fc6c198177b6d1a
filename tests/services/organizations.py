"""Organizations for tests of services."""

from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import system


async def organization(context: Context, name: str = "Acme", *, live: bool = True) -> Scope:
    """The reach into a new organization."""
    async with context.database.transaction() as connection:
        number = await system.add_organization(connection, name)
    assert number is not None
    return Scope(number, live, "test")
