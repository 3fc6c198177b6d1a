"""Campaigns by forms: begin one, change it, archive, restore, delete it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import UNSET, UnsetType

from sendtrail.domain.landing import DAYS, USUAL_DAYS, VARIABLES
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import campaign_changes, campaigns, destinations
from sendtrail.services.campaigns import Campaign, CampaignDetail, CampaignState, CampaignType
from sendtrail.services.landings import LinkPlan
from sendtrail.web.forms import Blank, nonce, repeat_of, see, wrong_fields
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

_URL, _DAYS = "link.url", "link.expire_after_days"
_NAMES = {
    "name": "name",
    "type": "type",
    "owner": "owner",
    "team": "team",
    "funding_source": "source",
    _URL: "address",
    _DAYS: "time",
    "link": "links",
}
_MEANT: tuple[CampaignType, ...] = ("bulk", "triggered")


@get("/campaigns/new", needs=Permission.CAMPAIGNS_WRITE)
async def show_new(request: WebRequest, visitor: Here) -> Response[str]:
    """The form for a new campaign."""
    return await _form(request, visitor, None, _blank(request, visitor))


@post("/campaigns", needs=Permission.CAMPAIGNS_WRITE)
async def begin(request: WebRequest, visitor: Here) -> Response[str]:
    """Begin a campaign of the mode that the visitor looks at, or a test one; a form that is sent twice begins one."""
    fields = await read_form(request, visitor)
    try:
        made = await campaigns.add_campaign(
            context_of(request),
            replace(visitor.scope, live=visitor.scope.live and fields.get("test") != "yes"),
            fields.get("name", ""),
            _type(fields),
            owner=fields.get("owner"),
            team=fields.get("team"),
            funding_source="" if fields.get("test") == "yes" else fields.get("funding_source", ""),
            link=_plan(fields.get(_URL, ""), fields.get(_DAYS, UNSET)),
            request=repeat_of(request, fields),
        )
    except (Invalid, Conflict) as problem:
        return await _form(request, visitor, None, fields, problem)
    return see(f"/campaigns/{made.id}?done=begun")


@get("/campaigns/{campaign_id:str}/edit", needs=Permission.CAMPAIGNS_WRITE)
async def show_edit(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """The form for another name, owner or team, or another place for its links."""
    campaign = await _own(request, visitor, campaign_id)
    if campaign.deleted_at:
        return see(f"/campaigns/{campaign.id}")
    return await _form(request, visitor, campaign, _known(campaign))


@post("/campaigns/{campaign_id:str}/edit", needs=Permission.CAMPAIGNS_WRITE)
async def edit(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Change what somebody changed on the page; what they left as it was shown may be another since."""
    fields = await read_form(request, visitor)

    def wanted(field: str) -> str | UnsetType:
        value = fields.get(field)
        return UNSET if value is None or value == fields.get(f"was_{field}") else value

    try:
        await campaign_changes.change(
            context_of(request),
            visitor.scope,
            campaign_id,
            name=wanted("name"),
            owner=wanted("owner"),
            team=wanted("team"),
            funding_source=wanted("funding_source"),
            link=_change(wanted(_URL), wanted(_DAYS), bool(fields.get(_URL, "").strip())),
        )
    except (Invalid, Conflict) as problem:
        if problem.param not in _NAMES:
            raise
        return await _form(request, visitor, await _own(request, visitor, campaign_id), fields, problem)
    return see(f"/campaigns/{campaign_id}?done=saved")


