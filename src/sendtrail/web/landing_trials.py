"""The links of a campaign, tried out from its page."""

from dataclasses import dataclass

from litestar import Response, post
from litestar.params import FromPath

from sendtrail.domain.landing import variables
from sendtrail.domain.roles import Permission
from sendtrail.services import campaign_changes, landing_trials
from sendtrail.services.campaigns import CampaignDetail
from sendtrail.services.landings import LinkPlan
from sendtrail.web.forms import see
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@dataclass(frozen=True, slots=True)
class Trying:
    """Whether a campaign's links are being tried out, and how many visits and goals that brought. `carries_code`: they
    tell the site who came, so that it can tell goals."""

    on: bool
    n: int
    carries_code: bool


async def trying(request: WebRequest, visitor: Visitor, campaign: CampaignDetail) -> Trying | None:
    """What a campaign's page says of trials; None where it has no links or was deleted, and for who may not
    change it."""
    context = context_of(request)
    if not campaign.link or campaign.deleted_at or not campaign_changes.may_change(context, visitor.scope, campaign):
        return None
    n = await landing_trials.tally(context, visitor.scope, campaign.id)
    return Trying(campaign.link.testing, n, "code" in variables(campaign.link.url))


@post("/campaigns/{campaign_id:str}/trial", needs=Permission.CAMPAIGNS_WRITE)
async def try_out(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Begin to try out its links, or end that."""
    fields = await read_form(request, visitor)
    begin = fields.get("testing") == "yes"
    plan = LinkPlan(testing=begin)
    await campaign_changes.change(context_of(request), visitor.scope, campaign_id, link=plan)
    return see(f"/campaigns/{campaign_id}?done={'trying' if begin else 'tried'}#trial")


@post("/campaigns/{campaign_id:str}/responses/reset", needs=Permission.CAMPAIGNS_WRITE)
async def reset(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Take back its trials; in test mode all visits and goals."""
    await read_form(request, visitor)
    await landing_trials.forget(context_of(request), visitor.scope, campaign_id)
    return see(f"/campaigns/{campaign_id}?done=forgotten#trial")
