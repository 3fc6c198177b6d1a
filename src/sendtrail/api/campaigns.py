"""Campaigns, and how each of them stands."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import campaigns
from sendtrail.services.campaigns import (
    Campaign,
    CampaignDetail,
    CampaignHistory,
    CampaignTotals,
    CampaignType,
)

CampaignId = Annotated[str, PathParameter(description="A campaign's `id`.")]


class NewCampaign(msgspec.Struct, forbid_unknown_fields=True):
    """`bulk` goes out at once, `triggered` one by one as something happens."""

    name: str
    type: CampaignType


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
    ) -> Page[CampaignTotals]:
        """Campaigns with their totals, newest first."""
        return Page(*await campaigns.list_campaigns(context, caller, q=q, type_=type, after=after, limit=limit))

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
        return await campaigns.add_campaign(context, caller, data.name, data.type, request=again)

    @get("/{campaign_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.CAMPAIGNS_READ)
    async def one(self, context: Here, caller: Caller, campaign_id: CampaignId) -> CampaignDetail:
        """One campaign: where its sends stand, by kind too, and what they cost."""
        return await campaigns.get(context, caller, campaign_id)

    @get("/{campaign_id:str}/history", responses=refusals(400, 401, 403, 404), needs=Permission.CAMPAIGNS_READ)
    async def history(self, context: Here, caller: Caller, campaign_id: CampaignId) -> CampaignHistory:
        """How a campaign came to stand where it does: its sends by category at the end of each day, or week."""
        return await campaigns.history(context, caller, campaign_id)