@post("/campaigns/{campaign_id:str}/archive", needs=Permission.CAMPAIGNS_WRITE)
async def archive(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Put it away."""
    return await _moved(request, visitor, campaign_id, "archived")


@post("/campaigns/{campaign_id:str}/restore", needs=Permission.CAMPAIGNS_WRITE)
async def restore(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Bring it back, archived or deleted."""
    return await _moved(request, visitor, campaign_id, "active")


@get("/campaigns/{campaign_id:str}/delete", needs=Permission.CAMPAIGNS_WRITE)
async def show_delete(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """What deleting it means, and the button."""
    campaign = await _own(request, visitor, campaign_id)
    if campaign.deleted_at:
        return see(f"/campaigns/{campaign.id}")
    return page(request, "campaign_delete.html", visitor, campaign=campaign)


@post("/campaigns/{campaign_id:str}/delete", needs=Permission.CAMPAIGNS_WRITE)
async def delete(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Take it off the lists."""
    return await _moved(request, visitor, campaign_id, "deleted")


async def _moved(request: WebRequest, visitor: Visitor, campaign_id: str, state: CampaignState) -> Response[str]:
    await read_form(request, visitor)
    await campaign_changes.move(context_of(request), visitor.scope, campaign_id, state)
    return see("/campaigns?done=deleted" if state == "deleted" else f"/campaigns/{campaign_id}?done={state}")


async def _own(request: WebRequest, visitor: Visitor, campaign_id: str) -> CampaignDetail:
    """A campaign that the visitor may change; NotFound, Forbidden."""
    campaign = await campaigns.get(context_of(request), visitor.scope, campaign_id)
    if not campaign_changes.may_change(context_of(request), visitor.scope, campaign):
        raise Forbidden("this campaign is somebody else's: you may see it, but not change it")
    return campaign


def _plan(url: str | UnsetType, days: str | UnsetType) -> LinkPlan | None:
    """Where links are to lead; None for an empty field."""
    if url is not UNSET and not url.strip():
        return None
    return LinkPlan(url, days if days is UNSET else int(days) if days.isdecimal() and len(days) < 4 else 0)


def _change(url: str | UnsetType, days: str | UnsetType, any_: bool) -> LinkPlan | UnsetType | None:
    """The same where somebody may have changed either; without `any_` address there is nothing that could expire."""
    changed = url is not UNSET or (days is not UNSET and any_)
    return _plan(url, days) if changed else UNSET


def _type(fields: Mapping[str, str]) -> CampaignType:
    for each in _MEANT:
        if fields.get("type") == each:
            return each
    raise Invalid("type: choose one of the two", "type")


def _blank(request: WebRequest, visitor: Visitor) -> dict[str, str]:
    """What the form for a new campaign begins with."""
    ids, scope = context_of(request).ids, visitor.scope
    team = ids.encode("team", scope.teams[0]) if scope.teams else ""
    owner = ids.encode("member", scope.member_id)
    return {"type": "bulk", "owner": owner, "team": team, _DAYS: str(USUAL_DAYS)}


def _known(campaign: Campaign) -> dict[str, str]:
    owner, team, fund = campaign.owner, campaign.team, campaign.funding_source
    return {
        "name": campaign.name,
        "owner": owner.id if owner else "",
        "team": team.id if team else "",
        "funding_source": fund.id if fund else "",
        _URL: campaign.link.url if campaign.link else "",
        _DAYS: str(campaign.link.expire_after_days if campaign.link else USUAL_DAYS),
    }


async def _form(
    request: WebRequest,
    visitor: Visitor,
    campaign: Campaign | None,
    typed: Mapping[str, str],
    problem: SendtrailError | None = None,
) -> Response[str]:
    """The form of a new campaign, or of one that is there."""
    offered = await campaign_changes.choices(context_of(request), visitor.scope)
    was = _known(campaign) if campaign else {}
    owners = [(each.id, each.name or each.email) for each in offered.owners]
    teams = [(each.id, each.name) for each in offered.teams]
    if campaign and campaign.owner and campaign.owner.id not in dict(owners):
        owners.insert(0, (campaign.owner.id, campaign.owner.name or campaign.owner.email))
    if campaign and campaign.team and campaign.team.id not in dict(teams):
        teams.insert(0, (campaign.team.id, campaign.team.name))
    sources = [(each.id, each.name) for each in offered.funds]
    if campaign and campaign.funding_source and campaign.funding_source.id not in dict(sources):
        sources.insert(0, (campaign.funding_source.id, campaign.funding_source.name))
    if offered.nobody or not typed.get("owner"):
        owners.insert(0, ("", "Nobody"))
    values: dict[str, Any] = {
        "campaign": campaign,
        "typed": Blank(typed),
        "was": {field: typed.get(f"was_{field}", value) for field, value in was.items()},
        "wrong": Blank(wrong_fields(problem, _NAMES)),
        "owners": owners,
        "teams": [("", "No team"), *teams],
        "funds": [("", "Goes by who sends it"), *sources],
        "hosts": [each.host for each in await destinations.list_destinations(context_of(request), visitor.scope)],
        "variables": VARIABLES,
        "expiries": [(str(days), f"{days} days") for days in DAYS],
        "nonce": typed.get("nonce") or nonce(),
    }
    return page(request, "campaign_form.html", visitor, status=400 if problem else 200, **values)
