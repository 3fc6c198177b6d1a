"""Who works at the demo's insurer: two teams, a manager and a sender of one of them, and whose each send is."""

from contextlib import suppress
from typing import NamedTuple

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, campaigns, people
from sendtrail.services.context import Context
from sendtrail.services.demo_responses import plan_for
from sendtrail.simulator.stream import Stream


class Colleague(NamedTuple):
    """Somebody of the team that wins customers. `name`: as the simulator's gifts are signed."""

    email: str
    role: str
    name: str


MANAGER = Colleague("manager@example.com", "manager", "Mara Lockhart")
SENDER = Colleague("sender@example.com", "sender", "Devin Osei")
WINNING, _KEEPING = "New customers", "Policyholders"
_CAMPAIGNS = {
    "Umbrella cover offer": MANAGER,
    "New neighbors welcome": MANAGER,
    "Multi-policy savings": MANAGER,
    "Meet your agent": MANAGER,
    "Welcome kit": MANAGER,
    "Refer a friend": SENDER,
    "Quote follow-up": SENDER,
}
"""What the first team sends, and whose of it that is; all else is the other team's, and nobody's."""
_BY_NAME = {each.name: each for each in (MANAGER, SENDER)}


async def employ(context: Context, scope: Scope, organization: str, password: str) -> None:
    """Make the teams and their members, as far as they are missing."""
    for team in (WINNING, _KEEPING):
        with suppress(Conflict):
            await people.add_team(context, scope, team)
    known = {each.email for each in await people.list_people(context, scope)}
    for each in (MANAGER, SENDER):
        if each.email not in known:
            member = await accounts.add_user(context, each.email, each.role, organization, password)
            own = await accounts.scope_of_member(context, member.id, scope.organization_id, scope.live)
            if own:
                await people.rename_oneself(context, own, each.name)
    team_ids = {team.name: team.id for team in await people.list_teams(context, scope)}
    for person in await people.list_people(context, scope):
        if person.email in (MANAGER.email, SENDER.email):
            await people.enter_team(context, scope, team_ids[WINNING], person.id)


async def divide(context: Context, scope: Scope, made: Stream) -> None:
    """Begin the campaigns of a stream as those of their teams and members, and give its sends to the same."""
    for name, type_ in made.campaigns().items():
        owner = _CAMPAIGNS.get(name)
        with suppress(Conflict):
            await campaigns.add_campaign(
                context,
                scope,
                name,
                type_,
                owner=owner.email if owner else "",
                team=_team(owner),
                link=plan_for(name),
            )
    for item in made.items:
        owner = _CAMPAIGNS.get(item.send.campaign) or _BY_NAME.get(item.send.sender)
        item.send.sender = owner.email if owner else item.send.sender
        item.send.team = _team(owner)


def _team(owner: Colleague | None) -> str:
    return WINNING if owner else _KEEPING
