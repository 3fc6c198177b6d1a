"""How campaigns perform: one, several side by side, and the people who responded."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from sendtrail.api.campaigns import CampaignId
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import performance
from sendtrail.services.engaged_people import COLUMNS, engaged_people
from sendtrail.services.exports import contents
from sendtrail.services.performance import MOST_COMPARED, Figures, Performance

_FILE = (
    f"A header, then a line for each piece that was responded to: {', '.join(COLUMNS)}. UTF-8, lines end in CRLF, times"
    " are UTC, `value` in whole units of `currency`. A text that a spreadsheet would run as a formula has an apostrophe"
    " in front. The header `Sendtrail-Sends` tells how many pieces there are."
)


@get(
    "/campaigns/{campaign_id:str}/performance",
    tags=["campaigns"],
    responses=refusals(400, 401, 403, 404),
    needs=Permission.CAMPAIGNS_READ,
)
async def campaign_performance(context: Here, caller: Caller, campaign_id: CampaignId) -> Performance:
    """How a campaign's recipients responded: who, how soon, from where, and what a response cost."""
    return await performance.performance(context, caller, campaign_id)


@get(
    "/reports/performance",
    tags=["reports"],
    responses=refusals(400, 401, 403),
    needs=Permission.REPORTS_READ,
)
async def compared_performance(
    context: Here,
    caller: Caller,
    campaign: Annotated[
        tuple[str, ...],
        QueryParameter(description=f"Campaigns' ids: give it once for each, at most {MOST_COMPARED} times."),
    ] = (),
) -> Page[Figures]:
    """Campaigns side by side, in the order in which they are named."""
    return Page(await performance.compare(context, caller, campaign), None)


@get(
    "/campaigns/{campaign_id:str}/engaged.csv",
    tags=["campaigns"],
    responses={
        200: ResponseSpec(str, generate_examples=False, media_type="text/csv", description=_FILE),
        **refusals(400, 401, 403, 404),
    },
    needs=Permission.SENDS_READ,
)
async def engaged_csv(
    context: Here,
    caller: Caller,
    campaign_id: CampaignId,
    spreadsheet: Annotated[
        bool,
        QueryParameter(
            description="Begin with a byte order mark, and put an apostrophe before texts that a spreadsheet would take"
            " for numbers: the file that the pages give."
        ),
    ] = False,
) -> Stream:
    """The people who responded to a campaign as CSV, those that came first at the top.

    A connection that breaks off before its end means that the file is not whole.
    """
    file = await engaged_people(context, caller, campaign_id, spreadsheet=spreadsheet)
    return Stream(
        contents(file.parts),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="engaged-{datetime.now(UTC).date()}.csv"',
            "Sendtrail-Sends": str(file.sends),
        },
    )
