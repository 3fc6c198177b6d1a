"""Campaigns, and how each of them stands."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import campaign_changes, campaigns, landing_trials
from sendtrail.services.campaigns import (
    Campaign,
    CampaignDetail,
    CampaignHistory,
    CampaignTotals,
    CampaignType,
    ListedState,
)
from sendtrail.services.landing_trials import Forgotten
from sendtrail.services.landings import LinkPlan

CampaignId = Annotated[str, PathParameter(description="A campaign's `id`.")]


class NewCampaign(msgspec.Struct, forbid_unknown_fields=True):
    """`bulk` goes out at once, `triggered` one by one as something happens.

    `owner`: a member by id or e-mail address; `team`: by id or name. Without them it is nobody's, or the owner's first
    team's; an empty text means nobody and no team as well. `funding_source`: who pays for what it sends, by id or name;
    without one that goes by who sends it. `link`: where the links lead that its sends get; without it they get none.
    """

    name: str
    type: CampaignType
    owner: str | None = None
    team: str | None = None
    funding_source: str = ""
    link: LinkPlan | None = None


class CampaignPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; a field that is left out stays as it is.

    `owner`: a member by id or e-mail address, null for nobody; `team`: by id or name, null for none. `funding_source`:
    who pays for what it sends from now on, by id or name; null: that goes by who sends it. `link`: what of it is left
    out stays as it is, and links that are printed lead there from now on; null: none, while it has no links.
    """

    name: str | msgspec.UnsetType = msgspec.UNSET
    owner: str | msgspec.UnsetType | None = msgspec.UNSET
    team: str | msgspec.UnsetType | None = msgspec.UNSET
    funding_source: str | msgspec.UnsetType | None = msgspec.UNSET
    link: LinkPlan | msgspec.UnsetType | None = msgspec.UNSET


class Campaigns(Controller):
    path = "/campaigns"
    tags = ["campaigns"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.CAMPAIGNS_READ)
    async def page(
        self,
        context: Here,
        caller: Caller,
        limit: Limit = 100,
        after: After = None,
        q: Annotated[str, QueryParameter(description="Letters that stand in the name, whatever their case.")] = "",
        type: FromQuery[CampaignType | None] = None,
        of_state: Annotated[  # the framework keeps `state` for itself
            ListedState,
            QueryParameter(
                name="state",
                description="Without it the `active` ones; `archived`, `deleted`, or `all` of these. Reports and lists"
                " of sends hold what any of them sent.",
            ),
        ] = "active",
    ) -> Page[CampaignTotals]:
        """Campaigns with their totals, newest first."""
        return Page(
            *await campaigns.list_campaigns(context, caller, q=q, type_=type, state=of_state, after=after, limit=limit)
        )

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.CAMPAIGNS_WRITE)
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewCampaign],
        idempotency_key: IdempotencyKey = None,
    ) -> Campaign:
        """Begin a campaign."""
        again = repeatable(request, idempotency_key, await request.body())
        return await campaigns.add_campaign(
            context,
            caller,
            data.name,
            data.type,
            owner=data.owner,
            team=data.team,
            funding_source=data.funding_source,
            link=data.link,
            request=again,
        )

    @get("/{campaign_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.CAMPAIGNS_READ)
    async def one(self, context: Here, caller: Caller, campaign_id: CampaignId) -> CampaignDetail:
        """One campaign: where its sends stand, by kind too, and what they cost."""
        return await campaigns.get(context, caller, campaign_id)

    @get("/{campaign_id:str}/history", responses=refusals(400, 401, 403, 404), needs=Permission.CAMPAIGNS_READ)
    async def history(self, context: Here, caller: Caller, campaign_id: CampaignId) -> CampaignHistory:
        """How a campaign came to stand where it does: its sends by category at the end of each day, or week."""
        return await campaigns.history(context, caller, campaign_id)

    @patch(
        "/{campaign_id:str}",
        responses=refusals(400, 401, 403, 404, 409, 413, 415),
        needs=Permission.CAMPAIGNS_WRITE,
    )
    async def change(
        self, context: Here, caller: Caller, campaign_id: CampaignId, data: JSONBody[CampaignPatch]
    ) -> Campaign:
        """Give a campaign another name, owner or team, and its links another place to lead to.

        What it sent stays whose it was.
        """
        return await campaign_changes.change(
            context,
            caller,
            campaign_id,
            name=data.name,
            owner=data.owner,
            team=data.team,
            funding_source=data.funding_source,
            link=data.link,
        )

    @post(
        "/{campaign_id:str}/archive",
        status_code=200,
        responses=refusals(400, 401, 403, 404, 409),
        needs=Permission.CAMPAIGNS_WRITE,
    )
    async def archive(self, context: Here, caller: Caller, campaign_id: CampaignId) -> Campaign:
        """Put a campaign away: it takes no more sends, and leaves the usual list. What it sent goes on, and counts."""
        return await campaign_changes.move(context, caller, campaign_id, "archived")

    @post(
        "/{campaign_id:str}/restore",
        status_code=200,
        responses=refusals(400, 401, 403, 404, 409),
        needs=Permission.CAMPAIGNS_WRITE,
    )
    async def restore(self, context: Here, caller: Caller, campaign_id: CampaignId) -> Campaign:
        """Bring back a campaign that was archived or deleted; 409 where another one has its name by now."""
        return await campaign_changes.move(context, caller, campaign_id, "active")

    @delete(
        "/{campaign_id:str}/responses",
        status_code=200,
        responses=refusals(400, 401, 403, 404),
        needs=Permission.CAMPAIGNS_WRITE,
    )
    async def forget(self, context: Here, caller: Caller, campaign_id: CampaignId) -> Forgotten:
        """Delete what was recorded while a campaign's links were tried out; of a test campaign, every visit and goal.

        A trial that is on goes on: `PATCH` with `{"link": {"testing": false}}` ends it, and deletes its trials too.
        """
        return await landing_trials.forget(context, caller, campaign_id)

    @delete("/{campaign_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.CAMPAIGNS_WRITE)
    async def remove(self, context: Here, caller: Caller, campaign_id: CampaignId) -> None:
        """Delete a campaign: it takes no more sends, leaves the list, and its name is free for another.

        What it sent stays, in every report and in the lists of sends; `GET` of its id still tells of it.
        """
        await campaign_changes.move(context, caller, campaign_id, "deleted")
