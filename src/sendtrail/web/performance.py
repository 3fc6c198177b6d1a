"""How campaigns perform: on a campaign's page, several side by side, and the people who responded as CSV."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.services.engaged_people import engaged_people
from sendtrail.services.exports import contents
from sendtrail.services.performance import MOST_COMPARED, Figures, Part, Performance, Segment, compare, performance
from sendtrail.web.charts import Chart, responses, since_delivery
from sendtrail.web.queries import values_of
from sendtrail.web.rendering import HEADERS, page, sentence, today
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of
from sendtrail.web.wording import spelled

SEGMENTS: Mapping[str, str] = {
    "kind": "Kind",
    "mailing_class": "Mailing class",
    "tag": "Tag",
    "device": "Device",
    "region": "State or province",
}
"""What each segment is called, in the order of the page; one that has a single part says nothing."""
_NOT_GIVEN = {"tag": "No tag", "device": "Not recognised"}


class ShownPart(NamedTuple):
    """A part of a segment; `width`: of its bar, of 1,000."""

    name: str
    engaged: int
    pieces: int | None
    width: float


class ShownSegment(NamedTuple):
    title: str
    parts: list[ShownPart]
    counted: bool
    """Whether it is told of how many pieces they are."""


class Shown(NamedTuple):
    """A campaign's performance as its page has it."""

    told: Performance
    since: Chart
    days: Chart | None
    segments: list[ShownSegment]


async def shown(request: WebRequest, visitor: Visitor, campaign_id: str) -> Shown:
    """How a campaign performs, with its charts. NotFound where the visitor has none of that id."""
    told = await performance(context_of(request), visitor.scope, campaign_id)
    return Shown(
        told,
        since_delivery(told.since_delivery, told.engaged_pieces),
        responses(told.days, told.step) if told.days is not None else None,
        [_segment(each) for by in SEGMENTS for each in told.segments if each.by == by and len(each.data) > 1],
    )


def _segment(segment: Segment) -> ShownSegment:
    counted = all(part.pieces is not None for part in segment.data)
    weights = [part.engaged / (part.pieces or 1) if counted else part.engaged for part in segment.data]
    most = max(weights, default=0) or 1
    parts = [
        ShownPart(_name(segment.by, part), part.engaged, part.pieces, 1000 * weight / most)
        for part, weight in zip(segment.data, weights, strict=True)
    ]
    return ShownSegment(SEGMENTS[segment.by], parts, counted)


def _name(by: str, part: Part) -> str:
    if part.value is None:
        return f"{part.values:,} others"
    if not part.value:
        return _NOT_GIVEN.get(by, "None given")
    return part.value if by in ("tag", "region") else spelled(part.value)


class Column(NamedTuple):
    """A figure by which campaigns are compared; `better`: which of two values is the better one."""

    value: Callable[[Figures], float | None]
    better: Callable[[Sequence[float]], float] = max


COLUMNS: Mapping[str, Column] = {
    "delivered": Column(lambda of: of.delivered / of.pieces if of.pieces else None),
    "rate": Column(lambda of: of.engaged / of.pieces if of.pieces else None),
    "goals": Column(lambda of: of.with_goal / of.pieces if of.pieces else None),
    "cost_per_response": Column(lambda of: of.cost_per_response, min),
    "value": Column(lambda of: of.return_on_cost),
}
"""Of these the best is marked, always in proportion to what was sent: a large campaign is none the better for it."""


def best(figures: Sequence[Figures]) -> dict[str, set[str]]:
    """By column the campaigns that are better than some other one, and not worse than any."""
    found: dict[str, set[str]] = {}
    for name, column in COLUMNS.items():
        values = {each.id: value for each in figures if (value := column.value(each)) is not None}
        if len(set(values.values())) > 1:
            top = column.better(list(values.values()))
            found[name] = {number for number, value in values.items() if value == top}
    return found


@get("/campaigns/compare", needs=Permission.CAMPAIGNS_READ, takes=("campaign",), repeats=("campaign",))
async def show_compare(request: WebRequest, visitor: Here) -> Response[str]:
    """Two to six campaigns side by side."""
    chosen, error, figures = list(dict.fromkeys(values_of(request, "campaign"))), "", []
    try:
        figures = await compare(context_of(request), visitor.scope, chosen)
    except Invalid as problem:
        error = sentence(problem)
        if len(chosen) > MOST_COMPARED:
            error = f"Choose {MOST_COMPARED} campaigns at most; these are {len(chosen)}."
    return page(
        request,
        "campaigns_compare.html",
        visitor,
        status=400 if error else 200,
        error=error,
        figures=figures,
        best=best(figures),
        most=MOST_COMPARED,
    )


@get("/campaigns/{campaign_id:str}/engaged.csv", needs=Permission.SENDS_READ)
async def download_engaged(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Stream:
    """The people who responded, as CSV for a spreadsheet."""
    file = await engaged_people(context_of(request), visitor.scope, campaign_id)
    return Stream(
        contents(file.parts),
        media_type="text/csv",
        headers=HEADERS
        | {
            "Content-Disposition": f'attachment; filename="engaged-{today(visitor)}.csv"',
            "Sendtrail-Sends": str(file.sends),
        },
    )
