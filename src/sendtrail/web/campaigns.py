"""Campaigns: the list of them, and one with all that became of its pieces."""

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import campaign_changes, campaigns, mailing_refusals, mailings, performance, reports
from sendtrail.services.campaigns import CampaignDetail, CampaignHistory, CampaignState
from sendtrail.services.link_exports import PART
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.web.campaign_rehearsals import CHOICES, rehearsing
from sendtrail.web.charts import Bar, spread, stacked
from sendtrail.web.landing_trials import trying
from sendtrail.web.other_mode import shown_elsewhere
from sendtrail.web.performance import shown
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import Here, WebRequest, context_of
from sendtrail.web.wording import spelled

_CAMPAIGNS = 50
_PIECES = 25
TYPES = {"": "Any", "bulk": "Bulk", "triggered": "Triggered"}
STATES: dict[CampaignState, str] = {"active": "Active", "archived": "Archived", "deleted": "Deleted"}
_DONE = {
    "begun": "The campaign is begun. Name it when you make sends.",
    "saved": "Saved.",
    "active": "Restored: it takes sends again.",
    "archived": "Archived.",
    "rehearsed": "The journeys are being played.",
    "nothing": "None of its newest sends has a journey left to be played.",
    "reset": "What was rehearsed is taken back.",
    "trying": "The trial has begun: what happens at its links now counts nowhere.",
    "tried": "The trial is over, and what it brought is deleted: from now on visits and goals count.",
    "forgotten": "Its visits and goals are deleted.",
    "deleted": "Deleted. What it sent stays in every report and in the list of sends.",
}
"""What a page says after a form did its work, by the word that its address carries."""
_MOVING = ("handed_over", "in_transit", "local_delivery")


@get("/campaigns", needs=Permission.CAMPAIGNS_READ, takes=("q", "type", "state", "after"))
async def show_campaigns(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest campaigns, or those that were asked for, each with where its sends stand."""
    query, error = query_of(request), ""
    type_, q, state = query.get("type", ""), query.get("q", ""), query.get("state", "active")
    try:
        found, after = await campaigns.list_campaigns(
            context_of(request),
            visitor.scope,
            q=q,
            type_=type_ or None,
            state=state,
            after=query.get("after"),
            limit=_CAMPAIGNS,
        )
        tally = await campaigns.tally(context_of(request), visitor.scope, q=q, type_=type_ or None)
        engaged = await performance.engaged(context_of(request), visitor.scope, found)
    except Invalid as problem:
        error, type_, state, found, after, tally = sentence(problem), "", "active", [], None, None
        engaged = {}

    def link(**changed: str) -> str:
        address = {"q": q, "type": type_, "state": state, **changed}
        return _address("/campaigns", address | ({"state": ""} if address["state"] == "active" else {}))

    return page(
        request,
        "campaigns.html",
        visitor,
        status=400 if error else 200,
        campaigns=found,
        engaged=engaged,
        types=TYPES,
        type=type_,
        states=STATES,
        state=state,
        tally=tally,
        q=q,
        error=error,
        done="" if error else _DONE.get(query.get("done", ""), ""),
        link=link,
        older=link(after=after) if after else "",
        newest=link() if "after" in query else "",
    )


@get("/campaigns/{campaign_id:str}", needs=Permission.CAMPAIGNS_READ, takes=("category", "after"))
async def show_campaign(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """One campaign: its totals, how it came to stand there, and its pieces."""
    context, query, error = context_of(request), query_of(request), ""
    try:
        campaign = await campaigns.get(context, visitor.scope, campaign_id)
    except NotFound:
        return await shown_elsewhere(request, visitor, campaigns.get, campaign_id)
    category = query.get("category", "")
    try:
        wanted = Wanted(campaign=campaign.id, category=category or None, after=query.get("after"))
        pieces, after = await list_sends(context, visitor.scope, wanted, _PIECES)
    except Invalid as problem:
        error, category, pieces, after = sentence(problem), "", [], None
    history = await campaigns.history(context, visitor.scope, campaign.id)
    to_deliver = await reports.days_to_deliver(
        context, visitor.scope, campaign.first_day, campaign.last_day, campaign_id=campaign.id
    )
    mailing = await mailings.course(context, visitor.scope, campaign.id)
    days = _bars(history)
    path = f"/campaigns/{campaign.id}"

    def link(**changed: str) -> str:
        return _address(path, {"category": category, **changed}) + "#pieces"

    return page(
        request,
        "campaign.html",
        visitor,
        status=400 if error else 200,
        campaign=campaign,
        done="" if error else _DONE.get(query.get("done", ""), ""),
        may_change=campaign_changes.may_change(context, visitor.scope, campaign),
        kinds=", ".join(_counted(each.total, each.kind) for each in campaign.kinds),
        moving=sum(getattr(campaign, word) for word in _MOVING),
        cost_each=_cost_each(campaign),
        mailing=mailing,
        refused=await mailing_refusals.first(context, visitor.scope, campaign.id)
        if mailing and mailing.refused
        else [],
        rehearsing=await rehearsing(request, visitor, campaign),
        rehearsal_choices=CHOICES,
        trying=await trying(request, visitor, campaign),
        link_part=PART,
        history=history,
        days=days,
        stacked=stacked(days),
        performance=await shown(request, visitor, campaign.id),
        to_deliver=to_deliver,
        spread=spread(to_deliver),
        pieces=pieces,
        category=category,
        error=error,
        link=link,
        zip=zip,
        older=link(after=after) if after else "",
        newest=link() if "after" in query else "",
    )


def _address(path: str, query: Mapping[str, str]) -> str:
    text = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{text}" if text else path


def _bars(history: CampaignHistory) -> list[Bar]:
    """The days of a campaign's history."""
    return [
        Bar(
            f"{each.day.day} {each.day:%b}",
            each.day,
            each.day,
            each.total,
            {category.word: getattr(each, category.word) for category in CATEGORIES},
        )
        for each in history.data
    ]


def _cost_each(campaign: CampaignDetail) -> int | None:
    """What a piece that was not cancelled cost on the average, in cents."""
    paid = campaign.total - campaign.cancelled
    return round(campaign.spent / paid) if paid and campaign.spent is not None else None


def _counted(number: int, kind: str) -> str:
    """`1 letter`, `1,200 postcards`."""
    name = spelled(kind).replace("Self m", "self-m")
    name = name if name.startswith("e") else name.lower()
    return f"{number:,} {name}{'' if number == 1 else 's'}"
