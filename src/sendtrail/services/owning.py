"""Whose a send or a campaign is: the member's who makes it, or the one whom a program names, and a team's."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.services.context import Context
from sendtrail.store import members, teams
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection
from sendtrail.store.members import MemberRow


class Owner(NamedTuple):
    """A member and a team; 0: nobody, none."""

    member_id: int
    team_id: int


async def owners(
    connection: Connection,
    context: Context,
    scope: Scope,
    sends: Sequence[NewSend],
    campaigns: Mapping[str, CampaignRow],
) -> Callable[[NewSend], Owner]:
    """Who owns each of these sends: the member who makes it, or whom a program names as its sender, else the owner and
    the team of its campaign (of `campaigns`, by the text that the send names it by).

    What is returned raises Invalid for a team that is none, or not the member's. Forbidden for a key that reaches only
    what is its own: it is no member, and would not see what it makes.
    """
    if scope.actor.startswith("key:") and not scope.may(Permission.SENDS_WRITE, Reach.ORGANIZATION):
        raise Forbidden("a key owns nothing: make one whose sends.write reaches the organization")
    senders = {_address(send.sender) for send in sends} if not scope.member_id else set()
    known = await members.by_email(connection, scope, sorted(senders - {""})) if senders - {""} else {}
    named = await teams_named(connection, context, scope, sorted({send.team for send in sends if send.team}))

    def owner(send: NewSend) -> Owner:
        if scope.member_id:
            member_id, first = scope.member_id, scope.teams[0] if scope.teams else 0
        else:
            campaign = campaigns.get(send.campaign)
            nobody = (campaign.owner_id, campaign.team_id) if campaign else (0, 0)
            member_id, first = known.get(_address(send.sender), nobody)
        if not send.team:
            return Owner(member_id, first)
        team_id = named.get(send.team)
        if team_id is None or not (team_id in scope.teams or scope.may(Permission.SENDS_WRITE, Reach.ORGANIZATION)):
            raise Invalid(f"team {send.team[:60]!a} must be the id or the name of a team of yours", "team")
        return Owner(member_id, team_id)

    return owner


async def owner_of_campaign(
    connection: Connection,
    context: Context,
    scope: Scope,
    owner: str | None = None,
    team: str | None = None,
    before: Owner | None = None,
) -> Owner:
    """Whose a campaign is to be: a member by id or address, a team by id or name; empty for nobody's and no team's.

    None leaves what it was `before`; for a new campaign it means who asks, and the owner's first team. Invalid names
    the field, also where the campaign would be beyond the reach of who asks.
    """
    reach = scope.reach(Permission.CAMPAIGNS_WRITE)
    member_id, team_id = before or Owner(scope.member_id, next(iter(scope.teams), 0))
    if owner is not None:
        person = await person_named(connection, context, scope, owner)
        member_id = person.id if person else 0
        near = member_id == scope.member_id or (reach is Reach.TEAMS and _share(person, scope))
        if owner and not (person and (near or reach is Reach.ORGANIZATION)):
            raise Invalid(f"owner {owner[:60]!a} must be the id or the address of a member within your reach", "owner")
        if not before:
            team_id = person.teams[0] if person and person.teams else 0
    if team is not None:
        team_id = (await teams_named(connection, context, scope, [team])).get(team, 0) if team else 0
        if team and not (team_id and (team_id in scope.teams or reach is Reach.ORGANIZATION)):
            raise Invalid(f"team {team[:60]!a} must be the id or the name of a team of yours", "team")
    kept = member_id == scope.member_id or (reach is Reach.TEAMS and team_id in scope.teams)
    if not (kept or reach is Reach.ORGANIZATION):
        raise Invalid("owner must be you, or team one of yours: else the campaign is beyond your reach", "owner")
    return Owner(member_id, team_id)


async def person_named(connection: Connection, context: Context, scope: Scope, text: str) -> MemberRow | None:
    """A member given by id or address; None where there is none, or nobody is asked for."""
    wanted = text.strip().lower()
    for row in await members.listed(connection, scope) if wanted else ():
        if wanted in (row.email, context.ids.encode("member", row.id)):
            return row
    return None


def _share(person: MemberRow | None, scope: Scope) -> bool:
    return person is not None and not set(person.teams).isdisjoint(scope.teams)


def _address(sender: str) -> str:
    """The sender as an account has it; empty for a mere name."""
    text = sender.strip().lower()
    return text if "@" in text else ""


async def teams_named(connection: Connection, context: Context, scope: Scope, texts: Sequence[str]) -> dict[str, int]:
    """Numbers of teams given by id or name, by the text given."""
    if not texts:
        return {}
    ids: dict[int, str] = {}
    for text in texts:
        try:
            prefix, number = context.ids.decode(text)
        except ValueError:
            continue
        if prefix == "team":
            ids[number] = text
    found = await teams.named(connection, scope, texts, list(ids))
    return {name: number for name, number in found.items() if name in texts} | {
        ids[number]: number for number in found.values() if number in ids
    }
