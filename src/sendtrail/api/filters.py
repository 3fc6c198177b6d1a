"""The parameters by which lists of sends are narrowed: the same for the list, its counts and its CSV."""

from datetime import date
from typing import Annotated, Literal

from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter, SkipValidation

from sendtrail.domain.send import KindWord
from sendtrail.services.reports import Sector
from sendtrail.services.tracker import Wanted

Sort = Literal["-day", "day", "-updated", "updated", "recipient", "-recipient", "-cost", "cost", "-created", "created"]
Start = Annotated[date | None, QueryParameter(description="The first day.")]
End = Annotated[date | None, QueryParameter(description="The last day.")]
_Text = str | None


def _wanted(
    q: Annotated[
        str,
        QueryParameter(
            description="Beginnings of words of the recipient's name, company or e-mail address, all of which it must"
            " have; or a whole id, tracking number or Intelligent Mail barcode."
        ),
    ] = "",
    status: Annotated[
        _Text, QueryParameter(description="A status code, such as `delivered`, or several with commas between.")
    ] = None,
    kind: FromQuery[KindWord | None] = None,
    campaign: Annotated[_Text, QueryParameter(description="A campaign's id or name.")] = None,
    sector: FromQuery[Sector] = "all",
    recipient: Annotated[_Text, QueryParameter(description="Beginnings of words of the recipient.")] = None,
    sender: Annotated[
        _Text, QueryParameter(description="A member's id or e-mail address, or `sender` as it was given.")
    ] = None,
    team: Annotated[_Text, QueryParameter(description="A team's id or name.")] = None,
    supplier: Annotated[_Text, QueryParameter(description="Such as `Amazon`.")] = None,
    tag: Annotated[_Text, QueryParameter(description="One of the send's tags; capitals do not count.")] = None,
    mailing_class: Annotated[_Text, QueryParameter(description="Such as `first_class`.")] = None,
    start: Start = None,
    end: End = None,
    sort: Annotated[
        Sort,
        QueryParameter(
            description="With `-` from the greatest down. Lists of more than 25,000 sends are sorted by `day` only."
        ),
    ] = "-day",
) -> Wanted:
    return Wanted(
        q=q,
        status=status,
        kind=kind,
        campaign=campaign,
        sector=sector,
        recipient=recipient,
        sender=sender,
        team=team,
        supplier=supplier,
        tag=tag,
        mailing_class=mailing_class,
        start=start,
        end=end,
        sort=sort,
    )


FILTERS = {"wanted": Provide(_wanted, sync_to_thread=False)}
"""Dependencies of a handler that lists sends: it takes `wanted`."""
Filtered = NamedDependency[SkipValidation[Wanted]]
