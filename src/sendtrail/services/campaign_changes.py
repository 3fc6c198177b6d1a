"""What becomes of a campaign: another name, owner or team; put away, taken off the lists, brought back.

Nothing that it sent changes by any of it (law 7). Each change is noted in the audit trail; to do again what is done
already changes nothing and notes nothing.
"""

from typing import NamedTuple

from msgspec import UNSET, UnsetType

from sendtrail.domain.problems import Conflict, Forbidden, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.campaigns import (
    Campaign,
    CampaignOwner,
    CampaignState,
    FundName,
    campaign_of,
    checked_name,
    number_of,
    read,
    taken,
)
from sendtrail.services.charging import fund_named, funds_for
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan, lead, told
from sendtrail.services.owning import Owner, owner_of_campaign
from sendtrail.services.people import TeamName
from sendtrail.store import audit, campaigns, members, nouns, teams
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection
from sendtrail.store.mailings import MAILING

_ACTIONS = {"active": "campaign.restored", "archived": "campaign.archived", "deleted": "campaign.deleted"}


class Choices(NamedTuple):
    """Whom somebody may give a campaign to, by address and by name. `nobody`: to no one, too. `funds`: who may pay."""

    owners: list[CampaignOwner]
    teams: list[TeamName]
    funds: list[FundName]
    nobody: bool


async def change(
    context: Context,
    scope: Scope,
    campaign_id: str,
    *,
    name: str | UnsetType = UNSET,
    owner: str | UnsetType | None = UNSET,
    team: str | UnsetType | None = UNSET,
    funding_source: str | UnsetType | None = UNSET,
    link: LinkPlan | UnsetType | None = UNSET,
) -> Campaign:
    """Give a campaign another name, owner (a member by id or address), team or funding source (by id or name), or let
    its links lead elsewhere, which those that are printed do from now on.

    None for nobody's, no team's, and for no source of its own to pay for what it sends from now on; for no links, while
    there are none.

    NotFound beyond the reach of who asks, Forbidden where they may see it only. Conflict for a name that is taken and
    for a deleted campaign, Invalid names the field.
    """
    new_name = None if name is UNSET else checked_name(name)

    async def act(connection: Connection) -> Campaign:
        row = await held(connection, context, scope, campaign_id)
        if row.deleted_at:
            raise Conflict("this campaign was deleted: restore it first", "id")
        whose = await owner_of_campaign(
            connection,
            context,
            scope,
            None if owner is UNSET else owner or "",
            None if team is UNSET else team or "",
            Owner(row.owner_id, row.team_id),
        )
        fund_id = row.fund_id
        if funding_source is not UNSET:
            fund_id = await fund_named(connection, context, scope, funding_source, whose) if funding_source else 0
        changed = await campaigns.change(connection, scope, row.id, new_name or row.name, *whose, fund_id)
        if changed is None:
            raise taken(new_name or row.name)
        if link is not UNSET:
            changed = await lead(connection, scope, changed, link)
        if news := _told(row, changed):
            await audit.note(connection, scope, "campaign.changed", row.name, **news)
        return campaign_of(context, scope, changed)

    return await context.database.run(act)


async def move(context: Context, scope: Scope, campaign_id: str, state: CampaignState) -> Campaign:
    """Archive a campaign, delete it, or make it active again.

    An archived one takes no sends and leaves the usual list; a deleted one neither, and its name is free. Conflict
    where a deleted one is to be archived, or its name was taken meanwhile, and where one is to be deleted that is just
    making its sends; else as `change`.
    """

    async def act(connection: Connection) -> Campaign:
        row = await held(connection, context, scope, campaign_id)
        if row.state == state:
            return campaign_of(context, scope, row)
        if row.deleted_at and state == "archived":
            raise Conflict("this campaign was deleted: restore it first", "id")
        if state == "deleted" and not row.archived_at:
            mailing = await nouns.hold(connection, scope, MAILING, row.id)
            if mailing and mailing.status == "creating_orders":
                raise Conflict(
                    "this campaign is just making its sends: wait until they are made, or archive it first,"
                    " which stops that",
                    "id",
                )
        moved = await campaigns.move(connection, scope, row.id, state)
        if moved is None:
            raise Conflict(
                f"there is a campaign named {row.name[:60]!a} again: rename that one, then restore this", "name"
            )
        await audit.note(connection, scope, _ACTIONS[state], row.name)
        return campaign_of(context, scope, moved)

    return await context.database.run(act)


def may_change(context: Context, scope: Scope, campaign: Campaign) -> bool:
    """Whether somebody who sees a campaign may do more with it."""
    reach = scope.reach(Permission.CAMPAIGNS_WRITE)
    if reach is None or reach is Reach.ORGANIZATION:
        return reach is not None
    own = campaign.owner is not None and campaign.owner.id == context.ids.encode("member", scope.member_id)
    teams_ = {context.ids.encode("team", each) for each in scope.teams}
    return own or (reach is Reach.TEAMS and campaign.team is not None and campaign.team.id in teams_)


async def choices(context: Context, scope: Scope) -> Choices:
    """Whom a campaign of who asks can belong to."""
    reach = scope.reach(Permission.CAMPAIGNS_WRITE)
    whole, own_teams = reach is Reach.ORGANIZATION, set(scope.teams)
    async with context.database.snapshot() as connection:
        people, all_teams = await members.listed(connection, scope), await teams.listed(connection, scope)
        payers = await funds_for(connection, scope) if scope.live else []
    near = [
        row
        for row in people
        if whole or row.id == scope.member_id or (reach is Reach.TEAMS and not own_teams.isdisjoint(row.teams))
    ]
    encode = context.ids.encode
    return Choices(
        [CampaignOwner(encode("member", row.id), row.email, row.name) for row in near],
        [TeamName(encode("team", row.id), row.name) for row in all_teams if whole or row.id in own_teams],
        [FundName(encode("fund", row.id), row.name) for row in payers],
        whole,
    )


async def held(connection: Connection, context: Context, scope: Scope, campaign_id: str) -> CampaignRow:
    """A campaign that is the caller's alone to change until the transaction ends.

    NotFound beyond the reach of who asks, Forbidden where they may see it only.
    """
    scope.require(Permission.CAMPAIGNS_WRITE)
    number = number_of(context, campaign_id)
    if number is None:
        raise NotFound(f"no campaign {campaign_id[:60]!a}", "id")
    row = await campaigns.held(connection, scope, number)
    if row is None:
        await read(connection, context, scope, campaign_id)
        raise Forbidden("this campaign is somebody else's: you may see it, but not change it")
    return row


def _told(before: CampaignRow, after: CampaignRow) -> dict[str, str]:
    """What the audit trail says of a change."""
    news, was = (
        {
            "name": row.name,
            "owner": row.owner_email or "nobody",
            "team": row.team or "none",
            "funding_source": row.fund or "none",
            **told(row),
        }
        for row in (after, before)
    )
    return {field: value for field, value in news.items() if value != was[field]}
