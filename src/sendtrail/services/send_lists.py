"""Lists of sends by what people filter them by."""

from dataclasses import dataclass
from datetime import date

from sendtrail.domain.events import CODES, EVENT_TYPES, ID_BY_CODE, Kind
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import MEANINGS
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.views import View
from sendtrail.store.sends import Filter


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows, in words; None or empty: all.

    `status`: an event's code; `category`: one of the eight that a report counts. `campaign`: an id or a name; `start`
    and `end`: inclusive.
    """

    after: str | None = None
    q: str = ""
    status: str | None = None
    category: str | None = None
    kind: str | None = None
    campaign: str | None = None
    sector: str = "all"
    start: date | None = None
    end: date | None = None


async def list_sends(context: Context, scope: Scope, wanted: Wanted, limit: int) -> tuple[list[View], str | None]:
    """Sends, newest first, and the cursor of the next page. Invalid names the filter that cannot be taken."""
    if wanted.start and wanted.end and wanted.start > wanted.end:
        raise Invalid(f"start must not lie after end, which is {wanted.end}", "start")
    return await sends.page(context, scope, await _filter(context, scope, wanted), limit)


async def _filter(context: Context, scope: Scope, wanted: Wanted) -> Filter:
    return Filter(
        before=_cursor(context, wanted.after),
        start=wanted.start,
        end=wanted.end,
        kind=_kind(wanted.kind),
        campaign_id=await _campaign(context, scope, wanted.campaign),
        codes=_codes(wanted.status) or _codes_in(wanted.category),
        sector=None if wanted.sector == "all" else wanted.sector,
        q=wanted.q,
        q_send_id=_number(context, wanted.q),
    )


def _cursor(context: Context, after: str | None) -> int | None:
    if after is None:
        return None
    number = _number(context, after)
    if number is None:
        raise Invalid("after must be a cursor that a list answered as next", "after")
    return number


def _number(context: Context, text: str) -> int | None:
    try:
        return sends.send_number(context, text.strip())
    except NotFound:
        return None


def _kind(word: str | None) -> Kind | None:
    if word is None:
        return None
    if word.upper() not in Kind.__members__:
        raise Invalid(f"kind must be one of {', '.join(kind.word for kind in Kind)}", "kind")
    return Kind[word.upper()]


def _codes(word: str | None) -> tuple[int, ...] | None:
    if word is None:
        return None
    if word not in ID_BY_CODE:
        raise Invalid(f"status must be one of {', '.join(CODES)}", "status")
    return (ID_BY_CODE[word],)


def _codes_in(category: str | None) -> tuple[int, ...] | None:
    if category is None:
        return None
    if category not in MEANINGS:
        raise Invalid(f"category must be one of {', '.join(MEANINGS)}", "category")
    return tuple({each.id for each in EVENT_TYPES if (each.stannp or "received") == category})


async def _campaign(context: Context, scope: Scope, text: str | None) -> int | None:
    if text is None:
        return None
    number = await sends.campaign_number(context, scope, text)
    if number is None:
        raise Invalid(f"campaign {text[:60]!a} does not exist", "campaign")
    return number
