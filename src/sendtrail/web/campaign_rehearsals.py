"""The journeys of a test campaign's sends, rehearsed from its page."""

from dataclasses import dataclass

from litestar import Response, post
from litestar.params import FromPath

from sendtrail.domain.roles import Permission
from sendtrail.services import campaign_rehearsals
from sendtrail.services.campaign_rehearsals import MOST
from sendtrail.services.campaigns import CampaignDetail
from sendtrail.web.forms import see
from sendtrail.web.rehearsals import PACES
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

CHOICES: dict[str, list[tuple[str, str]]] = {
    "pace": [(pace, f"{name}: {about}") for pace, (name, about) in PACES.items()],
    "problem": [
        ("none", "Nothing: they arrive"),
        ("late", "They arrive late"),
        ("rerouted", "Recipients have moved"),
        ("returned", "They come back"),
        ("no_scans", "Nobody scans them"),
    ],
}
"""What the form offers: values and what they are called."""


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """How many of a campaign's sends have a rehearsal, how many are being played, and how many can begin at once."""

    n: int
    playing: int
    most: int = MOST


async def rehearsing(request: WebRequest, visitor: Visitor, campaign: CampaignDetail) -> Rehearsing | None:
    """What a test campaign's page says of rehearsals; None for a live one and for one without sends."""
    if campaign.live or not campaign.total:
        return None
    return Rehearsing(*await campaign_rehearsals.tally(context_of(request), visitor.scope, campaign.id))


@post("/campaigns/{campaign_id:str}/rehearsal", needs=Permission.SENDS_WRITE)
async def begin(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Begin to rehearse its newest sends."""
    fields = await read_form(request, visitor)
    pace, problem = fields.get("pace", "seconds"), fields.get("problem", "none")
    begun = await campaign_rehearsals.begin_all(context_of(request), visitor.scope, campaign_id, pace, problem)
    return see(f"/campaigns/{campaign_id}?done={'rehearsed' if begun else 'nothing'}")


@post("/campaigns/{campaign_id:str}/rehearsal/reset", needs=Permission.SENDS_WRITE)
async def reset(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Take back what was rehearsed with its sends."""
    await read_form(request, visitor)
    await campaign_rehearsals.reset_all(context_of(request), visitor.scope, campaign_id)
    return see(f"/campaigns/{campaign_id}?done=reset")
