"""An organization with people of every role, each with a send of their own, and another organization beside it."""

from dataclasses import dataclass
from datetime import date

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, sends
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.views import View
from sendtrail.store import members, teams
from tests.services.organizations import organization

DAY = date(2026, 3, 2)
PASSWORD = "long enough"
ROLES = {"ann": "admin", "gus": "manager", "mia": "manager", "sam": "sender", "tom": "sender", "zoe": "sender"}
EAST = ("mia", "sam", "tom")
REACHED = {
    "ann": {*ROLES, "key"},
    "gus": {*ROLES, "key"},
    "mia": {"mia", "sam", "tom"},
    "sam": {"sam"},
    "tom": {"tom"},
    "zoe": {"zoe"},
    "fay": {"fay"},
}
"""Whose sends each of them sees: an admin; a manager who was granted the organization; the manager of a team with two
senders; senders, one of them in no team; and the admin of another organization."""


@dataclass(frozen=True, slots=True)
class World:
    """By name: the reach of each member, and the send and the campaign of each owner (`key`: nobody's)."""

    scopes: dict[str, Scope]
    members: dict[str, int]
    sends: dict[str, View]
    campaigns: dict[str, str]

    def unseen(self, who: str) -> list[str]:
        """Names that no page may show to somebody."""
        others = self.sends.keys() - REACHED[who]
        return [f"To {name}." for name in others] + [f"By {name}." for name in others]


async def world(context: Context) -> World:
    """Acme with its people, and Other with Fay."""
    scopes: dict[str, Scope] = {}
    numbers: dict[str, int] = {}
    acme = await organization(context)
    for name, role in {**ROLES, "fay": "admin"}.items():
        home = "Other" if name == "fay" else "Acme"
        member = await accounts.add_user(context, f"{name}@example.com", role, home, PASSWORD)
        numbers[name] = member.id
    async with context.database.transaction() as connection:
        east = await teams.add(connection, acme, "East")
        assert east is not None
        for name in EAST:
            await teams.enter(connection, acme, east, numbers[name])
        await members.change(connection, acme, numbers["gus"], "manager", True)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select id from organization where name = 'Other'")
        ((other,),) = await cursor.fetchall()
    for name, number in numbers.items():
        home_id = other if name == "fay" else acme.organization_id
        scope = await accounts.scope_of_member(context, number, home_id, True)
        assert scope is not None
        scopes[name] = scope
    made = {}
    campaigns = {}
    for cents, (name, scope) in enumerate({**scopes, "key": acme}.items(), start=100):
        campaigns[name] = (await add_campaign(context, scope, f"By {name}.", "bulk")).id
        for campaign in (f"By {name}.", ""):
            to = Address(name=f"To {name}.", postal_code="60601")
            new = NewSend(kind="letter", to=to, send_date=DAY, cost_cents=cents, campaign=campaign)
            (made[name],) = await sends.create(context, scope, [new])
    views = {name: view for name, view in made.items() if isinstance(view, dict)}
    assert views.keys() == made.keys()
    return World(scopes, numbers, views, campaigns)
